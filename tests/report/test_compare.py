"""Comparing two recordings is physics: what was moved, turned down or filtered shows by how much."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.report import compare, compare_picture

RATE = 44_100


def tone(hz, seconds=3.0, level=0.2):
    when = np.arange(round(seconds * RATE)) / RATE
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * when)
    return (level * swell * sum(np.sin(2 * np.pi * hz * k * when) / k for k in range(1, 11)))[None].astype(
        np.float32
    )


def test_a_recording_agrees_with_itself_in_all():
    found = compare.of(tone(220.0), tone(220.0), RATE)
    assert (found.offset_samples, found.agreement) == (0, pytest.approx(1.0))
    assert found.first.levels == found.second.levels
    assert (found.pitch.moved_cents, found.pitch.ffe) == (0.0, 0.0)
    assert found.null.residual_dbfs < -120


def test_later_and_6_db_down_shows_both():
    sound = tone(220.0)
    moved = 0.5 * np.pad(sound, ((0, 0), (4000, 0)))
    found = compare.of(sound, moved.astype(np.float32), RATE)
    assert found.offset_samples == 4000
    assert found.second.levels.lufs - found.first.levels.lufs == pytest.approx(-6.02, abs=0.02)
    apart = [
        found.second.octaves_dbfs[hz] - level for hz, level in found.first.octaves_dbfs.items() if level > -80
    ]
    assert apart == pytest.approx([-6.02] * len(apart), abs=0.02)
    assert len(apart) >= 4


@pytest.mark.parametrize("semitones", [-5, 3])
def test_another_pitch_shows_its_semitones_and_no_error(semitones):
    found = compare.of(tone(220.0), tone(220.0 * 2 ** (semitones / 12)), RATE)
    assert found.null is None  # strangers, as waves
    assert found.offset_samples == 0
    assert found.pitch.moved_cents == pytest.approx(100 * semitones, abs=8)
    assert found.pitch.error_cents < 8
    assert found.pitch.gpe == 0.0


def test_a_file_in_mono_at_another_rate_is_brought_to_the_first(tmp_path):
    sound = tone(220.0)
    audio.write(tmp_path / "a.wav", np.repeat(sound, 2, axis=0), RATE)
    when = np.arange(3 * 22_050) / 22_050
    audio.write(tmp_path / "b.wav", (0.2 * np.sin(2 * np.pi * 220 * when))[None].astype(np.float32), 22_050)
    found = compare.of_files(tmp_path / "a.wav", tmp_path / "b.wav")
    assert found.sample_rate == RATE
    assert found.pitch.moved_cents == pytest.approx(0, abs=5)
    audio.write(tmp_path / "silent.wav", np.zeros((1, RATE), np.float32), RATE)
    with pytest.raises(InputError, match="is silent"):
        compare.of_files(tmp_path / "a.wav", tmp_path / "silent.wav")


def test_the_picture_draws_both_whatever_their_names(tmp_path):
    from matplotlib.figure import Figure

    found = compare.of(tone(220.0), tone(330.0), RATE)
    pitch, level, spectrum = compare_picture.compose(Figure(), found, ("a$_x", "b"))
    low, high = pitch.get_ylim()
    assert low < 57 < 64 < high
    for axes in (pitch, level, spectrum):
        assert [line.get_label() for line in axes.lines] == ["A", "B"]
    peak = spectrum.lines[0].get_xdata()[np.argmax(spectrum.lines[0].get_ydata())]
    assert peak == pytest.approx(220, abs=6)
    compare_picture.draw(found, ("$\\frac{", "<b>" * 40), tmp_path / "both.png")
    assert (tmp_path / "both.png").read_bytes()[:4] == b"\x89PNG"
