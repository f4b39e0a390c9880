"""The group `svcfx`: which commands there are, and errors as exit codes."""

import gc
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

import click

from svcfx import __version__, cores, heap
from svcfx.cli.flags import spoken
from svcfx.cli.lazy import LazyGroup
from svcfx.errors import SvcfxError
from svcfx.node import opening

# Name, module and one line of help stand here, so that `--help` imports no command.
COMMANDS = {
    "demo": ("svcfx.cli.demo", "Render the bundled song: the quickest proof that all works."),
    "render": ("svcfx.cli.render", "Render a session: stems, presets, MIDI, mix."),
    "session": ("svcfx.cli.session", "Begin a session: from a folder of stems."),
    "import": ("svcfx.cli.exchange", "Make a session of another program's song: .dawproject, .rpp."),
    "export": ("svcfx.cli.exchange", "Write a session as another program's song: .dawproject, .rpp."),
    "convert": ("svcfx.cli.convert", "Sing one or more vocal files with another voice."),
    "batch": ("svcfx.cli.batch", "Run one preset over files and whole folders."),
    "jobs": ("svcfx.cli.jobs", "List the batches whose results lie in a folder."),
    "studio": ("svcfx.cli.studio", "Open a page to work on a song."),
    "live": ("svcfx.cli.live", "Sing while sound comes in: latency, load, overload."),
    "separate": ("svcfx.cli.separate", "Take a song apart into vocals and accompaniment."),
    "presets": ("svcfx.cli.presets", "List, show, save and check presets."),
    "plugins": ("svcfx.cli.plugins", "List the VST3s of this machine, and their parameters."),
    "voices": ("svcfx.cli.voices", "List the voices that can be sung with; add your own."),
    "train": ("svcfx.cli.train", "Make a voice of your own recordings."),
    "plan": ("svcfx.cli.plan", "Show which transposition suits a singer, and where it breaks."),
    "midi": ("svcfx.cli.midi", "Show what a MIDI file says: tempo, bars, keys."),
    "cache": ("svcfx.cli.cache", "Show, check and clear what is kept between renders."),
    "null": ("svcfx.cli.null", "Take one recording away from another: what is left, by octave."),
    "compare": ("svcfx.cli.compare", "Draw two recordings over each other: pitch, loudness, spectrum."),
    "inspect": ("svcfx.cli.inspect", "Print how a rendered file was made."),
}
_OBJECTS = 100_000
"""Between two looks for cycles: imports make as many objects and hardly a cycle, and 700 looks in vain."""


def _tell_of_wait(plugin: str, seconds: float) -> None:
    if "--quiet" not in sys.argv and "-q" not in sys.argv:
        click.echo(f"plug-in '{plugin}' is being opened, {seconds:.0f} s so far (Ctrl-C stops)", err=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Commands(LazyGroup):
    """The whole program: errors become a sentence and an exit code; SIGTERM is Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        heap.keep()
        cores.rest_early()
        gc.set_threshold(_OBJECTS)
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looked for in every installed package
        opening.be_host(_tell_of_wait)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _interrupt)
        try:
            return super().invoke(ctx)
        except SvcfxError as error:
            click.echo(f"Error: {spoken(str(error))}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted; no partial file was left.", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of our output went away (`svcfx ... | head`): nobody is left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Commands, modules=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="svcfx")
def main() -> None:
    """A batch audio plugin host that sings.

    Takes the stems of a song, runs each through a saved chain of effects (one of which may be a
    singing-voice conversion), moves any parameter by MIDI, and mixes the result.

    \b
    Start here:   svcfx demo
    One vocal:    svcfx convert vocal.wav --voice vela -t 5
    A song:       svcfx render song/session.toml
    A page:       svcfx studio song
    """
