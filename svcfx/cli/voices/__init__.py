"""`svcfx voices`: what can be sung with, and how more comes."""

import click

from svcfx.cli.lazy import Group
from svcfx.cli.voices.adding import add, clone, convert_index, pull
from svcfx.cli.voices.keeping import export, remove, rename
from svcfx.cli.voices.listing import check, inspect, list_voices, show


@click.group(cls=Group)
def voices() -> None:
    """List the voices that can be sung with, and add your own.

    Voices from RVC, so-vits-svc 4.0, its fork and 4.1 are added once, checked and converted; from then on
    they have a name, like those that ship.

    \b
    svcfx voices list
    svcfx voices add ~/so-vits-svc/logs/44k --name mei
    svcfx voices add hf:owner/repo --name mei
    svcfx voices clone me.wav --name me
    svcfx convert vocal.wav --voice mei
    """


for command in (list_voices, show, add, clone, pull, inspect, check, export, rename, remove, convert_index):
    voices.add_command(command)
