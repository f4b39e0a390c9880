"""What `svcfx train run` does otherwise for each family: its defaults, and options that say nothing to it."""

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from svcfx.chain.families import USUAL
from svcfx.errors import ParamError
from svcfx.training import kinds
from svcfx.training.kinds import CONTENT, PARAMETRIC

TERMS = {PARAMETRIC: ("envelope", "loudness")}
OTHER_TERMS = ("mel", "kl", "disc")
_NOT_PARAMETRIC = ("size", "volume", "auto_f0", "accumulate", "devices", "nodes")


def default(name: str) -> str:
    """The end of an option's help that tells its defaults."""
    usual, parametric = kinds.DEFAULTS[name]
    return f"[default: {usual:g}; parametric: {parametric:g}]"


def settled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, with the family's defaults; raises `ParamError` when an option does not apply."""
    if asked["family"] == PARAMETRIC:
        refuse(_NOT_PARAMETRIC, "--family parametric")
    return kinds.settled(asked)


def content(family: str | None, kind: str | None) -> str:
    """The content of a dataset; raises `ParamError` when the family reads another one."""
    if family == PARAMETRIC and kind not in (None, CONTENT[PARAMETRIC]):
        raise ParamError(
            f"encoder is '{kind}', and a parametric voice reads '{CONTENT[PARAMETRIC]}'",
            hint="leave --encoder out",
        )
    return kind or CONTENT[family or USUAL.name]


def refuse(names: tuple[str, ...], where: str) -> None:
    """Raise `ParamError` when one of these options was given."""
    context = click.get_current_context()
    flags = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    for name in names:
        if context.get_parameter_source(name) == ParameterSource.COMMANDLINE:
            raise ParamError(f"{flags[name]} says nothing to {where}", hint="leave it out")
