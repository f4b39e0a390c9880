"""Options that several commands share; a knob's option is made from its spec, so no range stands twice."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from svcfx.node.knobs import check
from svcfx.node.voice_knobs import KNOBS, SWITCHES, VOICES_OWN
from svcfx.params import ParamSpec
from svcfx.session.outputs import FORMATS, ON_EXISTS

F = TypeVar("F", bound=Callable[..., Any])
ENCODINGS = ("pcm16", "pcm24", "float")
_SPECS = {spec.name: spec for spec in KNOBS}
_SWITCHES = {spec.name: spec for spec in SWITCHES}


def knob(
    name: str, *flags: str, also: str = "", elsewhere: Callable[[click.Context, str], bool] | None = None
) -> Callable[[F], F]:
    """The option for one knob of the voice: its help, range and default come from the spec.

    Left out, it is None: a knob that nobody typed stands where the voice has it. `also` is a word that may be
    given in place of a number; `elsewhere` may take a value for another knob.
    """
    spec = _SPECS[name]

    def checked(context: click.Context, _option: click.Parameter, value: Any) -> Any:
        if value is not None and elsewhere is not None and elsewhere(context, value):
            return None
        return value if value is None or value == also else check(spec, value)

    allowed = spec.span if isinstance(spec, ParamSpec) else ", ".join(spec.choices)
    shown = f"{spec.default:g}" if isinstance(spec, ParamSpec) else spec.default
    own = "the voice's own" if name in VOICES_OWN else shown
    return click.option(
        *flags,
        name,
        type=float if isinstance(spec, ParamSpec) and not also else str,
        metavar=spec.unit.upper() if isinstance(spec, ParamSpec) else "NAME",
        callback=checked,
        help=f"{spec.help} {allowed}{f', or {also}' if also else ''}. [default: {own}]",
    )


def switch(name: str, *flags: str, **click_options: Any) -> Callable[[F], F]:
    """The option for one switch of the voice; left out, it is None."""
    spec = _SWITCHES[name]
    shown = {"True": " [default: on]", "0": " [default: 0]"}.get(str(spec.default), "")
    is_flag = "type" not in click_options
    return click.option(*flags, name, default=None, is_flag=is_flag, help=spec.help + shown, **click_options)


def where_networks_run(*flags: str) -> Callable[[F], F]:
    """`--device`: for this command alone, what `SVCFX_DEVICE` says for all."""
    return click.option(
        *flags,
        metavar="NAME",
        expose_value=False,
        callback=_run_on,
        help="Where so-vits-svc voices run: auto, cpu, cuda, cuda:1, mps; the shipped ones run "
        "on the CPU, faster than audio. [default: $SVCFX_DEVICE, else auto, the best of this machine]",
    )


def _run_on(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from svcfx.chain import device  # here: --help does not load torch

    device.resolve(value)
    before = os.environ.get(device.VARIABLE)
    os.environ[device.VARIABLE] = value
    context.call_on_close(partial(_restore, device.VARIABLE, before))


def _restore(variable: str, before: str | None) -> None:
    if before is None:
        del os.environ[variable]
    else:
        os.environ[variable] = before


def where_results_go(default_name: str, *also_out: str) -> Callable[[F], F]:
    """`-o` (also called `also_out`), `--name`, `--format`, `--encoding`, `--on-exists`, `--tail`.

    They are the fields of `isolate.Output`.
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
                     help="What to do where a result is there already."),
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
