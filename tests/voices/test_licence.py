import pytest

from svcfx.voices.licence import forbids_commerce


@pytest.mark.parametrize(
    "text",
    [
        "CC BY-NC-SA 4.0",
        "cc-by-nc-4.0",
        "no commercial use",
        "Non-commercial only",
        "noncommercial",
        "for non commercial research",
        "forbids commercial use",
        "not for commercial use",
        "Commercial use of the outputs is not permitted.",
        "commercial use is prohibited",
        "may not be used for\ncommercial purposes",
        "research use only",
        "for academic and educational purposes only",
    ],
)
def test_a_licence_that_forbids_commercial_use_is_known_by_its_name_or_words(text):
    assert forbids_commerce(text)


@pytest.mark.parametrize(
    "text",
    [
        "CC0",
        "CC BY 4.0",
        "MIT",
        "BSD-3-Clause, which forbids endorsement",
        "GPL-3.0-or-later",
        "commercial use allowed",
        "Apache-2.0; not endorsed by Example Inc.",
        "free for any use, commercial or private",
    ],
)
def test_a_licence_that_says_nothing_of_the_kind_is_none(text):
    assert not forbids_commerce(text)
