"""Before a long run the most sung seconds of each file are rendered, and nothing of the run is changed."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import OutputExistsError
from svcfx.session import excerpt
from svcfx.session.files import batch
from svcfx.session.isolate import Destination
from svcfx.session.previews import Previews

RATE = 8_000
HALF = 'svcfx_preset = 1\nname = "half"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'


@pytest.fixture
def take(tmp_path):
    """Ten seconds, sung from 6 s to 8 s."""
    samples = np.zeros((1, 10 * RATE), np.float32)
    samples[:, 6 * RATE : 8 * RATE] = np.random.default_rng(0).uniform(-0.5, 0.5, 2 * RATE)
    audio.write(tmp_path / "takes" / "song.wav", samples, RATE, encoding="float")
    (tmp_path / "half.toml").write_text(HALF)
    return tmp_path / "takes" / "song.wav"


def run(folder, told, **more):
    output = Destination(folder / "out", encoding="float")
    previews = Previews(2.0, told)
    return batch([folder / "takes"], folder / "half.toml", output=output, previews=previews, **more)


def test_the_most_sung_seconds_of_a_file_are_found(take):
    assert excerpt.of_file(take, 2.0) == pytest.approx((6.0, 8.0))
    assert excerpt.of_file(take, 60.0)[0] == 0.0


def test_a_preview_is_what_the_run_makes_of_those_seconds_and_comes_first(take, tmp_path):
    seen = []
    run(tmp_path, lambda file: seen.append((file.target, (tmp_path / "out" / "song.wav").exists())))
    preview = tmp_path / "out" / "previews" / "song.wav"
    assert seen == [(preview, False)]
    whole = audio.read(tmp_path / "out" / "song.wav").samples
    np.testing.assert_array_equal(audio.read(preview).samples, whole[:, 6 * RATE : 8 * RATE])


def test_what_is_there_already_has_no_preview(take, tmp_path):
    seen = []
    run(tmp_path, seen.append)
    run(tmp_path, seen.append)
    assert len(seen) == 1


def test_a_broken_file_is_left_to_the_run(take, tmp_path):
    (tmp_path / "takes" / "broken.wav").write_bytes(b"RIFF")
    seen = []
    done = run(tmp_path, seen.append)
    assert [file.label for file in seen] == ["song.wav"]
    assert [file.label for file in done.of("failed")] == ["broken.wav"]


def test_a_run_that_is_refused_has_no_preview(take, tmp_path):
    audio.write(tmp_path / "out" / "song.wav", np.full((1, 9), 0.1, np.float32), RATE)
    seen = []
    with pytest.raises(OutputExistsError):
        run(tmp_path, seen.append)
    assert not seen
