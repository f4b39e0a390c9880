"""The group `svcfx train`."""

import click

from svcfx.cli.lazy import LazyGroup

# Name, module and one line of help stand here, so that `--help` imports no command.
COMMANDS = {
    "prepare": ("svcfx.cli.train_prepare", "Make a dataset of recordings: check, cut, cache features."),
    "run": ("svcfx.cli.train_run", "Train a voice on a dataset."),
    "diffusion": ("svcfx.cli.train_diffusion", "Train the shallow diffusion of a 4.1 voice."),
    "vocoder": ("svcfx.cli.train_vocoder", "Train an NSF-HiFiGAN further on a dataset."),
    "index": ("svcfx.cli.train_index", "Make a voice's index: its singer's own content."),
}


@click.group(cls=LazyGroup, modules=COMMANDS)
def train() -> None:
    """Make a voice of your own recordings.

    \b
    svcfx train prepare recordings/ -o dataset/
    svcfx train run dataset/ -o voices/me
    svcfx convert vocal.wav --voice me
    """
