"""Whether a file that is there already is the one that would be made now: its recipe is asked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svcfx.errors import InputError
from svcfx.events import Note
from svcfx.session import recipe, strip_model
from svcfx.session.recipe import Recipe

_SHOWN = 3
_WRITTEN = ("session", "preset")
"""Inputs whose words stand in the recipe themselves: another comment in such a file changes no sample."""
_ONWARD = ("to", "sends")
"""Where a stem goes, which its own file does not hear."""


def note(path: Path, wanted: Recipe) -> Note | None:
    """A warning when the file at `path` was made with other settings than `wanted` says; None when it was
    not, or when it has no recipe that tells."""
    found = _recipe(path)
    changed = differences(found, wanted) if found is not None else []
    if not changed:
        return None
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    said = ", ".join(changed[:_SHOWN]) + more
    return Note("made-otherwise", f"'{path}' was made with other settings and was left as it is: {said}")


def is_same(path: Path, key: str, wanted: Recipe | None = None) -> bool:
    """Whether the file at `path` is there, as it was written, and was made by a render of this key.

    Where a plug-in does not say what it depends on, nothing has a key: then the settings in the recipe must
    be those of `wanted`.
    """
    return _was_made(path, key, wanted, otherwise=False)


def is_outdated(path: Path, key: str, wanted: Recipe | None = None) -> bool:
    """Whether the file at `path` is as a render left it, and that was one of another key than this."""
    return _was_made(path, key, wanted, otherwise=True)


def _was_made(path: Path, key: str, wanted: Recipe | None, *, otherwise: bool) -> bool:
    found = _recipe(path)
    if found is None or bool(key) != bool(found.key) or not (key or wanted):
        return False
    another = found.key != key or bool(wanted and not key and differences(found, wanted))
    return another == otherwise and recipe.is_unchanged(path, found)


def _recipe(path: Path) -> Recipe | None:
    """The recipe beside a file that is there; None where none tells."""
    try:
        return recipe.read(path) if path.is_file() else None
    except InputError:
        return None


def differences(found: Recipe, wanted: Recipe) -> list[str]:
    """What differs, each as "settings.pitch is swift, now crepe"; versions and what a render finds out
    itself (loudness, notes, a chosen octave, the device) do not count."""
    before, now = _flat(_facts(found)), _flat(_facts(wanted))
    keys = sorted(before.keys() | now.keys())
    return [
        f"{key} is {_shown(before.get(key))}, now {_shown(now.get(key))}"
        for key in keys
        if before.get(key) != now.get(key)
    ]


def _facts(made: Recipe) -> dict[str, Any]:
    inputs = {
        part.file: part.model_dump(exclude={"file"}) for part in made.inputs if part.kind not in _WRITTEN
    }
    voices = {
        voice.name: {"sha256": voice.sha256, **{k: v for k, v in voice.details.items() if k != "device"}}
        for voice in made.voices
    }
    settings = {key: value for key, value in made.settings.items() if key != "chosen"}
    if made.kind == "stem":
        settings = _of_stem(settings, set(inputs))
    facts = {
        "kind": made.kind,
        "inputs": inputs,
        "presets": made.presets,
        "voices": voices,
        "settings": settings,
        "seed": made.seed,
    }
    whole: dict[str, Any] = json.loads(json.dumps(facts, default=str))
    return whole


def _of_stem(settings: dict[str, Any], files: set[str]) -> dict[str, Any]:
    """A stem's file does not depend on other stems, nor on where it goes, nor on the master but for its
    length."""
    session = dict(settings.get("session", {}))
    session.pop("buses", None)
    session["stems"] = [
        {key: value for key, value in stem.items() if key not in _ONWARD}
        for stem in session.get("stems", [])
        if _source(stem, session) in files
    ]
    session["sections"] = {
        section: {address: value for address, value in said.items() if _concerns(address, session["stems"])}
        for section, said in session.get("sections", {}).items()
    }
    session["master"] = {"tail_seconds": session.get("master", {}).get("tail_seconds")}
    return {**settings, "session": session}


def _source(stem: dict[str, Any], session: dict[str, Any]) -> str:
    """What the stem plays, as its input is named."""
    return str(stem.get("file") or f"{session.get('midi', {}).get('file')}: {stem.get('track')}")


def _concerns(address: str, stems: list[dict[str, Any]]) -> bool:
    """Whether a key of a section is about one of these stems, and is heard in its own file."""
    names = [strip_model.name_of(stem.get("name"), stem.get("file"), stem.get("track")) for stem in stems]
    return any(address.startswith(f"{name}.") for name in names)


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Values by their dotted keys; lists count from one."""
    if isinstance(value, Mapping):
        pairs = [(f"{prefix}.{key}" if prefix else str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{prefix}[{number}]", item) for number, item in enumerate(value, 1)]
    else:
        return {prefix: value}
    return {key: inner for name, item in pairs for key, inner in _flat(item, name).items()}


def _shown(value: Any) -> str:
    text = "not set" if value is None else str(value)
    return text if len(text) <= 40 else text[:12] + "..."
