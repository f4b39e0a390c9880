"""`--cache`, `--no-cache`, `--cache-size`: where a command keeps the steps that it made."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from svcfx.errors import ParamError

if TYPE_CHECKING:
    from svcfx.render.files import Files

F = TypeVar("F", bound=Callable[..., Any])
_SIZE = re.compile(r"^(?P<count>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[kMGT]?)i?B?$", re.IGNORECASE)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def what_is_kept(function: F) -> F:
    """The three options; the command gets `store`, None with `--no-cache`."""
    for option in reversed((
        click.option("--cache", "cache", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                     expose_value=False, callback=_remembered,
                     help="Folder in which steps are kept, so that rendering again makes only what changed. "
                          "[default: $SVCFX_CACHE, else the user's cache folder]"),
        click.option("--cache-size", "cache_size", metavar="SIZE", expose_value=False, callback=_remembered,
                     help="What is kept at most, such as 20GB; what was not used for longest goes first. "
                          "[default: 10GB, or a tenth of the free disk]"),
        click.option("--no-cache", "store", is_flag=True, callback=_store,
                     help="Make everything again, and keep nothing."),
    )):  # fmt: skip
        function = option(function)
    return function


def _remembered(context: click.Context, option: click.Parameter, value: Any) -> Any:
    if option.name == "cache_size" and value is not None:
        value = size_of(value)
    context.meta[f"svcfx.{option.name}"] = value
    return value


def _store(context: click.Context, _option: click.Parameter, off: bool) -> "Files | None":
    return None if off else opened(context.meta.get("svcfx.cache"), context.meta.get("svcfx.cache_size"))


def opened(folder: Path | None, size: int | None = None) -> "Files":
    """The store in a folder, or in the user's own; hashes of files are looked for there too."""
    from svcfx import digest
    from svcfx.render.files import Files  # here: --help loads no numpy
    from svcfx.voices import home

    store = Files(folder or home.cache(), size)
    digest.look_in(store)
    return store


def size_of(text: str) -> int:
    """Bytes of a text such as "20GB" or "500 MB".

    Raises:
        ParamError: It is none.
    """
    found = _SIZE.match(text.strip())
    if found is None:
        raise ParamError(f"cache size is '{text}', which is no size", hint="write 500MB, 20GB or 1TB")
    return int(float(found["count"]) * _UNITS[found["unit"].lower()])


def shown(size: float) -> str:
    """Bytes for a person: "1.2 GB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError
