"""The lowest versions that are tried are those that pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RAISED = {"torch": "2.13.0"}
"""Tried at another version than their bound; constraints-lowest.txt says why."""


TOOLS = ("docs", "lint")
"""Extras of who works on svcfx, whose versions are those of constraints.txt."""


def test_every_bound_is_tried_where_it_stands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for name in extras if name not in TOOLS for one in extras[name])]
    bounds = dict(re.match(r"([\w.-]+)>=([\w.]+)", requirement).groups() for requirement in asked)
    lines = (ROOT / "constraints-lowest.txt").read_text().splitlines()
    tried = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert tried == bounds | RAISED
