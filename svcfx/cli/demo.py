"""`svcfx demo`: the bundled song, or the tour of what a session can do, rendered, and one picture of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcfx.cli.caching import what_is_kept
from svcfx.cli.progress import progress
from svcfx.cli.tell import said
from svcfx.session.outputs import ON_EXISTS, OnExists

if TYPE_CHECKING:
    from svcfx.render.files import Files
    from svcfx.session.bounce import Bounced
    from svcfx.session.document import Document

SESSION = Path(__file__).resolve().parent.parent / "demo" / "session.toml"
TOUR = SESSION.with_name("tour.toml")
LEAD = "lead"
FOLDERS = {False: Path("renders/demo"), True: Path("renders/tour")}
"""Where results go, of the tour or not."""
GLUE = "ZamCompX2"
BANDS = ("tour-band.toml", "tour-band-zam.toml")
"""The preset of the tour's bus `band`, and the one that stands for it where `GLUE` is installed."""


@click.command()
@click.option("--tour", is_flag=True, help="Render the tour instead: most of what a session can do.")
@click.option("-o", "--out", type=click.Path(path_type=Path), show_default="renders/demo or renders/tour",
              help="Folder for the results.")  # fmt: skip
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="skip", show_default=True,
              help="What to do where a result is there already.")  # fmt: skip
@what_is_kept
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors only.")
def demo(tour: bool, out: Path | None, on_exists: OnExists, quiet: bool, store: "Files | None") -> None:
    """Render the bundled song: the quickest proof that all works.

    The lead is sung by another voice than the one in its stem, the key goes up two semitones where a MIDI
    file says so, the accompaniment follows and the drums do not. demo.png shows it.

    The tour is the same song with a lead that is drawn to its melody, its harmony and doubles, breath and
    vibrato in lanes, buses with a room, a door that opens in the intro, and sections; with a VST3 too where
    Debian's zam-plugins are installed. Its file, tour.toml, says what does what; tour.png shows it, and
    tour-plan.png which key suits the singers.

    \b
    svcfx demo
    svcfx demo --tour
    svcfx demo -o elsewhere --on-exists overwrite
    """
    from svcfx.session import bounce  # here: --help loads neither torch nor pedalboard

    song, of_glue = _tour() if tour else (_song(), ())
    out, what = out or FOLDERS[tour], "tour" if tour else "demo"
    with progress(f"rendering the {what}", quiet=quiet) as report:
        done = bounce.bounce(song, out, on_exists=on_exists, on_progress=report, store=store)
    if not quiet:
        for text in (*of_glue, *map(said, done.notes)):
            click.echo(text, err=True)
        click.echo(done.summary(), err=True)
    mix = next((path for path in (*done.mix, *done.skipped) if path.parent == out), out)
    if not done.mix:
        again = "svcfx demo --tour" if tour else "svcfx demo"
        click.echo(
            f"The {what} is there already; to render it again: {again} --on-exists overwrite", err=True
        )
    click.echo(mix)
    picture = _picture(done, mix, song)
    if picture is not None:
        click.echo(picture)
    if tour:
        click.echo(_plan(done, mix))


def _song() -> "Document":
    from svcfx.session import document

    return document.load(SESSION)


def _tour() -> "tuple[Document, tuple[str, ...]]":
    """The tour, its band glued by the VST3 where that is installed, and what is said of it."""
    from svcfx.node import plugins
    from svcfx.session import document

    read = document.load(TOUR)
    if not plugins.is_installed(GLUE):
        return read, (f"Note: {GLUE} is not installed (Debian: zam-plugins): the tour plays no VST3",)
    text = read.text.replace(f'preset = "{BANDS[0]}"', f'preset = "{BANDS[1]}"')
    return document.parse(text, TOUR), (f"Note: the bus 'band' goes through the VST3 {GLUE}",)


def _picture(done: "Bounced", mix: Path, song: "Document") -> Path | None:
    """Draw the lead under the mix's own name, when the mix is new or has no picture yet."""
    target = mix.with_suffix(".png")
    lead = next((path for path in (*done.stems, *done.skipped) if path.stem.startswith(LEAD)), None)
    if lead is None or (target.exists() and not done.mix):
        return target if target.exists() else None
    from svcfx import audio, report
    from svcfx.session import plan

    subject = report.of_stem(plan.make(song), LEAD, converted=audio.read(lead))
    report.draw(subject, target)
    return target


def _plan(done: "Bounced", mix: Path) -> Path:
    """Draw which key suits the singers beside the mix, when that is new or has no such picture yet."""
    from svcfx.report import key_picture
    from svcfx.session import key_plan

    target = mix.with_name(f"{mix.stem}-plan.png")
    if done.mix or not target.exists():
        key_picture.draw(key_plan.of_session(TOUR), target)
    return target
