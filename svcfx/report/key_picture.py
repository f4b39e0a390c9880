"""A picture of key plans: the melody on its singer's range, and what each transposition holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from svcfx.chain.scales import note_number, note_numbers
from svcfx.lanes import Values
from svcfx.report import picture
from svcfx.report.picture import CONVERTED, FAINT, GRID, INK, KEY, SOURCE, broken, pitch_ticks, plain
from svcfx.report.subject import Sung
from svcfx.session.key_plan import SEMITONES, KeyPlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_INCHES, HEIGHT_INCHES = 12.8, 4.6
_RANGE_ALPHA = 0.1
_MARGIN = 1.5
_GAP_SECONDS = 0.05
_MOST_NOTES = 12
_LABEL: dict[str, Any] = {"fontsize": 10, "fontweight": "bold"}


def draw(plans: Sequence[KeyPlan], path: Path) -> None:
    """Write the picture of plans, one below the other, to `path`, a .png.

    Raises:
        OutputError: The file could not be written.
    """
    size = (WIDTH_INCHES, HEIGHT_INCHES * len(plans))
    picture.write(path, size, lambda figure: compose(figure, plans))


def compose(figure: "Figure", plans: Sequence[KeyPlan]) -> "list[tuple[Axes, Axes]]":
    """Draw plans into `figure`; returns the axes of the melody and of the shares of each."""
    grid = figure.subplots(len(plans), 2, width_ratios=(2.2, 1.0), squeeze=False)
    top = 1.0 - 0.75 / (HEIGHT_INCHES * len(plans))
    bottom = 0.55 / (HEIGHT_INCHES * len(plans))
    figure.subplots_adjust(left=0.06, right=0.985, top=top, bottom=bottom, wspace=0.1, hspace=0.42)
    for (melody, shares), found in zip(grid, plans, strict=True):
        for axes in (melody, shares):
            plain(axes)
        _draw_melody(melody, found)
        _draw_shares(shares, found)
    return [(melody, shares) for melody, shares in grid]


def _draw_melody(axes: "Axes", found: KeyPlan) -> None:
    """The melody as it is, and where the suggestion puts it, over the range."""
    moved = found.advice.semitones
    low, high = (note_number(hertz) for hertz in (found.low_hz, found.high_hz))
    notes = note_numbers(np.maximum(found.f0_hz, 1.0))
    axes.axhspan(low, high, color=CONVERTED, alpha=_RANGE_ALPHA, linewidth=0)
    after = notes + moved
    if moved:
        _line(axes, found, notes, SOURCE, "as it is")
    _line(axes, found, after, CONVERTED, "suggested")
    _line(axes, found, np.where((after < low) | (after > high), after, np.nan), KEY, "outside")
    both = np.concatenate([notes, after, [low, high]])
    axes.set_ylim(float(both.min()) - _MARGIN, float(both.max()) + _MARGIN)
    axes.set_yticks(*pitch_ticks(*axes.get_ylim(), _MOST_NOTES))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_xlabel("seconds", color=FAINT)
    axes.set_title(
        f"{found.label} in {found.singer}'s range", loc="left", color=INK, fontweight="bold", pad=22
    )
    said = [("suggested", CONVERTED), ("outside", KEY)][: 2 if found.places else 1]
    for number, (words, colour) in enumerate([*said, ("as it is", FAINT)][: None if moved else len(said)]):
        axes.text(0.13 * number, 1.02, words, transform=axes.transAxes, color=colour, **_LABEL)


def _line(axes: "Axes", found: KeyPlan, notes: Values, colour: str, label: str) -> None:
    """A line of notes, with gaps where nothing is sung."""
    gaps = np.flatnonzero(np.diff(found.seconds) > _GAP_SECONDS) + 1
    line = Sung(np.insert(found.seconds, gaps, np.nan), np.insert(notes, gaps, np.nan))
    axes.plot(*broken(line), color=colour, linewidth=2.2, solid_capstyle="round", label=label)


def _draw_shares(axes: "Axes", found: KeyPlan) -> None:
    """A bar for each transposition."""
    moved = found.advice.semitones
    inside = [100.0 * share.inside for share in found.shares]
    colours = [CONVERTED if semitones == moved else SOURCE for semitones in SEMITONES]
    axes.bar(SEMITONES, inside, color=colours, width=0.8)
    axes.set_ylim(0.0, 104.0)
    axes.set_xlim(SEMITONES[0] - 0.7, SEMITONES[-1] + 0.7)
    axes.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    axes.set_xticks(range(SEMITONES[0], SEMITONES[-1] + 1, 4), [_signed(n) for n in SEMITONES[::4]])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel("semitones", color=FAINT)
    axes.set_title("share in range, by transposition", loc="left", color=INK, fontweight="bold", pad=22)
    axes.text(0.0, 1.02, f"{found.advice.inside:.0%} at {_signed(moved)} st", transform=axes.transAxes,
              color=CONVERTED, **_LABEL)  # fmt: skip


def _signed(semitones: int) -> str:
    return f"{semitones:+d}" if semitones else "0"
