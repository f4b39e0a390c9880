"""The registry of families: one home for their names, and titles that lead back to them."""

import ast
from pathlib import Path

import pytest

import svcfx
from svcfx.chain import families
from svcfx.errors import VoiceError

PACKAGE = Path(svcfx.__file__).parent
NAMES = {family.name for family in families.FAMILIES} - {families.DIFFUSION.name}
"""Without "diffusion", which is also the name of a part."""


def spelled(path: Path) -> set[str]:
    """Families whose name or title stands in a module as a text."""
    texts = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    return {name for name in NAMES if name in texts} | {
        family.name for family in families.FAMILIES if family.title in texts
    }


def test_a_familys_name_is_spelled_in_the_registry_alone():
    found = {str(path.relative_to(PACKAGE)): spelled(path) for path in PACKAGE.rglob("*.py")}
    home = found.pop("chain/families.py")
    assert home == {family.name for family in families.FAMILIES}
    assert {path: names for path, names in found.items() if names} == {}


def test_names_and_titles_are_nobody_elses():
    assert len({family.name for family in families.FAMILIES}) == len(families.FAMILIES)
    assert len({family.title for family in families.FAMILIES}) == len(families.FAMILIES)
    assert {family.card for family in families.FAMILIES} <= {family.name for family in families.FAMILIES}


@pytest.mark.parametrize("family", families.FAMILIES, ids=lambda family: family.name)
def test_a_title_leads_to_the_family_that_cards_have(family):
    assert families.titled(family.title) is families.of(family.card)


@pytest.mark.parametrize("title", ["so-vits-svc-fork istft", "so-vits-svc-fork 4.0v1"])
def test_a_longer_title_is_of_the_family_that_it_begins_with(title):
    assert families.titled(title) is families.FORK


def test_a_family_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(VoiceError, match=r"family is 'sovits42'.*did you mean 'sovits4[01]'"):
        families.of("sovits42")
