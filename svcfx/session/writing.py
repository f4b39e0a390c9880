"""Where a bounce's files go, settled before rendering, and writing them with their recipes."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx import audio
from svcfx.audio import Samples
from svcfx.errors import OutputError
from svcfx.session import recipe, stale
from svcfx.session.outputs import OnExists, Planned, plan_outputs, sanitise, suffix_of
from svcfx.session.plan import Plan
from svcfx.session.recipe import Recipe

DEFAULT_FOLDER = Path("renders")
STEMS = "stems"
"""Folder of the stems' own files, beside the mix."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Files of the mix, and of each stem by its name."""

    mix: tuple[Planned, ...]
    stems: dict[str, tuple[Planned, ...]]

    @property
    def all_skipped(self) -> bool:
        """Whether everything is on disk already and may stay."""
        return all(planned.skipped for planned in self.every)

    @property
    def every(self) -> tuple[Planned, ...]:
        """All files, the mix first."""
        return (*self.mix, *(planned for group in self.stems.values() for planned in group))


def targets(
    plan: Plan,
    out: Path | None,
    bars: str | None,
    on_exists: OnExists,
    known: Callable[[], Mapping[str, str]] = dict,
) -> Targets:
    """Decide the files of a bounce: `<out>/<session>.<format>`, `<out>/stems/<stem>.<format>`.

    `known` gives the keys of the mix ("") and of the stems by name; it is asked where a file is there. A file
    that is there as a render of its key left it is not made again, unless all are to be overwritten. With
    "skip" a file that a render of another key left is made again.

    Raises:
        OutputExistsError: A file is there, and `on_exists` does not say that it may be.
        OutputError: The folder cannot be written.
        AudioFileError: A format cannot hold the audio.
    """
    document, output = plan.document, plan.document.session.output
    folder = out if out is not None else DEFAULT_FOLDER / sanitise(document.name)
    check_writable(folder)
    wanted: dict[str, list[Path]] = {"": [folder / base_name(document.name, bars)]}
    if output.stems:
        wanted |= {stem.name: [folder / STEMS / base_name(stem.name, bars)] for stem in plan.heard}
    suffixes = [suffix_of(form) for form in output.formats]
    pairs = [
        (document.path, base.with_name(base.name + suffix))
        for bases in wanted.values()
        for base in bases
        for suffix in suffixes
    ]
    for _, target in pairs:
        audio.check_holds(target, plan.sample_rate, 2, encoding=output.encoding)
    keys = known() if any(target.exists() for _, target in pairs) else {}
    of_each = [keys.get(name, "") for name in wanted for _ in suffixes]
    planned = _settled(pairs, on_exists, [stem.recording.path for stem in plan.stems], of_each)
    groups = [planned[start : start + len(suffixes)] for start in range(0, len(planned), len(suffixes))]
    return Targets(groups[0], dict(zip(list(wanted)[1:], groups[1:], strict=True)))


def base_name(name: str, bars: str | None = None) -> str:
    """The file name, without suffix, of a song or stem called `name`, or of these bars of it."""
    return sanitise(name + (f"-bars-{bars.replace(' ', '')}" if bars else ""))


def _settled(
    pairs: Sequence[tuple[Path, Path]], on_exists: OnExists, inputs: Sequence[Path], keys: Sequence[str]
) -> tuple[Planned, ...]:
    """The files for `pairs` of source and target, whose keys are `keys`; raises as `plan_outputs`."""

    def is_same(number: int, path: Path) -> bool:
        return on_exists != "overwrite" and stale.is_same(path, keys[number])

    planned = plan_outputs(pairs, on_exists, inputs=inputs, is_same=is_same)
    return tuple(
        replace(item, skipped=item.skipped and not stale.is_outdated(item.target, key))
        for item, key in zip(planned, keys, strict=True)
    )


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written, before rendering rather than after.

    Raises:
        OutputError: It is a file, or the nearest folder that exists is read-only.
    """
    existing = folder.absolute()
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise OutputError(
            f"'{folder}' cannot be a folder: '{existing}' is a file", hint="choose another with `out`"
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(
            f"'{folder}' cannot be written: '{existing}' is read-only", hint="choose another with `out`"
        )


@contextlib.contextmanager
def all_or_nothing(targets: Targets) -> Iterator[list[Path]]:
    """A list of files written; should the block fail, they, their recipes and the folders that were made for
    them are taken away again."""
    recipe.sweep(item.target for item in targets.every)
    folders = {folder for item in targets.every for folder in item.target.parents if not folder.exists()}
    written: list[Path] = []
    try:
        yield written
    except BaseException:  # Ctrl-C too
        for path in written:
            path.unlink(missing_ok=True)
            recipe.sidecar(path).unlink(missing_ok=True)
        for folder in sorted(folders, reverse=True):  # the inner ones first
            with contextlib.suppress(OSError):  # it was never made, or somebody else's file lies there
                folder.rmdir()
        raise


def write_all(
    group: Sequence[Planned],
    samples: Callable[[], Samples],
    plan: Plan,
    made: Recipe,
    written: list[Path],
    *,
    leave_same: bool = False,
) -> tuple[Path, ...]:
    """Write what `samples` gives, and their recipe, to each file of `group` that is not skipped; add it to
    `written`. They are asked for where there is something to write.

    With `leave_same` only the recipe of a file is written that holds these samples already, as a render of
    the same key left it.
    """
    sound: Samples | None = None
    wanted = tuple(planned.target for planned in group if not planned.skipped)
    for target in wanted:
        if leave_same and stale.is_same(target, made.key):
            recipe.write(target, made)
            continue
        sound = samples() if sound is None else sound
        encoding = plan.document.session.output.encoding
        recipe.write_with(target, sound, plan.sample_rate, encoding, made)
        written.append(target)
    return wanted
