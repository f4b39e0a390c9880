"""What `svcfx train run` does otherwise for each family: its defaults, and options that say nothing to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from svcfx.chain import families
from svcfx.errors import ParamError

PARAMETRIC = families.PARAMETRIC.name
CONTENT = {family.name: family.content[0] for family in (*families.trained("vits"), families.PARAMETRIC)}
"""Families, with the content that each reads where nothing else is said."""
TERMS = {PARAMETRIC: ("envelope", "loudness")}
OTHER_TERMS = ("mel", "kl", "disc")
_DEFAULTS: Mapping[str, tuple[float, float]] = {
    "steps": (10_000, 400),
    "check_every": (500, 50),
    "patience": (20, 4),
    "batch": (8, 16),
    "rate": (1e-4, 1.5e-3),
    "clip": (1000.0, 2.0),
}
"""For networks of so-vits-svc, and for parametric ones, of which a step is small."""
_NOT_PARAMETRIC = ("size", "volume", "auto_f0", "accumulate", "devices", "nodes")


def default(name: str) -> str:
    """The end of an option's help that tells its defaults."""
    usual, parametric = _DEFAULTS[name]
    return f"[default: {usual:g}; parametric: {parametric:g}]"


def settled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, with the family's defaults; raises `ParamError` when an option does not apply."""
    parametric = asked["family"] == PARAMETRIC
    if parametric:
        refuse(_NOT_PARAMETRIC, "--family parametric")
    own = {name: values[parametric] for name, values in _DEFAULTS.items() if asked[name] is None}
    return {**asked, **own}


def content(family: str | None, kind: str | None) -> str:
    """The content of a dataset; raises `ParamError` when the family reads another one."""
    if family == PARAMETRIC and kind not in (None, CONTENT[PARAMETRIC]):
        raise ParamError(
            f"encoder is '{kind}', and a parametric voice reads '{CONTENT[PARAMETRIC]}'",
            hint="leave --encoder out",
        )
    return kind or CONTENT[family or families.USUAL.name]


def refuse(names: tuple[str, ...], where: str) -> None:
    """Raise `ParamError` when one of these options was given."""
    context = click.get_current_context()
    flags = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    for name in names:
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise ParamError(f"{flags[name]} says nothing to {where}", hint="leave it out")


def request(dataset: Path, out: Path, asked: Mapping[str, Any]) -> Any:
    """What is asked of the training of such a voice."""
    from svcfx.cli.train_said import request

    kind: Any
    recipe: Any
    if asked["family"] == PARAMETRIC:
        from svcfx.training.tuning.recipe import TuningRecipe as recipe
        from svcfx.training.tuning.request import TuningRequest as kind
    else:
        from svcfx.training.vits.recipe import VitsRecipe as recipe
        from svcfx.training.vits.request import VitsRequest as kind
    return request(kind, recipe, dataset=dataset, out=out, **asked)
