"""A command whose help is told in sections, so that it can be read from top to bottom."""

from collections.abc import Mapping, Sequence
from typing import Any

import click


class Sectioned(click.Command):
    """`sections` holds the names of the parameters under each title; the rest comes last, under "Options"."""

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options by section, in the sections' order."""
        lines = {p.name: p.get_help_record(ctx) for p in self.get_params(ctx) if isinstance(p, click.Option)}
        for title, names in self.sections.items():
            told = [line for name in names if (line := lines.pop(name, None)) is not None]
            if told:
                with formatter.section(title):
                    formatter.write_dl(told)
        rest = [line for line in lines.values() if line is not None]
        if rest:
            with formatter.section("Options"):
                formatter.write_dl(rest)
