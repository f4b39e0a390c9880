"""Marks of tests that need a package: without it they are skipped by name. It is looked for and not imported,
so that collecting tests that are not run costs nothing."""

import importlib.util
import os
import shutil

import pytest


def package(name: str, extra: str) -> pytest.MarkDecorator:
    """The mark of tests that need the package `name`, which the extra brings."""
    return pytest.mark.skipif(
        importlib.util.find_spec(name) is None, reason=f"the extra {extra} is not installed"
    )


TRAIN = package("lightning_fabric", "train")
RUBBERBAND = pytest.mark.skipif(
    shutil.which("rubberband") is None and not os.environ.get("CI"), reason="rubberband is not installed"
)
"""Of tests that need the program; CI has it."""
