"""What a bounce did, measured while it is made: levels, pitch, lanes, costs. `bounced_page` shows it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.lanes import Curve
from svcfx.report import intonation, singing
from svcfx.report.players import BitBudget, PlayedSound
from svcfx.report.side import Side, column_frames, rounded, side
from svcfx.report.strip_told import Drawn, StripTold
from svcfx.report.subject import FRAME_SECONDS
from svcfx.session import contents
from svcfx.session.bounce import Bounced
from svcfx.session.listening import MixHeard, StripHeard
from svcfx.session.plan import Plan
from svcfx.session.recipe import Recipe
from svcfx.session.sections import Section
from svcfx.session.singers import TRANSPOSE
from svcfx.session.strip import Strip

Array = NDArray[np.float64]


@dataclass(slots=True)
class Told:
    """A song as it is heard, part by part; complete once `mix` and `done` are there."""

    plan: Plan
    strips: list[StripTold] = field(default_factory=list)
    mix: Side | None = None
    mix_seconds: float = 0.0
    recipe: Recipe | None = None
    done: Bounced | None = None
    budget: BitBudget = field(init=False)

    def __post_init__(self) -> None:
        singing = sum(2 for strip in self.plan.at_work if strip.voices and strip.clip)
        self.budget = BitBudget.of(self.seconds, singing, self._drawn_bytes())

    def _drawn_bytes(self) -> int:
        """About what the drawings weigh as text: two waveforms a strip, three lines where it sings, lanes."""
        columns, frames = self.frames / self.column_frames, self.seconds / FRAME_SECONDS
        numbers = 0.0
        for strip in self.plan.at_work:
            lanes = sum(not curve.is_constant for curve in _curves(strip).values())
            numbers += (2 + lanes) * columns + (1.5 * frames if strip.voices else 0.0)  # of two bytes each
        return round(numbers * 2 * 4 / 3)

    @property
    def first_frame(self) -> int:
        """Where in the song what is kept begins."""
        return self.plan.cut[0] if self.plan.cut else 0

    @property
    def frames(self) -> int:
        """How much of the song is kept."""
        return (self.plan.cut[1] if self.plan.cut else self.plan.frames) - self.first_frame

    @property
    def seconds(self) -> float:
        """The same."""
        return self.frames / self.plan.sample_rate

    @property
    def start_seconds(self) -> float:
        """Song second of what is kept."""
        return self.first_frame / self.plan.sample_rate

    @property
    def sections(self) -> list[tuple[Section, float, float]]:
        """Sections in which something changes, with the song seconds where each begins and ends in what is
        kept."""
        end = self.start_seconds + self.seconds
        every = [
            (part, max(part.start_seconds, self.start_seconds), min(part.end_seconds, end))
            for part in self.plan.sections
        ]
        return [(part, first, last) for part, first, last in every if last > first]

    @property
    def column_frames(self) -> int:
        """Frames in a column of a drawing."""
        return column_frames(self.frames, self.plan.sample_rate)

    def hear_strip(self, heard: StripHeard) -> None:
        """Measure a strip."""
        render, strip = heard.render, heard.render.strip
        sings = bool(strip.voices) and strip.clip is not None
        source, given = None, None
        if strip.clip is not None:
            given = self._kept(render.source.samples, heard.start_frame)
            source = self._side(given, strip.clip.seconds, sings)
            render.source.forget()
        own = (self.plan.frames - heard.start_frame) / self.plan.sample_rate
        made = self._kept(heard.faded.laid(0, 0, heard.faded.frames), heard.start_frame)
        result = self._side(made, own, sings)
        found = [step for step in render.steps.found if (step.kind, step.label) == ("strip", strip.name)]
        lanes = tuple(self._drawn(strip))
        told = StripTold(strip, source, result, lanes, heard.work_seconds, bool(found), heard.stages)
        if sings and source is not None and source.notes is not None and given is not None:
            asked = self._asked(heard, len(source.notes))
            voice = strip.used[0].name if len(strip.used) == 1 else ""
            sung = singing.of(source, result, (given, made), asked, self.plan.sample_rate, voice)
            told = replace(told, sung=sung)
        self.strips.append(told)

    def _asked(self, heard: StripHeard, frames: int) -> Array:
        """Semitones asked of a strip's first voice at each frame of its pitch, (frames,)."""
        start = self.start_seconds - heard.render.strip.start_seconds
        when = np.asarray(start + FRAME_SECONDS * np.arange(frames), np.float64)
        job, voices = heard.render.job, heard.render.strip.voices
        assert job is not None
        where = f"{voices[0]}.{TRANSPOSE}"
        if (curve := job.automation.get(where)) is not None:
            return np.asarray(curve.at(when), np.float64)
        return np.full(frames, contents.value(job.board, where))

    def hear_mix(self, heard: MixHeard) -> None:
        """Measure the mix."""
        rate = self.plan.sample_rate
        sound = self.budget.mix(heard.samples, rate)
        self.mix = side(heard.samples, rate, self.seconds, self.column_frames, sings=False, sound=sound)
        self.mix_seconds, self.recipe = heard.work_seconds, heard.recipe

    def _kept(self, samples: NDArray[np.floating], start_frame: int) -> Samples:
        """What is kept of (2, frames) that begin at `start_frame` of the song."""
        laid = scratch.placed(samples.astype(np.float32), start_frame, self.plan.frames)
        return laid[:, self.first_frame : self.first_frame + self.frames]

    def _side(self, kept: Samples, seconds: float, sings: bool) -> Side:
        """What is told of a sound; with pitch and a player where a voice sings."""
        sound = self._part(kept) if sings else None
        return side(kept, self.plan.sample_rate, seconds, self.column_frames, sings=sings, sound=sound)

    def _part(self, kept: Samples) -> PlayedSound | None:
        """A player, while there is room for both of a strip."""
        given = sum(side is not None and side.sound is not None for strip in self.strips
                    for side in (strip.source, strip.result))  # fmt: skip
        return self.budget.part(kept, self.plan.sample_rate) if given + 2 <= self.budget.parts else None

    def _drawn(self, strip: Strip) -> Iterable[Drawn]:
        """The strip's lanes that move, at the middle of each column."""
        columns = math.ceil(self.frames / self.column_frames)
        each = self.column_frames / self.plan.sample_rate
        when = np.asarray(self.start_seconds + each * (np.arange(columns) + 0.5), np.float64)
        for name, curve in _curves(strip).items():
            values = np.asarray(curve.at(when), np.float64)
            if np.ptp(values) > 0:
                yield Drawn(name, values)

    def _moved(self, told: StripTold) -> list[dict[str, float | None]]:
        """By how much each stretch of the song in one key moved: from which song second, and cents."""
        if told.source is None or told.source.notes is None or told.result.notes is None:
            return []
        end = self.start_seconds + self.seconds
        starts = [span.start_seconds for span in self.plan.keys]
        stretches = [
            (max(first, self.start_seconds), min(last, end)) for first, last in pairwise([*starts, end])
        ]
        found = []
        for first, last in stretches:
            within = slice(*(round((at - self.start_seconds) / FRAME_SECONDS) for at in (first, last)))
            if last > first:
                cents = intonation.moved(told.source.notes[within], told.result.notes[within])
                found.append(rounded({"from_seconds": first, "cents": cents}))
        return found

    def figures(self) -> dict[str, Any]:
        """Every figure of the page as plain values; what cannot be measured is None."""
        assert self.mix is not None
        assert self.done is not None
        return {
            "title": self.plan.document.session.title or self.plan.document.name,
            "from_seconds": round(self.start_seconds, 3),
            "seconds": round(self.seconds, 3),
            "sample_rate": self.plan.sample_rate,
            "sections": [
                {
                    "name": part.name,
                    **rounded({"from_seconds": first, "to_seconds": last}),
                    "changes": part.said,
                }
                for part, first, last in self.sections
            ],
            "mix": {**self.mix.level_figures, "work_seconds": round(self.mix_seconds, 2)},
            "strips": [{**told.figures, "moved": self._moved(told)} for told in self.strips],
            "work_seconds": round(self.done.work_seconds, 2),
            "cache": _cache(self.done),
        }


def _curves(strip: Strip) -> dict[str, Curve]:
    """Everything of a strip that may move, by its address."""
    return strip.lanes.fader.knobs | dict(strip.lanes.board)


def _cache(done: Bounced) -> dict[str, Any]:
    """How much was there already: steps, and parts of steps by kind."""
    parts: dict[str, dict[str, int]] = {}
    for (kind, there), count in sorted(done.steps.parts.items()):
        parts.setdefault(kind, {"there": 0, "made": 0})["there" if there else "made"] = count
    return {"there": len(done.steps.found), "made": len(done.steps.made), "parts": parts}
