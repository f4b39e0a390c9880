"""Datasets: what is in them, what is set aside, and that they are the same however they were made."""

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from training.prepare.sung import RATE, melody, with_noise, write

from svcfx import audio
from svcfx.errors import InputError, MissingPartError, OutputError, OutputExistsError
from svcfx.training import index, items
from svcfx.training.prepare import records
from svcfx.training.prepare.alteration import Choices
from svcfx.training.prepare.dataset import prepare
from svcfx.training.prepare.settings import Settings

SMALL = Settings(content_encoder="vec256l9")
pytestmark = pytest.mark.usefixtures("small_encoder")


@pytest.fixture
def takes(tmp_path):
    """Three takes of two singers."""
    top = tmp_path / "takes"
    write(top / "mei/one.wav", melody(9.0, seed=1))
    write(top / "mei/two.wav", melody(6.0, seed=2))
    write(top / "tom/song.flac", melody(7.0, seed=3))
    return top


@pytest.fixture
def short_takes(tmp_path):
    """As `takes`, as short as is kept, for what processes have to make."""
    top = tmp_path / "takes"
    write(top / "mei/one.wav", melody(3.0, seed=1))
    write(top / "tom/song.flac", melody(3.0, seed=3))
    return top


def _bytes_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _reasons(told) -> dict[str, str]:
    return {row.label: row.reason for row in told.set_aside}


def test_a_dataset_holds_what_was_sung(takes, tmp_path):
    told = prepare(takes, tmp_path / "out", Settings(content_encoder="vec256l9", consent="Mei, Tom"))
    made = index.read(tmp_path / "out")
    assert (made.singers, made.content_encoder, made.pitch, made.consent) == (
        ("mei", "tom"), "vec256l9", "swift", "Mei, Tom",
    )  # fmt: skip
    assert [entry.file for entry in made.entries] == [piece.file for piece in told.pieces]
    assert records.read(tmp_path / "out") == told
    assert {path for path in _bytes_of(tmp_path / "out") if path.startswith("items/")} == {
        entry.file for entry in made.entries
    }
    for entry in made.entries:
        item = items.read(tmp_path / "out" / entry.file)
        seconds = item.frames * 512 / RATE
        assert (item.singer, item.frames, len(item.audio)) == (entry.singer, entry.frames, 512 * entry.frames)
        assert item.spectrogram.shape == (1025, entry.frames)
        assert item.content.shape[0] == 256
        assert item.content.shape[1] == pytest.approx(50 * seconds, abs=2)
        assert item.volume == pytest.approx(
            np.sqrt(np.square(item.audio).reshape(-1, 512).mean(1)), rel=0.5, abs=0.05
        )
        assert 150 < np.median(item.f0_hz[item.voiced > 0]) < 340
        source = audio.read(takes / next(p.source for p in told.pieces if p.file == entry.file)).samples[0]
        start = round(RATE * next(p.start_seconds for p in told.pieces if p.file == entry.file))
        np.testing.assert_allclose(item.audio, source[start : start + len(item.audio)], atol=1e-4)


def test_each_singer_keeps_a_piece_to_validate_with_when_there_are_two(takes, tmp_path):
    made = prepare(takes, tmp_path / "out", SMALL)
    parts = {who: sorted(piece.part for piece in made.of(who)) for who in made.singers}
    assert parts == {"mei": ["train", "validation"], "tom": ["train"]}
    assert any("'tom' has one piece only" in line for line in made.cautions)


