"""The group `svcfx train`: a command's module is imported when it is named."""

from importlib import import_module

import click

# Name, module and one line of help stand here, so that `--help` imports no command.
COMMANDS = {
    "prepare": ("svcfx.cli.train_prepare", "Make a dataset of recordings: check, cut, cache features."),
    "run": ("svcfx.cli.train_run", "Train a voice on a dataset."),
    "diffusion": ("svcfx.cli.train_diffusion", "Train the shallow diffusion of a 4.1 voice."),
    "vocoder": ("svcfx.cli.train_vocoder", "Train an NSF-HiFiGAN further on a dataset."),
    "index": ("svcfx.cli.train_index", "Make a voice's index: its singer's own content."),
}


class Commands(click.Group):
    """A group of commands that are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in COMMANDS.items()])


@click.group(cls=Commands)
def train() -> None:
    """Make a voice of your own recordings.

    \b
    svcfx train prepare recordings/ -o dataset/
    svcfx train run dataset/ -o voices/me
    svcfx convert vocal.wav --voice me
    """
