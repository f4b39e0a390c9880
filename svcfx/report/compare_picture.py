"""A picture of two recordings: their pitch, their loudness over time, their spectra."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svcfx.dsp.gated import HOP_SECONDS, HOPS
from svcfx.report import picture
from svcfx.report.compare import Comparison
from svcfx.report.picture import CONVERTED, FAINT, GRID, INK, SOURCE, broken, pitch_ticks, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_INCHES = (12.8, 9.6)
_QUIET_LU = 45.0
_DEEP_DB = 90.0
_LOWEST_HZ = 30.0
_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)


def draw(found: Comparison, names: tuple[str, str], path: Path) -> None:
    """Write the picture of a comparison to `path`, a .png; `names` are those of the recordings.

    Raises:
        OutputError: The file could not be written.
    """
    picture.write(path, SIZE_INCHES, lambda figure: compose(figure, found, names))


def compose(figure: "Figure", found: Comparison, names: tuple[str, str]) -> "tuple[Axes, Axes, Axes]":
    """Draw a comparison into `figure`; returns the axes of pitch, loudness and spectrum."""
    pitch, level, spectrum = figure.subplots(3, 1, height_ratios=(2.4, 1.3, 1.8))
    figure.subplots_adjust(left=0.075, right=0.985, top=0.9, bottom=0.06, hspace=0.32)
    for axes in (pitch, level, spectrum):
        plain(axes)
        axes.grid(color=GRID, linewidth=0.8)
    for recording, colour, width, label in (
        (found.first, SOURCE, 4.2, "A"),
        (found.second, CONVERTED, 1.6, "B"),
    ):
        look = {"color": colour, "linewidth": width, "label": label, "solid_capstyle": "round"}
        pitch.plot(*broken(recording.line), **look)
        when = HOP_SECONDS * (HOPS / 2 + np.arange(len(recording.momentary_lufs)))
        level.plot(when, np.maximum(recording.momentary_lufs, -150.0), **look)
        spectrum.semilogx(recording.hz[1:], recording.spectrum_db[1:], **look)
    _scale(pitch, level, spectrum, found)
    for name, colour, left, letter in ((names[0], FAINT, 0.075, "A"), (names[1], CONVERTED, 0.53, "B")):
        figure.text(left, 0.955, f"{letter}: {_short(name)}", fontsize=13, fontweight="bold", color=colour,
                    parse_math=False)  # fmt: skip
    return pitch, level, spectrum


def _scale(pitch: "Axes", level: "Axes", spectrum: "Axes", found: Comparison) -> None:
    both = (found.first, found.second)
    low, high = picture.span([one.line for one in both])
    pitch.set_ylim(low, high)
    pitch.set_yticks(*pitch_ticks(low, high, 14))
    for axes, title in (
        (pitch, "pitch"), (level, "loudness of 0.4 s, LUFS"), (spectrum, "spectrum, dB of full scale a hertz")
    ):  # fmt: skip
        axes.set_title(title, loc="left", color=INK, fontsize=11, fontweight="bold")
    for axes in (pitch, level):
        axes.set_xlim(0.0, max(found.seconds, 0.1))
    level.set_xlabel("seconds", color=FAINT)
    top = _top([one.momentary_lufs for one in both])
    level.set_ylim(top - _QUIET_LU, top + 3.0)
    spectrum.set_xlim(_LOWEST_HZ, found.sample_rate / 2)
    top = _top([one.spectrum_db for one in both])
    spectrum.set_ylim(top - _DEEP_DB, top + 5.0)
    hertz = [each for each in _TICKS_HZ if each < found.sample_rate / 2]
    spectrum.set_xticks(hertz, [f"{each:g} Hz" if each < 1000 else f"{each / 1000:g} kHz" for each in hertz])
    spectrum.minorticks_off()


def _top(values: Sequence[NDArray[np.float64]]) -> float:
    """The highest of all that is finite."""
    every = np.concatenate(values)
    return float(np.max(every, initial=-120.0, where=np.isfinite(every)))


def _short(name: str) -> str:
    return name if len(name) <= 44 else f"{name[:20]}…{name[-23:]}"
