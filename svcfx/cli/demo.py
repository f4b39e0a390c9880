"""`svcfx demo`: the bundled song, rendered, and one picture of what was done."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcfx.cli.caching import what_is_kept
from svcfx.cli.progress import progress
from svcfx.session.outputs import ON_EXISTS, OnExists

if TYPE_CHECKING:
    from svcfx.render.files import Files
    from svcfx.session.bounce import Bounced

SESSION = Path(__file__).resolve().parent.parent / "demo" / "session.toml"
LEAD = "lead"
DEFAULT = Path("renders/demo")


@click.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), default=DEFAULT, show_default=True,
              help="Folder for the results.")  # fmt: skip
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="skip", show_default=True,
              help="What to do where a result is there already.")  # fmt: skip
@what_is_kept
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors only.")
def demo(out: Path, on_exists: OnExists, quiet: bool, store: "Files | None") -> None:
    """Render the bundled song: the quickest proof that all works.

    The lead is sung by another voice than the one in its stem, the key goes up two semitones where a MIDI
    file says so, the accompaniment follows and the drums do not. demo.png shows it.

    \b
    svcfx demo
    svcfx demo -o elsewhere --on-exists overwrite
    """
    from svcfx.session import bounce  # here: --help loads neither torch nor pedalboard

    with progress("rendering the demo", quiet=quiet) as report:
        done = bounce.bounce(SESSION, out, on_exists=on_exists, on_progress=report, store=store)
    if not quiet:
        for note in done.notes:
            click.echo(f"{'Warning' if note.is_warning else 'Note'}: {note.text}", err=True)
        click.echo(done.summary(), err=True)
    mix = next((path for path in (*done.mix, *done.skipped) if path.parent == out), out)
    if not done.mix:
        click.echo(
            "The demo is there already; to render it again: svcfx demo --on-exists overwrite", err=True
        )
    click.echo(mix)
    picture = _picture(done, mix)
    if picture is not None:
        click.echo(picture)


def _picture(done: "Bounced", mix: Path) -> Path | None:
    """Draw the lead under the mix's own name, when the mix is new or has no picture yet."""
    target = mix.with_suffix(".png")
    lead = next((path for path in (*done.stems, *done.skipped) if path.stem.startswith(LEAD)), None)
    if lead is None or (target.exists() and not done.mix):
        return target if target.exists() else None
    from svcfx import audio, report
    from svcfx.session import document, plan

    subject = report.of_stem(plan.make(document.load(SESSION)), LEAD, converted=audio.read(lead))
    report.draw(subject, target)
    return target
