"""The report of a bounce: one HTML file beside the mix that needs nothing else and asks for nothing."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx.atomic import atomic
from svcfx.dsp.peaks import Peaks
from svcfx.events import Note
from svcfx.report import page as pages
from svcfx.report.bounced import Told
from svcfx.report.players import PlayedSound
from svcfx.report.side import Side
from svcfx.report.strip_told import Drawn
from svcfx.report.subject import FRAME_SECONDS
from svcfx.session import grid
from svcfx.session.bounce import Bounced
from svcfx.session.listening import MixHeard, StripHeard
from svcfx.session.outputs import OnExists, Planned, plan_outputs
from svcfx.session.plan import Plan
from svcfx.session.recipe import as_text
from svcfx.session.writing import Targets

VERSION = 2
TEMPLATE, SCRIPT, STYLE = "bounced.html.jinja", "bounced.js", "bounced.css"
SUFFIX = ".html"
_MARK = "svcfx-report"
_HEAD_BYTES = 4096
_THIN = 2
DRAWN_SECONDS = FRAME_SECONDS * _THIN
"""Every second frame of pitch is drawn."""
_UNVOICED = -32768


@dataclass(slots=True)
class Report:
    """Hears a bounce, as `bounce(..., listener=...)`, and writes its page.

    The page lies beside the mix and has its name. One that is there as it would be made now stays.
    """

    on_exists: OnExists = "error"
    told: Told | None = None
    planned: Planned | None = None
    _mark: str = field(default="")

    def begin(self, plan: Plan, targets: Targets, key: str) -> bool:
        """Settle the page's place.

        Raises:
            OutputExistsError: A file is there, and `on_exists` does not say that it may be.
        """
        self._mark = mark_for(key)
        target = targets.mix[0].target.with_suffix(SUFFIX)
        inputs = [stem.recording.path for stem in plan.stems]
        pair = (plan.document.path, target)
        (planned,) = plan_outputs([pair], self.on_exists, inputs=inputs, is_same=self._is_same)
        if planned.skipped and mark_of(planned.target) not in ("", self._mark):
            planned = replace(planned, skipped=False)  # ours, and of another render
        self.planned = planned
        if planned.skipped:
            return False
        self.told = Told(plan)
        return True

    def _is_same(self, _number: int, path: Path) -> bool:
        return self.on_exists != "overwrite" and mark_of(path) == self._mark != ""

    def strip(self, heard: StripHeard) -> None:
        """Measure a strip."""
        assert self.told is not None
        self.told.hear_strip(heard)

    def mix(self, heard: MixHeard) -> None:
        """Measure the mix."""
        assert self.told is not None
        self.told.hear_mix(heard)

    def write(self, done: Bounced) -> Path:
        """Write the page, unless it is there already; return where it lies.

        Raises:
            OutputError: It could not be written.
        """
        assert self.planned is not None, "no bounce was heard"
        if self.told is not None:
            self.told.done = done
            with atomic(self.planned.target) as temporary:
                temporary.write_text(page(self.told, self._mark), encoding="utf-8")
        return self.planned.target


def mark_for(key: str) -> str:
    """What the page of a render says it is a report of; "" where its key is not known."""
    return f"{VERSION}:{key}" if key else ""


def mark_of(path: Path) -> str:
    """What a page says it is a report of; "" where it is none of ours."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    before, found, behind = head.partition(f'<meta name="{_MARK}" content="')
    return behind.partition('"')[0] if found and "<body" not in before else ""


def page(told: Told, mark: str = "") -> str:
    """The page of a bounce."""
    assert told.done is not None
    assert told.recipe is not None
    silent = sum(strip.sung is not None and strip.result.sound is None for strip in told.strips)
    made = _sounds(told), _drawing(told), told.done.notes, as_text(told.recipe)
    return shown(told.figures(), *made, mark=mark, silent=silent)


def shown(
    figures: Mapping[str, Any],
    sounds: Sequence[tuple[str, PlayedSound]],
    drawing: Mapping[str, Any],
    notes: Sequence[Note],
    recipe: str,
    *,
    mark: str,
    silent: int = 0,
) -> str:
    """A page's text: figures, players by name ("mix", "source-0", ...), what its script draws, and words.

    `mark` says what it is a report of, and `silent` how many strips there was no room to play.
    """
    script, allowed_script = pages.part(SCRIPT)
    style, allowed_style = pages.part(STYLE)
    return pages.rendered(
        TEMPLATE,
        {
            "policy": pages.policy(allowed_script, allowed_style),
            "script": script,
            "style": style,
            "mark": (_MARK, mark),
            "song": figures,
            "sounds": dict(sounds),
            "silent": silent,
            "notes": notes,
            "recipe": recipe,
            "drawing": drawing,
        },
    )


def _sounds(told: Told) -> list[tuple[str, PlayedSound]]:
    """Every player by its name: "mix", "source-0", "result-0", ..."""
    assert told.mix is not None
    found = [("mix", told.mix.sound)]
    for number, strip in enumerate(told.strips):
        for kind, side in (("source", strip.source), ("result", strip.result)):
            found.append((f"{kind}-{number}", side.sound if side else None))
    return [(name, sound) for name, sound in found if sound is not None]


def _drawing(told: Told) -> dict[str, Any]:
    """What the page's script draws: arrays as base64 of little-endian integers."""
    assert told.mix is not None
    rate, end = told.plan.sample_rate, told.start_seconds + told.seconds
    return {
        "start": told.start_seconds,
        "seconds": told.seconds,
        "column_seconds": told.column_frames / rate,
        "frame_seconds": DRAWN_SECONDS,
        "bars": [
            (bar.number, round(bar.seconds, 4))
            for bar in grid.bars(told.plan.timeline, end)
            if bar.seconds >= told.start_seconds - 1e-6
        ],
        "sections": [(part.name, round(first, 4), round(last, 4)) for part, first, last in told.sections],
        "mix": _peaks(told.mix.peaks),
        "strips": [
            drawn(strip.source, strip.result, strip.sung.away if strip.sung else None, strip.lanes)
            for strip in told.strips
        ],
    }


def drawn(
    source: Side | None, result: Side, away: NDArray[np.float64] | None, lanes: Sequence[Drawn] = ()
) -> dict[str, Any]:
    """What is drawn of a strip; its pitch where it is told how far that is away."""
    return {
        "source": _peaks(source.peaks) if source else None,
        "result": _peaks(result.peaks),
        "pitch": None if away is None else {"source": _notes(source), "result": _notes(result)},
        "away": None if away is None else _cents(away),
        "lanes": [_lane(lane) for lane in lanes],
    }


def _peaks(peaks: Peaks) -> str:
    """Lowest and highest sample in 127ths of full scale, by turns."""
    return _base64(np.clip(np.round(peaks * 127.0), -127, 127).astype("<i1"))


def _notes(side: Side | None) -> str:
    assert side is not None
    assert side.notes is not None
    return _cents(100.0 * side.notes)


def _cents(values: NDArray[np.float64]) -> str:
    """Whole cents; -32768 is unvoiced."""
    thin = values[::_THIN]
    whole = np.where(np.isfinite(thin), np.clip(np.round(np.nan_to_num(thin)), -32000, 32000), _UNVOICED)
    return _base64(whole.astype("<i2"))


def _lane(lane: Drawn) -> dict[str, Any]:
    """A lane between its lowest and highest value, in 65535ths."""
    low, high = float(lane.values.min()), float(lane.values.max())
    shares = np.round((lane.values - low) / (high - low) * 65535.0)
    return {"name": lane.name, "low": low, "high": high, "values": _base64(shares.astype("<u2"))}


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
