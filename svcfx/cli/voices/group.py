"""The group `svcfx voices`."""

import click

from svcfx.cli.lazy import Group
from svcfx.cli.voices.add import add
from svcfx.cli.voices.check import check
from svcfx.cli.voices.clone import clone
from svcfx.cli.voices.export import export
from svcfx.cli.voices.index import convert_index
from svcfx.cli.voices.inspect import inspect
from svcfx.cli.voices.listing import list_voices, show
from svcfx.cli.voices.manage import remove, rename
from svcfx.cli.voices.pull import pull


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
