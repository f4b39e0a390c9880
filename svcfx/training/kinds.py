"""What the training of a voice is by its family: the content that it reads, its defaults, its request.

This module loads no torch, so that `--help` can read it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svcfx.chain import families

PARAMETRIC = families.PARAMETRIC.name
CONTENT = {family.name: family.content[0] for family in (*families.trained("vits"), families.PARAMETRIC)}
"""Families, with the content that each reads where nothing else is said."""
DEFAULTS: dict[str, tuple[float, float]] = {
    "steps": (10_000, 400),
    "check_every": (500, 50),
    "patience": (20, 4),
    "batch": (8, 16),
    "rate": (1e-4, 1.5e-3),
    "clip": (1000.0, 2.0),
}
"""For networks of so-vits-svc, and for parametric ones, of which a step is small."""


def about(family: str) -> str:
    """What a person should know before choosing it."""
    if family == PARAMETRIC:
        return "minutes on a processor; svcfx sings it, in streams too"
    return f"hours on a graphics card; {families.of(family).title} opens it too"


def settled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, with the defaults of its `family` for what is None or not there."""
    parametric = asked["family"] == PARAMETRIC
    return {**asked, **{name: both[parametric] for name, both in DEFAULTS.items() if asked.get(name) is None}}


def voice_request(dataset: Path, out: Path, asked: Mapping[str, Any]) -> Any:
    """What is asked of the training of a voice of that `family`, settled."""
    kind: Any
    recipe: Any
    if asked["family"] == PARAMETRIC:
        from svcfx.training.tuning.recipe import TuningRecipe as recipe
        from svcfx.training.tuning.request import TuningRequest as kind
    else:
        from svcfx.training.vits.recipe import VitsRecipe as recipe
        from svcfx.training.vits.request import VitsRequest as kind
    return request(kind, recipe, dataset=dataset, out=out, **asked)


def request(kind: Any, recipe: Any, **asked: Any) -> Any:
    """What is asked of a training, as its `kind`, with its recipe and a plan."""
    from svcfx.training.plan import TrainingPlan

    def made(of: Any) -> Any:
        return of(**{key: value for key, value in asked.items() if key in of.__dataclass_fields__})

    own = {key: value for key, value in asked.items() if key in kind.__dataclass_fields__}
    return kind(recipe=made(recipe), plan=made(TrainingPlan), **own)
