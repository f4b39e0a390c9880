"""What a training was begun with, kept in its folder: out/base.json.

So a base that has changed since, here or on the hub, is not taken for the one that was.
"""

import json
from pathlib import Path
from typing import Any

from svcfx.atomic import atomic
from svcfx.errors import TrainingError
from svcfx.training.vits.base import Base

NAME = "base.json"


def write(out: Path, asked: str, base: Base | None) -> None:
    """Keep what a training begins with; None is nothing."""
    if base is None:
        (out / NAME).unlink(missing_ok=True)
        return
    known = {"asked": asked, "origin": base.origin, "sha256": dict(base.files)}
    with atomic(out / NAME) as temporary:
        temporary.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def require_same(out: Path, base: Base) -> None:
    """Raise `TrainingError` when a training was begun in `out` with other bytes than those of now."""
    known = read(out)
    if known is None or known["sha256"] == dict(base.files):
        return
    before, now = (_named(files) for files in (known["sha256"], base.files))
    raise TrainingError(
        f"'{out}' was begun with {known['origin']} ({before}), the base is {base.origin} ({now}) now",
        hint="Train into another folder, or pin the base: hf:owner/repo@<commit>.",
    )


def require_asked(out: Path, asked: str) -> None:
    """Raise `TrainingError` when a training that goes on is asked to begin with something else."""
    known = read(out)
    if asked and known is not None and known["asked"] != asked:
        raise TrainingError(
            f"'{out}' was begun with '{known['asked']}', not with '{asked}'",
            hint="Leave out --from to go on, or train into another folder.",
        )


def read(out: Path) -> dict[str, Any] | None:
    """What is kept, None where a training began with nothing."""
    path = out / NAME
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingError(f"'{path}' cannot be read: {error}", hint="Delete it to go on.") from error
    return dict(known)


def _named(files: Any) -> str:
    return ", ".join(f"{name} {hashed[:12]}" for name, hashed in files.items())
