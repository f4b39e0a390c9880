"""What the library calls an argument, said as the flag of the command that was typed.

Below `cli` nobody knows flags: a sentence there names an argument in backticks, as in "give `replace`".
"""

import re

import click

_COMMAND = "svcfx.command"
_ARGUMENT = re.compile(r"`([a-z_]+)`")


def typed(context: click.Context, command: click.Command | None) -> None:
    """Remember the command that was typed; the last of nested ones counts."""
    context.meta[_COMMAND] = command


def spoken(text: str) -> str:
    """The sentence with the flags of the command in place of the arguments that it has; the others stay."""
    context = click.get_current_context(silent=True)
    command = None if context is None else context.meta.get(_COMMAND)
    options = () if command is None else command.params
    flags = {
        _singular(option.name): option.opts[0]
        for option in options
        if isinstance(option, click.Option) and option.name
    }
    return _ARGUMENT.sub(lambda found: flags.get(_singular(found[1]), found[0]), text)


def note(text: str) -> None:
    """What the library says that a person should know, on stderr."""
    click.echo(f"Note: {spoken(text)}", err=True)


def _singular(name: str) -> str:
    """An option that may be given again is called by one of what it gives."""
    return name.removesuffix("s")
