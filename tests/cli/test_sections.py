"""Help in sections: every option of a command stands in one of them, under its title."""

import click

from svcfx.cli.convert import SECTIONS, convert
from svcfx.cli.sections import Sectioned


def test_every_option_of_convert_has_a_section_and_every_section_its_options():
    listed = [name for names in SECTIONS.values() for name in names]
    assert sorted(listed) == sorted(p.name for p in convert.params if isinstance(p, click.Option))


def test_titles_come_in_order_and_what_has_no_section_comes_last():
    options = [click.Option([f"--{name}"], help=name) for name in ("late", "early", "left-over")]
    sections = {"First": ("early",), "Then": ("late",), "Never": ()}
    command = Sectioned("x", params=options, sections=sections)
    shown = command.get_help(click.Context(command))
    places = [
        shown.index(text)
        for text in ("First:", "--early", "Then:", "--late", "Options:", "--left-over", "--help")
    ]
    assert places == sorted(places)
    assert "Never" not in shown
