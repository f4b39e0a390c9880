"""The picture shows what was sung: pitch where it is, gaps where nothing is, the key where it changes."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.figure import Figure

from svcfx.audio import Audio
from svcfx.chain.scales import note_name
from svcfx.errors import OutputError
from svcfx.lanes import Lane
from svcfx.report import Subject, Sung, draw, sung
from svcfx.report.picture import broken, changes, compose

RATE = 16_000


def tone(hertz: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(0.2 / k * np.sin(2 * np.pi * k * hertz * time) for k in range(1, 9)).astype(np.float32)


@pytest.fixture(scope="module")
def subject() -> Subject:
    seconds = np.arange(0.0, 10.0, 0.01)
    notes = np.where(seconds < 8.0, 60.0, np.nan)
    key = Lane(((0.0, 0.0), (4.0, 2.0)), "smooth", 10.0)
    moved = Sung(seconds, notes + key.at(seconds))
    bars = tuple((number, 2.0 * (number - 1)) for number in range(1, 6))
    return Subject("A song", "vela", Sung(seconds, notes), moved, key, 10.0, bars, ((4.0, "chorus"),))


def test_a_tone_is_drawn_at_its_pitch_and_silence_is_not_drawn() -> None:
    silence = np.zeros(RATE, np.float32)
    found = sung(Audio(np.concatenate([tone(220.0, 1.0), silence])[None], RATE), start_seconds=3.0)
    inside = (found.seconds > 3.1) & (found.seconds < 3.9)
    assert np.nanmax(np.abs(found.notes[inside] - 57.0)) < 0.1
    assert np.isnan(found.notes[found.seconds > 4.1]).all()
    assert found.seconds[0] == 3.0


def test_a_tail_far_below_the_voice_is_no_note() -> None:
    found = sung(Audio(np.concatenate([tone(220.0, 1.0), tone(330.0, 1.0) * 1e-3])[None], RATE))
    assert np.isnan(found.notes[found.seconds > 1.1]).all()


def test_both_lines_and_the_key_are_drawn_where_they_are(subject: Subject) -> None:
    pitch, key = compose(Figure(), subject)
    lines = {line.get_label(): line for line in pitch.get_lines()}
    after = np.asarray(lines["converted"].get_xdata()) > 5.0
    sung_there = np.asarray(lines["converted"].get_ydata())[after]
    assert np.nanmedian(sung_there) == pytest.approx(62.0)
    assert np.nanmedian(np.asarray(lines["source"].get_ydata())) == pytest.approx(60.0)
    low, high = pitch.get_ylim()
    assert low < 60.0 < 62.0 < high
    assert [label.get_text() for label in key.get_yticklabels()] == ["0 st", "+2 st"]
    assert changes(subject) == ((4.0, 2.0),)


def test_what_is_unvoiced_stays_a_gap_and_a_leap_is_not_joined() -> None:
    line = Sung(np.arange(6) * 0.01, np.array([60.0, 60.1, 67.0, np.nan, 67.0, 67.2]))
    seconds, notes = broken(line)
    assert np.flatnonzero(np.isnan(notes)).tolist() == [2, 4]
    assert np.isnan(seconds[2])


@pytest.mark.parametrize(("number", "name"), [(60, "C4"), (57, "A3"), (54, "F#3"), (59, "B3")])
def test_notes_have_their_usual_names(number: int, name: str) -> None:
    assert note_name(number) == name


def test_the_same_subject_is_the_same_file(subject: Subject, tmp_path: Path) -> None:
    draw(subject, tmp_path / "a.png")
    draw(subject, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").stat().st_size < 400_000


def test_a_stem_that_is_silent_has_a_picture(tmp_path: Path) -> None:
    nothing = sung(Audio(np.zeros((1, RATE), np.float32), RATE))
    draw(Subject("Silence", "", nothing, nothing, Lane.constant(0.0), 1.0), tmp_path / "silent.png")
    pixels = image.imread(tmp_path / "silent.png")
    assert min(pixels.shape[:2]) > 200
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 2


def test_a_picture_that_cannot_be_written_is_said(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError):
        draw(subject, tmp_path / "file" / "demo.png")
