"""Flags of RVC's infer_cli and of `rvc-next convert`, by the names that their users type, beside svcfx's own.

Where one of them is given, `--protect` is RVC's too: the share of the index that unvoiced sounds keep, off at
0.5.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from svcfx.chain.knobs import KNOBS
from svcfx.cli import infer_flags
from svcfx.node.knobs import check

F = TypeVar("F", bound=Callable[..., Any])
TITLE = "Flags of RVC's infer_cli and of rvc-next"
_TAKEN = "svcfx.cli.rvc_flags"
_WEIGHTS = Path("assets/weights")
_PROTECT_OFF = 0.5
_FLAGS: tuple[tuple[str, Any, str], ...] = (
    ("--input_path", Path, "A file to sing."),
    ("--opt_path", Path, "Where its result goes."),
    ("--model_name", Path, "The .pth to sing with, here or in assets/weights."),
    ("--index_path", Path, "Its .index."),
    ("--f0up_key", float, "Semitones up."),
    ("--f0method/--f0", str, "Pitch tracker."),
    ("--index_rate", float, "How far words are bent towards the index."),
    ("--unvoiced", str, "original and protect (filled) or zero, as --unvoiced-f0."),
    (
        "--rms_mix_rate/--rms-mix",
        float,
        "The singer's own dynamics against the input's: 1 less --loudness-follow.",
    ),
)
NAMES = tuple(flag.partition("/")[0].removeprefix("--") for flag, _, _ in _FLAGS)
_UNVOICED = {"original": "filled", "protect": "filled", "zero": "zero"}
_KNOBS = {"f0up_key": "transpose_semitones", "f0method": "pitch", "index_rate": "index_rate"}
_SPECS = {spec.name: spec for spec in KNOBS}


def flags_of_infer_cli(function: F) -> F:
    """Take the flags; `files` and `knobs` say what they come to."""
    for flag, kind, help in reversed(_FLAGS):
        names = flag.split("/")
        name = names[0].removeprefix("--")
        function = click.option(
            *names,
            f"rvc_{name}",
            type=click.Path(path_type=Path) if kind is Path else kind,
            metavar="X",
            expose_value=False,
            callback=partial(_take, name),
            help=help,
        )(function)
    return function


def files(
    context: click.Context, inputs: tuple[Path, ...], model: Path | None, index: Path | None, out: Path
) -> tuple[tuple[Path, ...], Path | None, Path | None, Path]:
    """Inputs, model, index and place of results, with those that RVC's flags name.

    Raises:
        click.MissingParameter: There is no input.
    """
    taken = _taken(context)
    if "input_path" in taken:
        inputs = (*inputs, taken["input_path"])
    if not inputs:
        raise click.MissingParameter(param_type="argument", param_hint="'IN...'")
    named = taken.get("model_name")
    if named is not None and not named.exists() and (_WEIGHTS / named).exists():
        named = _WEIGHTS / named
    return inputs, model or named, index or taken.get("index_path"), taken.get("opt_path", out)


def knobs(context: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """Knobs that RVC's flags set; raises `ParamError` outside their ranges."""
    taken = _taken(context)
    found = {knob: check(_SPECS[knob], taken[name]) for name, knob in _KNOBS.items() if name in taken}
    if "rms_mix_rate" in taken:
        found["loudness_follow"] = check(_SPECS["loudness_follow"], 1.0 - taken["rms_mix_rate"])
    if "unvoiced" in taken:
        rule = _UNVOICED.get(taken["unvoiced"], taken["unvoiced"])
        found["unvoiced_f0"] = check(_SPECS["unvoiced_f0"], rule)
    share = given.get("protect")
    if taken and share is not None:
        kept = 0.0 if share >= _PROTECT_OFF else 1.0 - share
        infer_flags.note(
            context, f"--protect {share:g} is RVC's: {kept:g} of the index stays away from unvoiced sounds"
        )
        found["protect"] = kept
    return found


def semitones(context: click.Context, value: str) -> bool:
    """Whether `--pitch` is given as rvc-next means it, semitones and no tracker; then it is taken so."""
    try:
        up = float(value)
    except ValueError:
        return False
    context.meta.setdefault(_TAKEN, {})["f0up_key"] = up
    infer_flags.note(context, f"--pitch {value} is taken as semitones, as rvc-next means it: -t {value}")
    return True


def _taken(context: click.Context) -> dict[str, Any]:
    return dict(context.meta.get(_TAKEN, {}))


def _take(name: str, context: click.Context, _option: click.Parameter, value: object) -> None:
    if value is not None:
        context.meta.setdefault(_TAKEN, {})[name] = value
