"""Options that several commands share; a knob's option is made from its spec, so no range stands twice."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from svcfx.chain.knobs import SECTIONS, TABLE, Choice, Knob, Row, Switch
from svcfx.node.knobs import check
from svcfx.session.outputs import FORMATS, ON_EXISTS

F = TypeVar("F", bound=Callable[..., Any])
ENCODINGS = ("pcm16", "pcm24", "float")
ALSO = {"transpose_semitones": "auto"}
"""Words that a command takes in place of a number."""


Elsewhere = Callable[[click.Context, str], bool]


def knobs_of_a_voice(elsewhere: Mapping[str, Elsewhere]) -> Callable[[F], F]:
    """An option for each row of the table of knobs; left out, it is None, and the voice decides.

    `elsewhere` holds, by row, who may take a value for another option.
    """
    return _all(
        tuple(
            _switch(row) if isinstance(row, Switch) else _knob(row, elsewhere.get(row.name)) for row in TABLE
        )
    )


def sections_of_knobs() -> dict[str, tuple[str, ...]]:
    """Names of rows under the titles of their sections."""
    return {title: tuple(row.name for row in TABLE if row.section == title) for title in SECTIONS}


def _knob(row: Knob | Choice, elsewhere: Elsewhere | None) -> Callable[[F], F]:
    also = ALSO.get(row.name, "")

    def checked(context: click.Context, _option: click.Parameter, value: Any) -> Any:
        if value is not None and elsewhere is not None and elsewhere(context, value):
            return None
        return value if value is None or value == also else check(row, value)

    allowed = row.span if isinstance(row, Knob) else ", ".join(row.choices)
    return click.option(
        *row.flags,
        row.name,
        type=float if isinstance(row, Knob) and not also else str,
        metavar=row.unit.upper() if isinstance(row, Knob) else "NAME",
        callback=checked,
        help=f"{row.help} {allowed}{f', or {also}' if also else ''}. [default: {_resting(row)}]",
    )


def _resting(row: Row) -> str:
    if row.of_voice:
        return "the voice's own"
    return f"{row.default:g}" if isinstance(row, Knob) else str(row.default)


def _switch(row: Switch) -> Callable[[F], F]:
    if row.kind == "flag":
        shown = " [default: on]" if row.default else ""
        return click.option(*row.flags, row.name, default=None, is_flag=True, help=row.help + shown)
    kind: type = {"whole": int, "number": float, "text": str}[row.kind]
    shown = "" if row.default in (None, "") else f" [default: {row.default}]"
    metavar = row.unit.upper() or None
    return click.option(*row.flags, row.name, default=None, type=kind, metavar=metavar, help=row.help + shown)


def where_networks_run(*flags: str) -> Callable[[F], F]:
    """`--device`: for this command alone, in place of what `SVCFX_DEVICE` says for all."""
    return click.option(
        *flags,
        metavar="NAME",
        default="",
        callback=_run_on,
        help="Where so-vits-svc voices run: auto, cpu, cuda, cuda:1, mps; the shipped ones run "
        "on the CPU, faster than audio. [default: $SVCFX_DEVICE, else auto, the best of this machine]",
    )


def how_many_at_once(function: F) -> F:
    """`--jobs`, `--on`: who shares a run's files."""
    return _all((
        click.option("--jobs", type=click.IntRange(1, 1024), metavar="N",
                     help="Processes that share the files, and the cores. so-vits-svc and RVC voices round "
                          "otherwise on fewer threads, below -100 dBFS; all else is the same to the byte. "
                          "[default: 1; with --on, one for each GPU, or core]"),
        click.option("--on", metavar="PLACE", default="", callback=_place,
                     help="A Ray cluster in place of processes: ray begins one on this machine, "
                          "ray://HOST:PORT and ray:ADDRESS join one (pip install 'svcfx[cluster]')."),
    ))(function)  # fmt: skip


def _place(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value:
        from svcfx.render.cluster import joining  # here: few have a cluster

        joining.address_of(value)
    return value


def _run_on(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value:
        return ""
    from svcfx.chain import device  # here: --help does not load torch

    return str(device.resolve(value))


def where_results_go(default_name: str, *also_out: str) -> Callable[[F], F]:
    """`-o` (also called `also_out`), `--name`, `--format`, `--encoding`, `--on-exists`, `--tail`.

    They are the fields of `isolate.Destination`.
    """
    options = (
        click.option("-o", "--out", *also_out, type=click.Path(path_type=Path), default=Path("renders"),
                     show_default=True, help="Folder for the results, or the one result's file."),
        click.option("--name", "template", default=default_name, show_default=True,
                     help="How results are named; the variables are in braces."),
        click.option("--format", "form", type=click.Choice(FORMATS),
                     help="File format. [default: wav, or the suffix of -o]"),
        click.option("--encoding", type=click.Choice(ENCODINGS), default="pcm24", show_default=True,
                     help="Sample format of WAV and FLAC."),
        click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
                     help="What to do where a result is there already. One that is as it would be made now "
                          "is left as it is, but by overwrite; skip makes again what other settings made."),
        click.option("--tail", "tail_seconds", type=float, default=0.0, metavar="S",
                     help="Seconds added at the end, for a reverb to ring out. [default: 0]"),
    )  # fmt: skip
    return _all(options)


def what_is_taken(function: F) -> F:
    """`--with-results`: what a folder gives."""
    return click.option(
        "--with-results", is_flag=True,
        help="Take what svcfx made from folders too; files with a recipe beside them are left out else.",
    )(function)  # fmt: skip


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
