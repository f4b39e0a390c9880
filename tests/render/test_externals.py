"""VST3s that repeat themselves are known by all that they bring along; others are never the same again."""

import shutil

import numpy as np
import pytest

from svcfx.node import plugins, resting
from svcfx.render import externals, specs
from svcfx.render.keys import Unkeyable, digest
from svcfx.render.steps import Steps
from svcfx.render.store import Memory

RATE = 44_100


@pytest.fixture(autouse=True)
def _another_process(monkeypatch):
    """What an earlier test found out is not known."""
    monkeypatch.setattr(externals, "_known", {})


@pytest.fixture
def opened():
    """A VST3 as presets open one; skipped by name where it is not installed."""

    def opens(name, path=None):
        if path is None and name not in plugins.names():
            pytest.skip(f"{name} is not installed: Debian's zam-plugins has it")
        make = (lambda: plugins.find(name)) if path is None else (lambda: plugins.load(path))
        return resting.opened(f"{name} {path}", make)

    return opens


def giving(*of_each):
    """Plug-ins of which each gives these numbers, one after the other."""
    rows = iter(of_each)
    return lambda: (np.array([number]) for number in next(rows))


def test_fresh_ones_that_agree_repeat():
    assert externals.agree(giving((1, 1), (1, 1), (1, 1)), 2)


@pytest.mark.parametrize("of_each", [((1, 1), (1, 1), (2, 2)), ((1, 1), (1, 2), (1, 2))])
def test_one_that_differs_fresh_or_after_it_played_does_not(of_each):
    assert not externals.agree(giving(*of_each), 2)


def test_it_is_found_out_once_and_remembered_in_the_store(monkeypatch):
    asked, store = [], Memory()

    def answer(about):
        return externals.answered(Steps(store), "repeats", about, lambda: bool(asked.append(about)))

    assert [answer(("a",)), answer(("b",)), answer(("a",))] == [False] * 3
    monkeypatch.setattr(externals, "_known", {})
    assert answer(("a",)) is False
    assert asked == [("a",), ("b",)]


def test_a_vst3_is_known_by_its_file_its_opening_and_what_was_set(opened, tmp_path):
    plugin = opened("ZamCompX2")
    was = digest(externals.facts(plugin))
    assert digest(externals.facts(resting_like(plugin))) == was
    plugins.put(plugin, "makeup_db", 3.0)
    louder = digest(externals.facts(plugin))
    plugins.put(plugin, "makeup_db", 4.0)
    bundle = shutil.copytree(plugins.path_of(plugin), tmp_path / "ZamCompX2.vst3")
    copied = [digest(externals.facts(opened("copy", bundle)))]
    (bundle / "Contents" / "Resources").mkdir(exist_ok=True)
    (bundle / "Contents" / "Resources" / "table.bin").write_bytes(b"another table")
    copied.append(digest(externals.facts(opened("copy", bundle))))
    assert len({was, louder, digest(externals.facts(plugin)), *copied}) == 5


def resting_like(plugin):
    return resting.opened(resting.asked(plugin), lambda: resting.another(plugin))


def test_one_that_was_opened_by_somebody_else_is_not_known(opened):
    opened("ZamCompX2")
    with pytest.raises(Unkeyable, match="plug-in 'ZamCompX2' does not say what it depends on"):
        externals.facts(plugins.find("ZamCompX2"))


@pytest.mark.parametrize("channels", [1, 2])
def test_a_compressor_repeats_and_has_a_key(opened, channels):
    plugin = opened("ZamComp" if channels == 1 else "ZamCompX2")

    def repeats(one):
        return externals.repeats(one, channels, RATE, Steps())

    assert specs.of(plugin, {}, 1.0, repeats) == specs.of(resting_like(plugin), {}, 1.0, repeats)


def test_one_that_does_not_repeat_has_none_and_says_why(opened):
    with pytest.raises(Unkeyable, match="plug-in 'ZamCompX2' gives other samples each time"):
        specs.of(opened("ZamCompX2"), {}, 1.0, lambda _plugin: False)
