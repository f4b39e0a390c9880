"""Options that several commands share; a knob's option is made from its spec, so no range stands twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from svcfx.node.voice_knobs import KNOBS
from svcfx.params import ParamSpec
from svcfx.session.outputs import FORMATS, ON_EXISTS

F = TypeVar("F", bound=Callable[..., Any])
ENCODINGS = ("pcm16", "pcm24", "float")
_SPECS = {spec.name: spec for spec in KNOBS}


def knob(name: str, *flags: str) -> Callable[[F], F]:
    """The option for one knob of the voice: its help, range and default come from the spec."""
    spec = _SPECS[name]
    allowed = spec.span if isinstance(spec, ParamSpec) else ", ".join(spec.choices)
    shown = f"{spec.default:g}" if isinstance(spec, ParamSpec) else spec.default
    return click.option(
        *flags,
        name,
        type=float if isinstance(spec, ParamSpec) else str,
        default=spec.default,
        metavar=spec.unit.upper() if isinstance(spec, ParamSpec) else "NAME",
        callback=lambda _context, _option, value: spec.check(value),
        help=f"{spec.help} {allowed}. [default: {shown}]",
    )


def where_results_go(default_name: str) -> Callable[[F], F]:
    """`-o`, `--name`, `--format`, `--encoding`, `--on-exists`, `--tail`: the fields of `isolate.Output`."""
    options = (
        click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("renders"),
                     show_default=True, help="Folder for the results, or the one result's file."),
        click.option("--name", "template", default=default_name, show_default=True,
                     help="How results are named; the variables are in braces."),
        click.option("--format", "form", type=click.Choice(FORMATS),
                     help="File format. [default: wav, or the suffix of -o]"),
        click.option("--encoding", type=click.Choice(ENCODINGS), default="pcm24", show_default=True,
                     help="Sample format of WAV and FLAC."),
        click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
                     help="What to do where a result is there already."),
        click.option("--tail", "tail_seconds", type=float, default=0.0, metavar="S",
                     help="Seconds added at the end, for a reverb to ring out. [default: 0]"),
    )  # fmt: skip
    return _all(options)


def how_it_is_told(function: F) -> F:
    """`--dry-run`, `--json`, `--quiet`."""
    return _all((
        click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file."),
        click.option("--quiet", is_flag=True, help="No progress and no notes, errors only."),
    ))(function)  # fmt: skip


def _all(options: tuple[Callable[[Any], Any], ...]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