def test_what_cannot_be_used_is_set_aside_with_its_reason(takes, tmp_path):
    voice = melody(6.0, seed=8)
    write(takes / "mei/clipped.wav", np.clip(4 * voice, -0.2, 0.2))
    write(takes / "mei/noisy.wav", with_noise(voice, 5.0))
    write(takes / "mei/noise.wav", with_noise(0 * voice + 1e-3, -20.0))
    write(takes / "mei/silent.wav", 0 * voice)
    write(takes / "mei/dull.wav", voice[::6], 7350)
    write(takes / "tom/copy.mp3", 0.5 * melody(9.0, seed=1))
    audio.write(takes / "mei/opposed.wav", np.stack([voice, -voice]), RATE)
    (takes / "mei/text.wav").write_text("no sound")
    told = prepare(takes, tmp_path / "out", SMALL)
    assert _reasons(told) == {
        "mei/clipped.wav": "clipped", "mei/noisy.wav": "noisy", "mei/noise.wav": "noisy",
        "mei/silent.wav": "silent", "mei/dull.wav": "dull", "tom/copy.mp3": "copy",
        "mei/opposed.wav": "cancelled", "mei/text.wav": "unreadable",
    }  # fmt: skip
    assert "same sound as 'mei/one.wav'" in told.set_aside[-1].sentence
    assert index.read(tmp_path / "out").set_aside == tuple(row.line for row in told.set_aside)
    assert {piece.source for piece in told.pieces} == {"mei/one.wav", "mei/two.wav", "tom/song.flac"}


def test_rates_and_channels_may_differ_and_quiet_takes_are_made_louder(tmp_path):
    top = tmp_path / "ada"
    write(top / "a.wav", melody(5.0, seed=1, rate=48_000), 48_000)
    audio.write(top / "b.wav", np.stack([melody(5.0, seed=2)] * 2), RATE)
    write(top / "c.wav", 0.05 * melody(5.0, seed=3))
    told = prepare(top, tmp_path / "out", SMALL)
    said = " ".join(told.cautions)
    assert "2 at 44100 Hz, 1 at 48000 Hz" in said
    assert "one recording is not mono ('b.wav' first)" in said
    assert "one recording is quiet ('c.wav' by" in said
    levels = [piece.peak_dbfs for piece in told.pieces]
    assert max(levels) - min(levels) < 6.0


@pytest.mark.slow
@pytest.mark.bytes
def test_the_same_recordings_give_the_same_bytes_in_one_process_and_in_two(short_takes, tmp_path):
    choices = Settings(content_encoder="vec256l9", altered=Choices(("speed", "noise"), 1))
    prepare(short_takes, tmp_path / "one", choices, jobs=1)
    prepare(short_takes, tmp_path / "two", choices, jobs=2)
    assert _bytes_of(tmp_path / "one") == _bytes_of(tmp_path / "two")


@pytest.mark.slow
def test_altered_copies_are_recorded_and_never_validated_with(takes, tmp_path):
    altered = Choices(("speed", "pitch", "eq", "noise"), copies=2, seed=4, noise_snr_db=25.0)
    told = prepare(takes, tmp_path / "out", Settings(content_encoder="vec256l9", altered=altered))
    copies = [piece for piece in told.pieces if piece.altered]
    assert len(copies) == 2 * sum(piece.part == "train" and not piece.altered for piece in told.pieces)
    assert all(piece.part == "train" and piece.altered["noise_snr_db"] == 25.0 for piece in copies)
    frames = {entry.file: entry.frames for entry in index.read(tmp_path / "out").entries}
    for piece in copies:
        expected = piece.seconds / piece.altered["speed"] * RATE / 512
        assert frames[piece.file] == pytest.approx(expected, abs=1)


def test_an_update_makes_only_what_is_new_and_respects_what_a_person_changed(takes, tmp_path):
    out = tmp_path / "out"
    first = prepare(takes, out, SMALL)
    before = {piece.file: (out / piece.file).stat().st_mtime_ns for piece in first.pieces}
    with pytest.raises(OutputExistsError, match="holds a dataset already"):
        prepare(takes, out, SMALL)
    kept = index.read(out)
    removed = next(entry for entry in kept.entries if entry.singer == "mei")
    entries = tuple(entry for entry in kept.entries if entry != removed)
    index.write(
        index.DatasetIndex(**{**{n: getattr(kept, n) for n in kept.__slots__}, "entries": entries}), out
    )
    write(takes / "mei/three.wav", melody(5.0, seed=11))
    told = prepare(takes, out, SMALL, update=True)
    assert [row.reason for row in told.set_aside] == ["taken out"]
    assert not (out / removed.file).exists()
    after = {entry.file for entry in index.read(out).entries}
    assert len(after) == 3
    assert all((out / name).stat().st_mtime_ns == before[name] for name in after & set(before))


