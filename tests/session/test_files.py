"""convert_files and batch from Python: one voice for all files, one answer for each."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.chain.parametric import network
from svcfx.errors import InputError, OutputExistsError, VoiceError
from svcfx.render.keys import Unkeyable
from svcfx.session.files import batch, convert_files
from svcfx.session.isolate import Destination

RATE = 16_000


@pytest.fixture
def takes(tmp_path):
    """Three short vocals."""
    wave = (0.1 * np.sin(np.arange(RATE // 2) * 0.09)).astype(np.float32)[None]
    for number in (1, 2, 3):
        audio.write(tmp_path / "takes" / f"{number}.wav", wave, RATE)
    return tmp_path / "takes"


def test_the_weights_are_read_once_for_all_files_and_runs(takes, tmp_path, synthetic_voice, monkeypatch):
    convert_files([takes], voice=synthetic_voice, output=Destination(tmp_path / "one"))
    monkeypatch.setattr(network, "load", lambda _path: pytest.fail("read again"))
    results = convert_files([takes], voice=synthetic_voice, output=Destination(tmp_path / "two"))
    assert [file.status for file in results.files] == ["done"] * 3
    assert all(file.audio_seconds == 0.5 and file.work_seconds > 0 for file in results.files)


@pytest.mark.bytes
def test_a_file_is_the_same_whatever_was_converted_before_it(takes, tmp_path, synthetic_voice):
    alone = convert_files(
        [takes / "3.wav"], voice=synthetic_voice, output=Destination(tmp_path / "alone.wav")
    )
    among = convert_files([takes], voice=synthetic_voice, output=Destination(tmp_path / "among"))
    assert alone.files[0].target.read_bytes() == among.files[2].target.read_bytes()


def test_a_reverb_does_not_ring_into_the_next_file(takes, tmp_path):
    preset = tmp_path / "wet.toml"
    preset.write_text('svcfx_preset = 1\nname = "wet"\n[[nodes]]\nnode = "Reverb"\nroom_size = 0.9\n')
    among = batch([takes], preset, output=Destination(tmp_path / "among", template="{stem}"))
    alone = batch([takes / "3.wav"], preset, output=Destination(tmp_path / "alone.wav"))
    assert alone.files[0].target.read_bytes() == among.files[2].target.read_bytes()


def test_a_tail_lets_the_reverb_ring_out(takes, tmp_path):
    preset = tmp_path / "wet.toml"
    preset.write_text('svcfx_preset = 1\nname = "wet"\n[[nodes]]\nnode = "Reverb"\nroom_size = 0.9\n')
    plain = batch([takes / "1.wav"], preset, output=Destination(tmp_path / "a.wav"))
    long = batch([takes / "1.wav"], preset, output=Destination(tmp_path / "b.wav", tail_seconds=1.0))
    short, ringing = (audio.read(done.files[0].target).samples for done in (plain, long))
    np.testing.assert_array_equal(ringing[:, : short.shape[1]], short)
    tail = ringing[:, short.shape[1] :]
    assert tail.shape[1] == RATE
    assert np.abs(tail[:, : RATE // 10]).max() > 1e-3


@pytest.mark.parametrize("tail", [-1.0, 61.0, float("nan")])
def test_a_tail_out_of_range_is_refused(tail):
    with pytest.raises(InputError, match="outside 0 to 60 s"):
        Destination(tail_seconds=tail)


def test_what_concerns_all_files_is_raised_before_any_is_touched(takes, tmp_path, synthetic_voice):
    out = tmp_path / "out"
    with pytest.raises(VoiceError):
        convert_files([takes], voice="nobody", output=Destination(out))
    with pytest.raises(InputError, match="no file was given"):
        convert_files([], voice=synthetic_voice, output=Destination(out))
    convert_files([takes / "3.wav"], voice=synthetic_voice, output=Destination(out))
    with pytest.raises(OutputExistsError):
        convert_files([takes], voice=synthetic_voice, output=Destination(out), options={"mix": 0.5})
    assert len(list(out.iterdir())) == 2  # the third take and its recipe alone


def test_a_node_that_has_no_key_is_the_same_when_its_settings_are(takes, tmp_path, monkeypatch):
    monkeypatch.setattr("svcfx.render.specs.is_dear", lambda _node: False)
    monkeypatch.setattr("svcfx.render.specs._itself", _refuse)
    preset = tmp_path / "quiet.toml"
    preset.write_text('svcfx_preset = 1\nname = "quiet"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')

    def run(**settings):
        return [
            file.status
            for file in batch([takes], preset, output=Destination(tmp_path), settings=settings).files
        ]

    assert run() == ["done"] * 3
    assert run() == ["skipped"] * 3
    with pytest.raises(OutputExistsError):
        run(**{"gain.gain_db": "-3"})


def _refuse(_node, _repeats):
    raise Unkeyable("a plug-in")


@pytest.mark.parametrize("what", ["changed", "went away"])
def test_a_file_that_changes_or_goes_while_it_is_rendered_fails_by_itself(takes, tmp_path, monkeypatch, what):
    real = audio.read

    def read(path):
        found = real(path)
        if path.name == "2.wav" and what == "changed":
            audio.write(path, np.tile(found.samples, 2), found.sample_rate)
        elif path.name == "2.wav":
            path.unlink()
        return found

    monkeypatch.setattr("svcfx.session.isolate.audio.read", read)
    output = Destination(tmp_path / "out")
    done = convert_files([takes], voice="vela", output=output, options={"mix": 0.0})
    assert [file.status for file in done.files] == ["done", "failed", "done"]
    assert f"2.wav' {what} while it was rendered" in done.files[1].error.message
    assert len(list(output.path.iterdir())) == 4
