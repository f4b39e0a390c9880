"""Where results go, decided before anything is rendered: names from a template, and no file lost.

Pure but for looking at what exists. A collision found after ten minutes of rendering is a bug here.
"""

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from svcfx.errors import InputError, OutputExistsError, nearest

OnExists = Literal["error", "skip", "overwrite", "rename"]
ON_EXISTS: tuple[str, ...] = get_args(OnExists)
FORMATS = ("wav", "flac", "mp3", "ogg")
MAX_NAME_BYTES = 180  # of the 255 that file systems allow: suffix, sidecar and temporary name come on top
_FORBIDDEN = set('/\\:*?"<>|') | {chr(code) for code in (*range(32), 127)}


@dataclass(frozen=True, slots=True)
class Planned:
    """One result: made from `source`, written to `target` unless `skipped` (it is there already)."""

    source: Path
    target: Path
    skipped: bool = False


def sanitise(name: str) -> str:
    """A file name that every file system takes: no separators, no leading or trailing dot or space."""
    clean = "".join("_" if letter in _FORBIDDEN else letter for letter in name).strip(" .")
    clean = clean.encode("utf-8", "surrogateescape")[:MAX_NAME_BYTES].decode("utf-8", "ignore").strip(" .")
    return clean or "untitled"


def fill(template: str, values: Mapping[str, str]) -> str:
    """The sanitised name that `template` makes of `values`, such as "{stem}_{voice}".

    Raises:
        InputError: A variable that is not in `values`, a separator, a format code, or a stray brace.
    """
    allowed = ", ".join(f"{{{name}}}" for name in values)
    if "/" in template or "\\" in template:
        raise InputError(f"name template '{template}' holds a folder", hint="give the folder with `out`")
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise InputError(f"name template '{template}' is wrong: {error}", hint=f"use {allowed}") from error
    made = []
    for text, variable, code, conversion in parts:
        made.append(text)
        if variable is None:
            continue
        if variable not in values:
            near = nearest(variable, values)
            raise InputError(f"name template has no variable '{variable}'{near}", hint=f"use {allowed}")
        if code or conversion:
            raise InputError(f"name template '{template}' formats '{variable}'", hint=f"write {{{variable}}}")
        made.append(values[variable])
    return sanitise("".join(made))


def signed(value: float) -> str:
    """A number as names show it: "+5", "-2.5", "0"."""
    return f"{value:+g}" if value else "0"


def suffix_of(form: str) -> str:
    """The suffix of a format's name, ".flac" for "flac", or `InputError`."""
    if form not in FORMATS:
        raise InputError(f"format is '{form}', allowed are {', '.join(FORMATS)}{nearest(form, FORMATS)}")
    return f".{form}"


IsSame = Callable[[int, Path], bool]
"""Whether what lies at a path is what the pair of that number would write there now."""


def plan_outputs(
    wanted: Sequence[tuple[Path, Path]],
    on_exists: OnExists,
    *,
    inputs: Iterable[Path] = (),
    is_same: IsSame = lambda _number, _path: False,
) -> tuple[Planned, ...]:
    """Settle each `(source, target)`; every collision is found here, before any work.

    An output is never an input, whatever `on_exists` says; two results never share a file. "rename"
    steps aside from all three ("name-2.wav"); the others refuse what would lose a file.

    Args:
        wanted: Pairs of input and the output wished for.
        on_exists: What to do where an output is on disk already.
        inputs: Further files that must survive (preset, session, stems, MIDI); the sources always do.
        is_same: Asked where an output exists; one that is the same is skipped, whatever `on_exists` says.

    Raises:
        InputError: An output would replace an input, or two outputs are one file.
        OutputExistsError: An output exists and `on_exists` is "error".
    """
    if on_exists not in ON_EXISTS:
        raise InputError(f"on-exists is '{on_exists}', allowed are {', '.join(ON_EXISTS)}")
    kept = {_identity(path): path for path in (*(source for source, _ in wanted), *inputs)}
    taken: dict[object, Path] = {}
    planned = []
    for number, (source, target) in enumerate(wanted):
        same = partial(is_same, number)
        if on_exists == "rename":
            target = _free_name(target, partial(_is_taken, taken, same))
        _refuse_inputs(source, target, kept)
        if (place := _identity(target)) in taken:
            raise InputError(
                f"'{taken[place]}' and '{source}' would both write '{target}'",
                hint="tell them apart with `template`, or add `on_exists` rename",
            )
        taken[place] = source
        skipped = target.exists() and (on_exists == "skip" or same(target))
        planned.append(Planned(source, target, skipped=skipped))
    existing = [plan.target for plan in planned if not plan.skipped and plan.target.exists()]
    if existing and on_exists == "error":
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        raise OutputExistsError(
            f"'{existing[0]}' exists already{more}",
            hint="add `on_exists` overwrite, skip or rename, or choose another folder with `out`",
        )
    return tuple(planned)


def _is_taken(taken: Mapping[object, Path], same: Callable[[Path], bool], path: Path) -> bool:
    """Whether a result needs another name than this."""
    return _identity(path) in taken or (path.exists() and not same(path))


def _refuse_inputs(source: Path, target: Path, kept: Mapping[object, Path]) -> None:
    lost = kept.get(_identity(target))
    if lost is not None:
        raise InputError(
            f"the output '{target}' of '{source}' is the input '{lost}'",
            hint="choose another folder with `out`, or another `template`",
        )
    if target.is_dir():
        raise InputError(f"the output '{target}' is a folder", hint="choose another `template`")


def _identity(path: Path) -> object:
    """What tells two files apart: device and inode where it exists (links, case), else the whole path."""
    whole = path.resolve()  # first: in "new/../a.wav" the folder that `..` leaves need not exist yet
    try:
        stat = whole.stat()
        return stat.st_dev, stat.st_ino
    except OSError:
        return whole


def _free_name(target: Path, is_taken: Callable[[Path], bool]) -> Path:
    number, candidate = 2, target
    while is_taken(candidate):
        candidate = target.with_name(f"{target.stem}-{number}{target.suffix}")
        number += 1
    return candidate
