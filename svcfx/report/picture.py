"""One picture of a conversion: what was sung, what came out, and the key that the song was in."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from svcfx.atomic import atomic
from svcfx.chain.scales import note_name
from svcfx.report.subject import Subject, Sung

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
SIZE_INCHES, DPI = (12.8, 6.6), 125
INK, FAINT, GRID = "#22303c", "#6b7783", "#e3e7ea"
SOURCE, CONVERTED, KEY = "#b4bec8", "#0b7285", "#e8590c"
_LEAP = 1.5  # semitones from one 10 ms frame to the next: a new note, not a glide to be drawn
_MOST_BARS = 24


def draw(subject: Subject, path: Path) -> None:
    """Write the picture of `subject` to `path`, a .png.

    Raises:
        OutputError: The file could not be written.
    """
    write(path, SIZE_INCHES, lambda figure: compose(figure, subject))


def write(path: Path, size_inches: tuple[float, float], compose: Callable[["Figure"], object]) -> None:
    """Write a figure of that size that `compose` draws into to `path`, a .png; raises as `draw` does."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size_inches, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    compose(figure)
    with atomic(path) as temporary:
        # Without the software's name and the date the same picture is the same bytes.
        figure.savefig(temporary, format="png", metadata={"Software": None})


def compose(figure: "Figure", subject: Subject) -> "tuple[Axes, Axes]":
    """Draw `subject` into `figure`; returns the axes of the pitch and of the key."""
    pitch, key = figure.subplots(2, 1, sharex=True, height_ratios=(6.0, 1.0))
    figure.subplots_adjust(left=0.068, right=0.985, top=0.845, bottom=0.085, hspace=0.08)
    for axes in (pitch, key):
        plain(axes)
        axes.set_xlim(0.0, subject.end_seconds)
    _draw_pitch(pitch, subject)
    _draw_key(key, subject)
    _draw_score(pitch, key, subject)
    figure.text(0.068, 0.945, subject.title, fontsize=16, fontweight="bold", color=INK)
    figure.text(0.068, 0.918, subject.way, fontsize=9.5, color=FAINT)
    legend = (("the stem as it was sung", FAINT, 0.985 - 0.27), (_sung_by(subject), CONVERTED, 0.985))
    for words, colour, right in legend:
        figure.text(right, 0.945, words, fontsize=11.5, fontweight="bold", color=colour, ha="right")
    return pitch, key


def _sung_by(subject: Subject) -> str:
    return f"what svcfx sang with {subject.singer}" if subject.singer else "what svcfx sang"


def _draw_pitch(axes: "Axes", subject: Subject) -> None:
    for line, colour, width, label in (
        (subject.source, SOURCE, 4.6, "source"),
        (subject.converted, CONVERTED, 1.6, "converted"),
    ):
        seconds, notes = broken(line)
        axes.plot(seconds, notes, color=colour, linewidth=width, solid_capstyle="round", label=label)
    low, high = span((subject.source, subject.converted))
    axes.set_ylim(low, high)
    axes.set_yticks(*pitch_ticks(low, high))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def broken(line: Sung) -> tuple[Array, Array]:
    """Seconds and notes with a gap wherever the pitch leaps, so that no line joins two notes."""
    leaps = np.flatnonzero(np.abs(np.diff(line.notes)) > _LEAP) + 1
    return np.insert(line.seconds, leaps, np.nan), np.insert(line.notes, leaps, np.nan)


def span(lines: Sequence[Sung]) -> tuple[float, float]:
    """The lowest and highest note to be drawn."""
    heard = np.concatenate([line.notes[np.isfinite(line.notes)] for line in lines])
    if heard.size == 0:
        return 58.0, 72.0
    # A few wrong frames must not squeeze the melody: half a per cent at each end is left out.
    low, high = np.percentile(heard, [0.5, 99.5])
    return float(np.floor(low) - 1.5), float(np.ceil(high) + 1.5)


def pitch_ticks(low: float, high: float, most: int = 18) -> tuple[list[int], list[str]]:
    """Numbers and names of notes beside an axis, as a rule no more than `most`."""
    numbers = _ticks(low, high, most)
    return numbers, [note_name(number) for number in numbers]


def _ticks(low: float, high: float, most: int) -> list[int]:
    """Every semitone of a narrow melody, else the white keys, else C, E and G."""
    whole = range(int(np.ceil(low)), int(np.floor(high)) + 1)
    for wanted in (range(12), (0, 2, 4, 5, 7, 9, 11), (0, 4, 7)):
        found = [number for number in whole if number % 12 in wanted]
        if len(found) <= most:
            return found
    return [number for number in whole if number % 12 == 0]


def _draw_key(axes: "Axes", subject: Subject) -> None:
    seconds = np.arange(0.0, subject.end_seconds, 0.01)
    values = subject.key.at(seconds)
    axes.fill_between(seconds, values, 0.0, color=KEY, alpha=0.2, linewidth=0)
    axes.plot(seconds, values, color=KEY, linewidth=2.0)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = max(high - low, 1.0)
    axes.set_ylim(low - 0.25 * room, high + 0.75 * room)
    levels = sorted({0, round(low), round(high)})
    axes.set_yticks(levels, [f"{level:+d} st" if level else "0 st" for level in levels])
    axes.set_ylabel("key", color=KEY, rotation=0, labelpad=16, va="center")
    axes.set_xlabel("seconds", color=FAINT)


def _draw_score(pitch: "Axes", key: "Axes", subject: Subject) -> None:
    every = next(
        step for step in (1, 2, 4, 8, 16, 32, 64, 128, 1024) if len(subject.bars) / step <= _MOST_BARS
    )
    for number, at in subject.bars:
        if (number - 1) % every == 0:
            pitch.axvline(at, color=GRID, linewidth=0.8, zorder=0)
            _above(pitch, at, 1.012, str(number), FAINT, 9)
    if subject.bars:
        _above(pitch, 0.0, 1.012, "bar", FAINT, 9, align="right", shift=-6)
    for start, end in subject.sections:
        pitch.axvspan(start, end, color=CONVERTED, alpha=0.05, linewidth=0, zorder=0)
    for at, text in subject.marks:
        _above(pitch, at, 1.062, text, INK, 11)
    for at, text in subject.tempos:
        _above(key, at, 0.74, f" {text}", FAINT, 9)
    for at, _ in changes(subject):
        for axes in (pitch, key):
            axes.axvline(at, color=KEY, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    for at, step in changes(subject):
        pitch.annotate(
            f"key {step:+g} st ",
            (at, 0.03),
            xycoords=("data", "axes fraction"),
            ha="right",
            color=KEY,
            fontsize=11,
        )


def changes(subject: Subject) -> tuple[tuple[float, float], ...]:
    """(second, new semitones) wherever the key moves inside the song."""
    points = subject.key.points
    return tuple(
        (at, value)
        for (_, before), (at, value) in pairwise(points)
        if value != before and 0.0 < at < subject.end_seconds
    )


def _above(
    axes: "Axes",
    at: float,
    height: float,
    text: str,
    colour: str,
    size: int,
    *,
    align: str = "left",
    shift: int = 0,
) -> None:
    axes.annotate(
        text, (at, height), xycoords=("data", "axes fraction"), xytext=(shift, 0), textcoords="offset points",
        ha=align, va="bottom", color=colour, fontsize=size, annotation_clip=False,
    )  # fmt: skip


def plain(axes: "Axes") -> None:
    """Take an axes' frame away and make its labels faint."""
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=FAINT, length=0, labelsize=9.5)
