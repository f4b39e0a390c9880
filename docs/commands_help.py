"""A hook of mkdocs: the page of commands is what `--help` prints, of each in turn."""

from collections.abc import Iterator
from typing import Any

import click

from svcfx.cli.main import main

MARK = "<!-- every command -->"
WIDTH = 96


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put every command's help in the place of the mark."""
    return markdown.replace(MARK, "\n".join(_pages(main, "svcfx", None)))


def _pages(command: click.Command, name: str, above: click.Context | None) -> Iterator[str]:
    context = click.Context(command, parent=above, info_name=name, terminal_width=WIDTH)
    level = "#" * (2 + len(context.command_path.split()) - 1)
    yield f"\n{level} {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None and not found.hidden:
                yield from _pages(found, each, context)
