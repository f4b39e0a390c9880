"""A page has no arguments: what it says names none, and offers nothing that only a command can do."""

import pytest

from svcfx.ui.speech import spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("choose another `name`, or give `replace` to put this one in its place", "choose another name"),
        ("Name a folder with `out`.", "Name a folder with out."),
        (
            "`svcfx voices pull contentvec` downloads it once",
            "`svcfx voices pull contentvec` downloads it once",
        ),
        ("free some space", "free some space"),
        ("", ""),
    ],
)
def test_a_hint_is_said_as_a_page_says_it(text, said):
    assert spoken(text) == said
