"""The states of a training on disk: whole or not there, the last few and the best kept.

out/states/state-00000200.pt
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.atomic import atomic
from svcfx.errors import TrainingError
from svcfx.training.vits.upstream import save

FORM = "svcfx-training-1"
FOLDER = "states"
_MUST_AGREE = ("recipe", "document", "dataset", "world")


_HALF = (f"{FOLDER}/.state-*", ".*-*.pth", ".config-*.json", "previews/.step-*.wav")
"""What is written beside its place before it is whole."""


def write(state: Mapping[str, Any], out: Path, *, keep: int, best: int) -> Path:
    """Write the state of `state["step"]`, then drop all but the last `keep` and the one of step `best`.

    What a run that was killed had half written goes too.

    Raises:
        OutputError: The disk is full, or the folder cannot be written; older states are as they were.
    """
    path = _path(out, state["step"])
    with atomic(path) as temporary:
        save({"form": FORM, **state}, temporary)
    for step in steps(out)[:-keep]:
        if step != best:
            _path(out, step).unlink(missing_ok=True)
    tidy(out)
    return path


def tidy(out: Path) -> None:
    """Take away what a run that was killed had half written."""
    for half in (path for pattern in _HALF for path in out.glob(pattern)):
        half.unlink(missing_ok=True)


def steps(out: Path) -> list[int]:
    """Steps whose states are there, in order."""
    return sorted(int(path.stem.removeprefix("state-")) for path in (out / FOLDER).glob("state-*.pt"))


def last(out: Path) -> dict[str, Any] | None:
    """The newest state, None where there is none; raises `TrainingError` when it is damaged."""
    found = steps(out)
    return read(_path(out, found[-1])) if found else None


def read(path: Path) -> dict[str, Any]:
    """A state; raises `TrainingError` when it is damaged or of another version."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler meets
        raise TrainingError(
            f"'{path}' cannot be read: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            hint="Delete it, and the training goes on from the state before it.",
        ) from error
    if not isinstance(state, dict) or state.get("form") != FORM:
        raise TrainingError(
            f"'{path}' is no state of this version, {FORM}", hint="Train into another folder."
        )
    return state


def require_same(
    state: Mapping[str, Any], now: Mapping[str, Any], out: Path, may_change: frozenset[str] = frozenset()
) -> None:
    """Raise `TrainingError` when the training in `out` was begun with other settings than those of now.

    Settings of the recipe named in `may_change` may be others from here on.
    """
    for part in _MUST_AGREE:
        differ = {
            name: pair for name, pair in _differences(part, state[part], now[part]) if name not in may_change
        }
        if differ:
            told = ", ".join(
                f"{name} {_short(one)}, now {_short(other)}" for name, (one, other) in differ.items()
            )
            free = f" Only {', '.join(sorted(may_change))} may change." if may_change else ""
            raise TrainingError(
                f"'{out}' was begun with other settings: {told}",
                hint=f"Go on with the same settings and dataset, or train into another folder.{free}",
            )


def _differences(part: str, before: object, after: object) -> list[tuple[str, tuple[object, object]]]:
    """What differs between two values, key by key where both are mappings."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return [(str(key), (before.get(key), after.get(key))) for key in keys]
    return [] if before == after else [(part, (before, after))]


def _path(out: Path, step: int) -> Path:
    return out / FOLDER / f"state-{step:08d}.pt"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
