"""The group `svcfx`: finds a command's module when it is asked for, and turns errors into exit codes."""

import os
import sys
from importlib import import_module
from typing import Any

import click

from svcfx import __version__
from svcfx.errors import SvcfxError, nearest

# Name, module and one line of help stand here, so that `--help` imports no command.
COMMANDS = {
    "demo": ("svcfx.cli.demo", "Render the bundled song: the quickest proof that all works."),
    "render": ("svcfx.cli.render", "Render a session: stems, presets, MIDI, mix."),
    "convert": ("svcfx.cli.convert", "Sing one or more vocal files with another voice."),
    "batch": ("svcfx.cli.batch", "Run one preset over files and whole folders."),
    "separate": ("svcfx.cli.separate", "Take a song apart into vocals and accompaniment."),
    "presets": ("svcfx.cli.presets", "List, show, save and check presets."),
    "voices": ("svcfx.cli.voices", "List the voices that can be sung with; add your own."),
    "train": ("svcfx.cli.train", "Make a voice of your own recordings."),
    "midi": ("svcfx.cli.midi", "Show what a MIDI file says: tempo, bars, keys."),
    "inspect": ("svcfx.cli.inspect", "Print how a rendered file was made."),
}


class Commands(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command '{args[0]}'{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SvcfxError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted; no partial file was left.", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of our output went away (`svcfx ... | head`): nobody is left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="svcfx")
def main() -> None:
    """A batch audio plugin host that sings.

    Takes the stems of a song, runs each through a saved chain of effects (one of which may be a
    singing-voice conversion), moves any parameter by MIDI, and mixes the result.

    \b
    Start here:   svcfx demo
    One vocal:    svcfx convert vocal.wav --voice vela -t 5
    A song:       svcfx render song/session.toml
    """
