"""`svcfx import` and `svcfx export`: songs of other programs, in and out."""

from collections.abc import Sequence
from pathlib import Path

import click

from svcfx.session.exchange import FORMATS
from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs

_QUIET = click.option("--quiet", is_flag=True, help="No notes, errors only.")


@click.command(name="import")
@click.argument("song", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Folder of the session, named after SONG unless this is given.")  # fmt: skip
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="Another folder that SONG may name recordings in. May be given again.")  # fmt: skip
@_QUIET
def import_(song: Path, out: Path | None, allow_path: tuple[Path, ...], quiet: bool) -> None:
    """Make a session of SONG: a .dawproject of Bitwig, Studio One or Cubase, or a .rpp of REAPER.

    Tracks become stems and groups and returns buses, with gain, pan, mute, solo, sends, and the automation of
    gain, pan and sends; tempo, meter and markers become [tempo] or a MIDI file. A track that is one whole
    recording keeps its file, clips are laid together into one. What a session cannot say (plug-ins, MIDI
    notes, stretched clips, ...) is named, one line each.

    \b
    svcfx import song.dawproject -o song
    svcfx render song/session.toml
    """
    from svcfx.session.exchange import doors  # here: --help loads no numpy

    made = doors.bring_in(song, out if out is not None else song.with_suffix(""), allow_paths=allow_path)
    _say("Not taken", made.lost, quiet)
    click.echo(made.session)


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--to", "form", type=click.Choice(FORMATS),
              help="Whose song it becomes; what FILE ends in says it, else dawproject.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="The song's file, named after the session unless this is given.")  # fmt: skip
@click.option("--reference", is_flag=True, help="Name recordings by where they lie, as a .rpp always does.")
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do when the file is there already.")  # fmt: skip
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="A folder outside its own that the session may read. May be given again.")  # fmt: skip
@_QUIET
def export(
    session: Path,
    form: str | None,
    output: Path | None,
    reference: bool,
    on_exists: OnExists,
    allow_path: tuple[Path, ...],
    quiet: bool,
) -> None:
    """Write SESSION as a song that Bitwig, Studio One and Cubase open (.dawproject), or REAPER (.rpp).

    Stems go as they are, before their presets: their files, where they start, gain, pan, mute, solo, buses,
    sends, the automation of gain, pan and sends, tempo, meter and markers. What those programs do not know
    (presets, voices, the key, ...) is named, one line each.

    \b
    svcfx export song/session.toml -o song.dawproject
    svcfx export song/session.toml --to rpp -o song/song.rpp
    """
    from svcfx.session import document
    from svcfx.session.exchange import doors

    found = document.load(session, allow_paths=allow_path)
    wished = output if output is not None else Path(f"{found.name}.{form or FORMATS[0]}")
    if form is not None and wished.suffix.lower() != f".{form}":
        wished = wished.with_name(f"{wished.name}.{form}")
    planned = plan_outputs([(session, wished)], on_exists)[0]
    if planned.skipped:
        click.echo(f"'{wished}' exists already, skipped", err=True)
        return
    made = doors.take_out(found, planned.target, pack=not reference)
    _say("Not in it", made.lost, quiet)
    click.echo(made.path)


def _say(what: str, lost: Sequence[str], quiet: bool) -> None:
    for each in () if quiet else lost:
        click.echo(f"{what}: {each}", err=True)