@pytest.mark.slow
def test_other_settings_make_other_items(takes, tmp_path):
    first = {piece.file for piece in prepare(takes, tmp_path / "out", SMALL).pieces}
    other = Settings(content_encoder="vec256l9", pitch="fcpe")
    second = {piece.file for piece in prepare(takes, tmp_path / "out", other, update=True).pieces}
    assert not first & second
    assert {path for path in _bytes_of(tmp_path / "out") if path.startswith("items/")} == second


def test_a_full_disk_stops_in_a_sentence_and_the_next_run_goes_on(takes, tmp_path, small_disk):
    write(takes / "mei/one.wav", melody(0.5, seed=1))
    with pytest.raises(OutputError, match="could not be written"):
        prepare(takes, small_disk / "out", SMALL)
    left = [path for path in (small_disk / "out").rglob("*") if path.is_file()]
    assert all(path.suffix in (".txt", ".npz") for path in left)
    assert not [path for path in left if path.name.startswith(".")]
    assert any(items.read(path) for path in left if path.suffix == ".npz")
    made = tmp_path / "out"
    shutil.copytree(small_disk / "out", made)
    kept = {path.name: path.stat().st_mtime_ns for path in made.rglob("*.npz")}
    told = prepare(takes, made, SMALL)
    again = {path.name: path.stat().st_mtime_ns for path in made.rglob("*.npz")}
    assert len(kept) == 1
    assert kept.items() <= again.items()
    assert len(told.pieces) == len(again) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"a.wav": 0 * melody(3.0)}, r"'a\.wav': there is nothing to hear"),
        ({"a.wav": with_noise(melody(4.0), 0.0), "b.wav": 0 * melody(1.0)}, "of 2 .* 1 noisy, 1 silent"),
    ],
)
def test_recordings_of_which_nothing_is_left_are_refused(tmp_path, content, words):
    for name, voice in content.items():
        write(tmp_path / "in" / name, voice)
    with pytest.raises(InputError, match=words):
        prepare(tmp_path / "in", tmp_path / "out", SMALL)


def test_other_files_are_never_written_among(takes, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.doc").write_text("dear")
    with pytest.raises(OutputExistsError, match="holds other files"):
        prepare(takes, tmp_path / "out", SMALL)
    with pytest.raises(OutputExistsError, match="is a file"):
        prepare(takes, tmp_path / "out/thesis.doc", SMALL)


def test_without_the_encoder_nothing_begins_and_a_dry_run_needs_none(takes, tmp_path, home):
    with pytest.raises(MissingPartError, match=r"ContentVec \(vec256l9\), which is not here yet") as caught:
        prepare(takes, tmp_path / "out", SMALL)
    assert "svcfx voices pull contentvec" in caught.value.hint
    told = prepare(takes, tmp_path / "out", SMALL, dry_run=True)
    assert len(told.pieces) == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(short_takes, tmp_path):
    out = tmp_path / "out"
    code = (
        "import sys\nfrom pathlib import Path\nfrom svcfx.training.prepare.dataset import prepare\n"
        "from svcfx.training.prepare.settings import Settings\n"
        "prepare(Path(sys.argv[1]), Path(sys.argv[2]), Settings(content_encoder='vec256l9'))"
    )
    running = subprocess.Popen([sys.executable, "-c", code, str(short_takes), str(out)])
    while running.poll() is None and not list(out.rglob("[!.]*.npz")):
        time.sleep(0.005)
    running.kill()
    running.wait()
    kept = {path: path.stat().st_mtime_ns for path in out.rglob("[!.]*.npz")}
    prepare(short_takes, out, SMALL, update=(out / "dataset.toml").exists())
    assert kept
    assert all(path.stat().st_mtime_ns == made for path, made in kept.items())
    prepare(short_takes, tmp_path / "whole", SMALL)
    assert _bytes_of(out) == _bytes_of(tmp_path / "whole")
