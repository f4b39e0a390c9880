"""A dry run: what a bounce would do, as text and as a dictionary. Nothing is rendered or written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from svcfx.render.steps import Steps
from svcfx.render.store import Store
from svcfx.session import document, keyed, made, plan, writing
from svcfx.session.outputs import OnExists
from svcfx.session.plan import Plan
from svcfx.session.strip import Strip
from svcfx.session.strip_model import MASTER
from svcfx.session.writing import Targets


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and the files it would write."""

    plan: Plan
    targets: Targets


def preview(
    session: Path,
    out: Path | None = None,
    *,
    bars: str | None = None,
    on_exists: OnExists = "error",
    allow_paths: Sequence[Path] = (),
    allow_plugins: Sequence[Path] = (),
    store: Store | None = None,
    device: str = "",
) -> Preview:
    """Plan `session` as `bounce` would; the same arguments, the same errors, but those of damaged weights:
    voices are known by their cards and headers, and torch is not loaded."""
    read = document.load(session, allow_paths=allow_paths)
    planned = plan.make(read, bars=bars, allow_plugins=allow_plugins, device=device)
    steps = Steps(store)
    known = partial(keyed.of_song, planned, steps)
    targets = writing.targets(planned, out, bars, on_exists, known)
    return Preview(replace(planned, notes=(*planned.notes, *made.left(planned, targets))), targets)


def as_dict(seen: Preview) -> dict[str, Any]:
    """The plan as plain values."""
    planned = seen.plan
    return {
        "session": str(planned.document.path),
        "title": planned.document.session.title,
        "seconds": round(planned.frames / planned.sample_rate, 3),
        "sample_rate": planned.sample_rate,
        "estimated_seconds": round(planned.estimated_seconds, 1),
        "estimated_memory_mb": planned.estimated_bytes // 1_000_000,
        "tempo": planned.timeline.retimed.said if planned.timeline.retimed else None,
        "keys": [
            {"start_seconds": round(part.start_seconds, 3), "semitones": part.semitones}
            for part in planned.keys
        ],
        "sections": [
            {
                "name": part.name,
                "start_seconds": round(part.start_seconds, 3),
                "end_seconds": round(min(part.end_seconds, planned.frames / planned.sample_rate), 3),
                "changes": part.said,
            }
            for part in planned.sections
        ],
        "stems": [
            {
                "name": stem.name,
                "role": stem.role,
                "preset": stem.preset_name or None,
                "start_seconds": round(stem.recording.start_seconds, 3),
                "end_seconds": round(stem.recording.end_seconds, 3),
                "key": stem.recording.way,
                **_onward(stem),
            }
            for stem in planned.stems
        ],
        "buses": [
            {"name": bus.name, "preset": bus.preset_name or None, **_onward(bus)} for bus in planned.buses
        ],
        "outputs": [str(item.target) for item in seen.targets.every if not item.skipped],
        "notes": [note.text for note in planned.notes],
        "warnings": [note.text for note in planned.notes if note.is_warning],
    }


def _onward(strip: Strip) -> dict[str, Any]:
    """What moves a strip's board, and where it goes as far as that sounds."""
    return {
        "lanes": sorted(strip.lanes.board),
        "to": strip.to or None,
        "sends": [{"bus": send.to, "tap": send.tap} for send in strip.sends],
        "heard": strip.heard,
    }


def as_text(seen: Preview) -> str:
    """The plan for a person."""
    facts = as_dict(seen)
    title = facts["title"] or seen.plan.document.name
    lines = [f"{title}: {facts['seconds']:.1f} s at {facts['sample_rate']} Hz", "key"]
    lines += [f"  from {part['start_seconds']:8.3f} s  {part['semitones']:+g} st" for part in facts["keys"]]
    lines += ["sections"] if facts["sections"] else []
    lines += [
        f"  from {part['start_seconds']:8.3f} s  {part['name']}: {part['changes']}"
        for part in facts["sections"]
    ]
    width = max(len(strip["name"]) for strip in (*facts["stems"], *facts["buses"]))
    lines.append("stems")
    for stem in facts["stems"]:
        what = f"{stem['role']}, {stem['preset'] or 'no preset'}, key: {stem['key']}"
        lines.append(f"  {stem['name']:{width}}  {what}{_ways(stem)}")
    lines += ["buses"] if facts["buses"] else []
    lines += [
        f"  {bus['name']:{width}}  {bus['preset'] or 'no preset'}{_ways(bus)}" for bus in facts["buses"]
    ]
    lines += ["files", *(f"  {path}" for path in facts["outputs"] or ["(none: all are there already)"])]
    lines += [f"{'warning' if note.is_warning else 'note'}: {note.text}" for note in seen.plan.notes]
    memory = f"{facts['estimated_memory_mb']} MB"
    lines.append(f"about {facts['estimated_seconds']:.0f} s of work and {memory} for the audio")
    return "\n".join(lines)


def _ways(strip: dict[str, Any]) -> str:
    """The end of a strip's line: what moves it, and where it goes where that is not the master alone."""
    said = f", lanes: {', '.join(strip['lanes'])}" if strip["lanes"] else ""
    said += f", to {strip['to']}" if strip["to"] not in (None, MASTER) else ""
    sends = [send["bus"] + (" before the fader" if send["tap"] == "pre" else "") for send in strip["sends"]]
    said += f", sends to {', '.join(sends)}" if sends else ""
    return said + ("" if strip["heard"] else ", muted")
