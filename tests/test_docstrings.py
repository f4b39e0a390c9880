"""The examples in docstrings say what really comes out."""

import doctest
import importlib
import pkgutil

import pytest

from svcfx import dsp, midi

PACKAGES = (midi, dsp)
MODULES = ["svcfx.lanes", "svcfx.params"] + [
    f"{package.__name__}.{module.name}"
    for package in PACKAGES
    for module in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_hold(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


@pytest.mark.parametrize("place", ["svcfx.lanes", "svcfx.params", "svcfx.midi", "svcfx.dsp"])
def test_there_are_examples(place):
    finder = doctest.DocTestFinder()
    modules = [module for module in MODULES if module.startswith(place)]
    tests = [test for module in modules for test in finder.find(importlib.import_module(module))]
    assert sum(bool(test.examples) for test in tests) >= 2
