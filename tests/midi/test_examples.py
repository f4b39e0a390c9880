"""The examples in the docstrings of svcfx.midi say what really comes out."""

import doctest
import importlib
import pkgutil

import pytest

from svcfx import midi

MODULES = [f"svcfx.midi.{module.name}" for module in pkgutil.iter_modules(midi.__path__)]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_hold(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    tests = [test for module in MODULES for test in finder.find(importlib.import_module(module))]
    assert sum(bool(test.examples) for test in tests) >= 4
