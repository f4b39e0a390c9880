"""`svcfx voices clone`: a rough voice from seconds of a recording."""

import sys
from pathlib import Path

import click

from svcfx.cli.progress import progress
from svcfx.cli.voices import telling
from svcfx.events import Progress

QUESTION = "Whose voice is it, and how did they agree to be cloned?"


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the voice will be called.")
@click.option("--consent", help="Who is heard and agreed; asked for when left out, kept on the card.")
@click.option("--replace", is_flag=True, help="Put it in the place of a voice of the same name.")
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors and results only.")
def clone(recording: Path, name: str, consent: str | None, replace: bool, quiet: bool) -> None:
    """Make a rough voice of RECORDING, 5 s or more of one person speaking or singing; nothing is trained.

    The voice that ships is fitted to who is heard: embedding, vocal tract, tone and breath. Words and melody
    of the recording do not come along. Needs pip install "svcfx[clone]". How like it is, is measured by an
    encoder that the voice is not made with.

    \b
    svcfx voices clone me.wav --name me --consent "my own voice"
    svcfx convert vocal.wav --voice me -t auto
    """
    from svcfx.training.cloning import cloning

    if consent is None and sys.stdin.isatty():
        consent = click.prompt(QUESTION, err=True)
    with progress("cloning", quiet=quiet) as tell:
        made = cloning.clone(
            recording, name, consent or "", replace=replace,
            on_share=lambda stage, share: tell(Progress(stage, "", share)),
        )  # fmt: skip
    card = made.card
    click.echo(f"{card.name}: {card.singers[name].about}")
    click.echo(f"  range     {telling.range_of(card.singers[name])}")
    click.echo(f"  likeness  {_told(made.likeness)}")
    click.echo(f"  licence   {telling.short(card.licence)}")
    click.echo(f"  consent   {card.consent}")
    if not quiet:
        for note in made.notes:
            click.echo(f"Note: {note}", err=True)
        click.echo(f"Next: svcfx convert vocal.wav --voice {telling.quoted(name)} -t auto", err=True)


def _told(likeness: float | None) -> str:
    if likeness is None:
        return "not measured"
    return f"{likeness:.2f} (GE2E cosine of the recording and the clone singing it; 1 is the same)"
