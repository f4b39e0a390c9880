"""The tour: as loud and as long as its file asks, and each thing that it shows does something."""

from pathlib import Path

import numpy as np
import pytest

from svcfx import audio, midi
from svcfx.audio import Samples
from svcfx.cli import demo as command
from svcfx.dsp import loudness
from svcfx.node import plugins
from svcfx.render.files import Files
from svcfx.report import sung
from svcfx.session import bounce, document
from svcfx.session.bounce import Bounced

RATE, RATIO = 44_100, 0.97
THIRD = "lead +3 diatonic"
ROOM_OFF = 'sends = [{ bus = "room", gain_db = -120.0 }]'


class Tour:
    """Renders of the tour, whole or with a line of its file changed, that share what was made already."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Files(folder / "kept")
        self.text = command.TOUR.read_text(encoding="utf-8")
        self.done = self._render(self.text, "whole")
        self.mix = audio.read(self.done.mix[0]).samples

    def _render(self, text: str, name: str) -> Bounced:
        song = document.parse(text, command.TOUR)
        return bounce.bounce(song, self.folder / name, store=self.store, on_exists="overwrite")

    def without(self, line: str, instead: str = "") -> Samples:
        """The mix with `instead` in place of the only `line`."""
        assert self.text.count(line) == 1
        return audio.read(self._render(self.text.replace(line, instead), "other").mix[0]).samples

    def stem(self, name: str) -> Samples:
        return audio.read(next(path for path in self.done.stems if path.stem == name)).samples


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    return Tour(tmp_path_factory.mktemp("tour"))


@pytest.fixture(scope="module")
def markers() -> dict[str, int]:
    """The first frame of each section, as it is played."""
    song = midi.read(command.TOUR.with_name("song.mid"))
    return {mark.text: round(song.tempo_map.seconds(mark.tick) / RATIO * RATE) for mark in song.markers}


def decibels(samples: Samples) -> float:
    return 10.0 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-15))


def moved(tour: Tour, other: Samples, start: int, end: int) -> float:
    """How far below the mix the difference of two renders lies between two frames, in dB (negative)."""
    mix = tour.mix[:, start:end]
    return decibels(mix - other[:, start:end]) - decibels(mix)


@pytest.mark.slow  # five voices over 54 seconds of song
def test_the_tour_is_as_long_and_as_loud_as_asked_and_does_not_clip(tour: Tour) -> None:
    asked = document.load(command.TOUR).session.master
    assert asked.target_lufs is not None
    assert asked.ceiling_dbtp is not None
    assert tour.mix.shape[1] / RATE == pytest.approx(50.687 / RATIO + asked.tail_seconds, abs=0.01)
    assert loudness.integrated_lufs(tour.mix, RATE) == pytest.approx(asked.target_lufs, abs=0.3)
    assert loudness.true_peak_dbtp(tour.mix, RATE) <= asked.ceiling_dbtp
    assert decibels(tour.mix[:, -RATE // 5 :]) < -80.0  # the room has rung out
    assert [note.text for note in tour.done.notes if note.is_warning] == []


@pytest.mark.slow
def test_harmony_and_doubles_lie_below_the_lead_and_the_third_comes_forward_in_the_chorus(
    tour: Tour, markers: dict[str, int]
) -> None:
    chorus = slice(markers["chorus"], markers["ending"])
    lead = decibels(tour.stem("lead")[:, chorus])
    below = {
        name: lead - decibels(tour.stem(name)[:, chorus])
        for name in (THIRD, "lead double 1", "lead double 2")
    }
    assert all(5.0 < gap < 20.0 for gap in below.values()), below
    verse = slice(markers["verse"], markers["chorus"] - RATE)
    gap = decibels(tour.stem("lead")[:, verse]) - decibels(tour.stem(THIRD)[:, verse])
    assert gap > below[THIRD] + 8.0


@pytest.mark.slow
def test_the_third_is_a_third_of_the_scale_above_the_lead(tour: Tour) -> None:
    lines = [sung(audio.Audio(tour.stem(name), RATE)).notes for name in ("lead", THIRD)]
    gaps = lines[1] - lines[0]
    gaps = np.round(gaps[np.isfinite(gaps)])
    assert np.mean((gaps == 3) | (gaps == 4)) > 0.8
    assert min(np.mean(gaps == 3), np.mean(gaps == 4)) > 0.1  # minor where the key has it so


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "instead", "section", "least"),
    [
        ('"lead +3 diatonic.gain_db" = -7.0', '"lead +3 diatonic.gain_db" = -120.0', "chorus", -15.0),
        ("doubles = {", "# {", "verse", -20.0),
        ('"voice.retune" = 0.7', '"voice.retune" = 0.0', "verse", -6.0),
        ('"voice.breath" = {', "# {", "verse", -26.0),
        ('"voice.tension" = {', "# {", "chorus", -26.0),
        ('"voice.vibrato_depth" = {', "# {", "chorus", -12.0),
        ('sends = [{ bus = "room", gain_db = -14.0 }]', ROOM_OFF, "verse", -26.0),
        ('"door.cutoff_frequency_hz" = {', "# {", "intro", -12.0),
        ("gain_db = -20.0", "gain_db = -120.0", "chorus", -35.0),
    ],
)
def test_what_the_file_shows_is_heard(
    tour: Tour, markers: dict[str, int], line: str, instead: str, section: str, least: float
) -> None:
    begins = sorted(markers.values())
    start = markers[section]
    end = next((at for at in begins if at > start), tour.mix.shape[1])
    assert moved(tour, tour.without(line, instead), start, end) > least


@pytest.mark.slow
def test_a_section_is_heard_from_its_marker_on_and_not_before(tour: Tour, markers: dict[str, int]) -> None:
    other = tour.without('"band.gain_db" = -3.0')
    chorus, fade = markers["chorus"], round(0.2 * RATE)  # half the crossfade
    gain = decibels(tour.mix[:, RATE : chorus - fade]) - decibels(other[:, RATE : chorus - fade])
    scaled = other * np.float32(10.0 ** (gain / 20.0))  # the master comes to the same loudness
    assert moved(tour, scaled, chorus - 2 * RATE, chorus - fade - RATE // 10) < -60.0
    assert moved(tour, scaled, chorus + fade, chorus + 2 * RATE) > -30.0


ZAM = pytest.mark.skipif(not plugins.is_installed(command.GLUE), reason="zam-plugins are not installed")


@ZAM
@pytest.mark.slow
def test_the_vst3_is_heard_and_the_mix_stays_as_loud(tour: Tour) -> None:
    presets = (f'preset = "{name}"' for name in command.BANDS)
    other = tour.without(*presets)
    assert -40.0 < moved(tour, other, 0, other.shape[1]) < 0.0
    assert loudness.integrated_lufs(other, RATE) == pytest.approx(-16.0, abs=0.3)
    assert loudness.true_peak_dbtp(other, RATE) <= -1.0


@ZAM
def test_the_band_goes_through_the_vst3_where_it_is_installed() -> None:
    song, said = command._tour()
    assert [bus.preset for bus in song.session.buses if bus.name == "band"] == [command.BANDS[1]]
    assert said == ("Note: the bus 'band' goes through the VST3 ZamCompX2",)


def test_without_the_vst3_the_tour_says_so_and_plays_its_own_glue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "is_installed", lambda name: False)
    song, (said,) = command._tour()
    assert [bus.preset for bus in song.session.buses if bus.name == "band"] == [command.BANDS[0]]
    assert "ZamCompX2 is not installed" in said
    assert "zam-plugins" in said
