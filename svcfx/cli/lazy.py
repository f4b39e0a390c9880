"""A group whose commands are imported when they are named, so that `--help` imports none of them."""

import keyword
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from svcfx.cli import flags
from svcfx.errors import nearest

Commands = Mapping[str, tuple[str, str]]
"""Module and one line of help of each command, by name."""


class Group(click.Group):
    """A group whose commands are spoken of by their own flags."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; which command it is is remembered."""
        name, command, rest = super().resolve_command(ctx, args)
        flags.typed(ctx, command)
        return name, command, rest


class LazyGroup(Group):
    """`modules` says where each command is; an unknown name is answered with the nearest."""

    def __init__(self, *args: Any, modules: Commands, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order they were given in."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.modules:
            return None
        called = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(import_module(self.modules[cmd_name][0]), called)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown name is told with the nearest one."""
        if args and args[0] not in self.modules and not args[0].startswith("-"):
            ctx.fail(f"no command '{args[0]}'{nearest(args[0], self.modules)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The lines that were given, not those of commands that are not imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in self.modules.items()])
