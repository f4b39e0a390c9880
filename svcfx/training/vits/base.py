"""The voice that a training begins with: files here, a voice on the shelf, or a place on the hub.

Files of the hub are taken at one commit and hashed. What a training was begun with is kept in its folder, in
out/base.json, so that a base which has changed since, here or on the hub, is not taken for the one that was.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from svcfx.atomic import atomic
from svcfx.chain.checkpoint import load_posterior, tensors
from svcfx.errors import TrainingError, VoiceError
from svcfx.voices import parts, shelf, source
from svcfx.voices.card import sha256_of
from svcfx.voices.repository import SCHEME, parse

Tensors = dict[str, torch.Tensor]
_STEPPED = re.compile(r"^(?P<before>|.*_)G_(?P<step>\d+)\.pth$")
"""The fork's base models have a word before it, as in clean_G_320000.pth."""
_WHAT = "a so-vits-svc checkpoint"
KEPT_IN = "base.json"


@dataclass(frozen=True)
class Base:
    """Tensors to begin with; `discriminators` is None where only the generator is there.

    Attributes:
        origin: Where it came from, a hub's with its commit.
        files: SHA-256 of each file that was read, by name.
    """

    name: str
    generator: Tensors
    discriminators: Tensors | None = None
    origin: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def open_base(text: str, on_note: Callable[[str], None]) -> Base:
    """Open a G_*.pth (a D_*.pth of the same step beside it is taken too), a folder with one, a voice, or hf:.

    Args:
        text: A path, the name of a voice on the shelf, or hf:owner/repo@revision[/subfolder].

    Raises:
        VoiceError: There is no such thing, or it cannot be read.
        HubError: The hub did not answer; the same files in a folder serve as well.
    """
    path = Path(text).expanduser()
    if text.startswith(SCHEME):
        return _of_hub(text, on_note)
    if path.is_dir():
        return _of_file(path / _newest([one.name for one in path.iterdir()], path))
    if path.is_file():
        return _of_file(path)
    return _of_shelf(text)


def _of_hub(text: str, on_note: Callable[[str], None]) -> Base:
    """The newest G_*.pth of a repository's one folder that has any, and its D_*.pth."""
    from svcfx.voices import hub  # here: a file needs no library of the hub's

    listed = hub.listing(parse(text))
    name = _newest(listed.files, text)
    wanted = [one for one in (name, _discriminators(name)) if one in listed.files]
    pinned = replace(listed.source, revision=listed.commit)
    megabytes = sum(listed.files[one].size for one in wanted) / 1e6
    on_note(f"fetching {' and '.join(wanted)} of {pinned}, {megabytes:.0f} MB")
    root = source.download_of(listed)
    hub.fetch(listed, wanted, root)
    for one in wanted:
        hub.require_hash(root / one, listed.files[one].sha256, one)
    return replace(_of_file(root / name), origin=str(pinned))


def _of_shelf(name: str) -> Base:
    """The generator of a voice, with its posterior encoder where that was kept."""
    card = shelf.find(name)
    opened = parts.load(card)
    if opened.generator is None:
        raise VoiceError(f"voice '{name}' has no generator to begin with")
    kept = dict(opened.generator.network.state_dict())
    used = [part for part in ("generator", "posterior") if part in card.parts]
    if "posterior" in used:
        kept |= load_posterior(card.path_of("posterior"))
    return Base(name, kept, None, f"voice {name}", {part: card.parts[part].sha256 for part in used})


def _newest(names: Iterable[str], where: object) -> str:
    """The G_*.pth of the highest step; all of them must lie in one folder."""
    found = {name: _STEPPED.match(PurePosixPath(name).name) for name in names}
    steps = {name: int(match["step"]) for name, match in found.items() if match}
    folders = sorted({str(PurePosixPath(name).parent) for name in steps})
    if len(folders) > 1:
        raise VoiceError(f"'{where}' holds G_<step>.pth in {', '.join(folders)}", hint="Name one of these.")
    if not steps:
        raise VoiceError(f"'{where}' holds no G_<step>.pth")
    return max(steps, key=lambda name: steps[name])


def _discriminators(name: str) -> str:
    """What the discriminators of a G_*.pth are called, path and all."""
    path = PurePosixPath(name)
    found = _STEPPED.match(path.name)
    return str(path.with_name(f"{found['before']}D_{found['step']}.pth")) if found else ""


def _of_file(path: Path) -> Base:
    named = _discriminators(path.name)
    beside = path.with_name(named) if named and path.with_name(named).is_file() else None
    discriminators = tensors.under(beside, "model", _WHAT) if beside else None
    files = {one.name: sha256_of(one) for one in (path, beside) if one}
    return Base(path.name, tensors.under(path, "model", _WHAT), discriminators, f"file {path.name}", files)


def write(out: Path, asked: str, base: Base | None) -> None:
    """Keep what a training begins with; None is nothing."""
    if base is None:
        (out / KEPT_IN).unlink(missing_ok=True)
        return
    known = {"asked": asked, "origin": base.origin, "sha256": dict(base.files)}
    with atomic(out / KEPT_IN) as temporary:
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
            hint="Leave out `base` to go on, or train into another folder.",
        )


def read(out: Path) -> dict[str, Any] | None:
    """What is kept, None where a training began with nothing."""
    path = out / KEPT_IN
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingError(f"'{path}' cannot be read: {error}", hint="Delete it to go on.") from error
    return dict(known)


def _named(files: Any) -> str:
    return ", ".join(f"{name} {hashed[:12]}" for name, hashed in files.items())
