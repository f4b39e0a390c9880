"""`svcfx train run`: parse, one call, progress on stderr, the voice's name on stdout."""

from pathlib import Path
from typing import Any

import click

from svcfx.chain.families import USUAL
from svcfx.cli import train_families as families
from svcfx.cli.sections import Sectioned
from svcfx.cli.train_said import trained
from svcfx.training import kinds

SECTIONS = {
    "The voice": ("out", "name", "family", "size", "volume", "auto_f0", "base", "licence", "consent"),
    "How long": ("steps", "check_every", "keep", "patience", "dry_run"),
    "How": ("batch", "accumulate", "rate", "clip", "seed", "precision", "devices", "nodes"),
}


def _whole(low: int) -> click.IntRange:
    return click.IntRange(min=low)


@click.command(cls=Sectioned, sections=SECTIONS)
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the voice and all that going on needs.",
)
@click.option("--name", help="What the voice will be called. [default: as the folder]")
@click.option(
    "--family",
    type=click.Choice(tuple(kinds.CONTENT)),
    default=USUAL.name,
    show_default=True,
    help="Network: so-vits-svc 4.1, 4.0, the fork's, its small fast one, or that of the singers that ship.",
)
@click.option(
    "--size",
    type=click.Choice(("full", "small")),
    default="full",
    show_default=True,
    help="full fits other programs' base models; small is for a processor.",
)
@click.option("--volume", is_flag=True, help="sovits41: let loudness be an input.")
@click.option("--auto-f0/--no-auto-f0", default=True, help="sovits41: learn the singer's own melody too.")
@click.option(
    "--from",
    "base",
    default="",
    metavar="BASE",
    help="Begin with a G_*.pth, its folder, a voice by name, or hf:owner/repo@revision; "
    "parametric: with a voice by name, such as a clone. [default: nothing; parametric: the one that ships]",
)
@click.option("--licence", default="not stated", help="What you allow; stands in every recipe.")
@click.option("--consent", help="Who sang and agreed. [default: as the dataset says]")
@click.option("--steps", type=_whole(1), help=f"Steps in all. {families.default('steps')}")
@click.option(
    "--check-every",
    type=_whole(1),
    help=f"Steps between two checks, each with a state and a preview. {families.default('check_every')}",
)
@click.option("--keep", type=_whole(1), default=3, show_default=True, help="Last states that stay.")
@click.option(
    "--patience",
    type=_whole(0),
    help=f"Checks without a better one that end it; 0 for never. {families.default('patience')}",
)
@click.option("--dry-run", is_flag=True, help="Print steps, time and memory, measured by two steps.")
@click.option("--batch", type=_whole(1), help=f"Takes at one time on a device. {families.default('batch')}")
@click.option("--accumulate", type=_whole(1), default=1, show_default=True, help="Such batches a step.")
@click.option("--rate", type=float, help=f"Learning rate. {families.default('rate')}")
@click.option("--clip", type=float, help=f"Largest norm of a gradient. {families.default('clip')}")
@click.option("--seed", type=_whole(0), default=1234, show_default=True, help="Of all that is random.")
@click.option(
    "--precision",
    type=click.Choice(("fp32", "bf16", "fp16")),
    default="fp32",
    show_default=True,
    help="bf16 or fp16 is faster on an accelerator.",
)
@click.option("--devices", type=_whole(0), default=0, help="On each host. [default: every accelerator]")
@click.option("--nodes", type=_whole(1), default=1, help="Hosts; start the same command on each.")
@click.option("--tensorboard", is_flag=True, help="Write the curve for TensorBoard too.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def run(dataset: Path, out: Path, quiet: bool, dry_run: bool, **asked: Any) -> None:
    """Train a voice on DATASET, a folder that `svcfx train prepare` made.

    Stop it at any moment and give the same command again: it goes on where it was. At the end, or when
    nothing gets better, the best voice is on your shelf.

    \b
    svcfx train run dataset/ -o voices/me --dry-run
    svcfx train run dataset/ -o voices/me --from G_0.pth --precision bf16
    svcfx train run dataset/ -o voices/me --family quickvc --size small
    svcfx train run dataset/ -o voices/me --family parametric     # minutes on a processor
    """
    asked = families.settled(asked)
    wanted = kinds.voice_request(dataset, out, asked)
    terms = families.TERMS.get(asked["family"], families.OTHER_TERMS)
    card = trained(wanted, terms, dry_run=dry_run, quiet=quiet)
    if card is not None:
        click.echo(card.name)
        click.echo(f"Next: svcfx convert vocal.wav --voice {card.addresses[0]}", err=True)
