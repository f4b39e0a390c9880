"""`svcfx train run`: parse, one call, progress on stderr, the voice's name on stdout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from svcfx.cli.sections import Sectioned
from svcfx.cli.train_said import note, step, told

TERMS = ("mel", "kl", "disc")
FAMILIES = ("sovits41", "sovits40", "fork", "quickvc")
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
    type=click.Choice(FAMILIES),
    default="sovits41",
    show_default=True,
    help="Network: so-vits-svc 4.1, 4.0, the fork's, or its small fast one.",
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
    help="Begin with a G_*.pth, its folder, a voice by name, or hf:owner/repo@revision.",
)
@click.option("--licence", default="not stated", help="What you allow; stands in every recipe.")
@click.option("--consent", help="Who sang and agreed. [default: as the dataset says]")
@click.option("--steps", type=_whole(1), default=10_000, show_default=True, help="Steps in all.")
@click.option(
    "--check-every",
    type=_whole(1),
    default=500,
    show_default=True,
    help="Steps between two checks, each with a state and a preview.",
)
@click.option("--keep", type=_whole(1), default=3, show_default=True, help="Last states that stay.")
@click.option(
    "--patience",
    type=_whole(0),
    default=20,
    show_default=True,
    help="Checks without a better one that end it; 0 for never.",
)
@click.option("--dry-run", is_flag=True, help="Print steps, time and memory, measured by two steps.")
@click.option("--batch", type=_whole(1), default=8, show_default=True, help="Takes at one time on a device.")
@click.option("--accumulate", type=_whole(1), default=1, show_default=True, help="Such batches a step.")
@click.option("--rate", type=float, default=1e-4, show_default=True, help="Learning rate.")
@click.option("--clip", type=float, default=1000.0, show_default=True, help="Largest norm of a gradient.")
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
def run(dataset: Path, out: Path, quiet: bool, dry_run: bool, **asked: Any) -> None:  # fmt: skip
    """Train a voice on DATASET, a folder that `svcfx train prepare` made.

    Stop it at any moment and give the same command again: it goes on where it was. At the end, or when
    nothing gets better, the best voice is on your shelf.

    \b
    svcfx train run dataset/ -o voices/me --dry-run
    svcfx train run dataset/ -o voices/me --from G_0.pth --precision bf16
    svcfx train run dataset/ -o voices/me --family quickvc --size small
    """
    from svcfx.cli.progress import progress
    from svcfx.training.vits import running

    request = _request(dataset, out, asked)
    if dry_run:
        for line in told(running.facts(request, note)):
            click.echo(line)
        return
    with progress("training", quiet=quiet) as on_progress:
        card = running.train(request, lambda said: on_progress(step(said, TERMS)), note)
    if card is not None:
        click.echo(card.name)
        click.echo(f"Next: svcfx convert vocal.wav --voice {card.addresses[0]}", err=True)


def _request(dataset: Path, out: Path, asked: Mapping[str, Any]) -> Any:
    from svcfx.training.vits.plan import Plan
    from svcfx.training.vits.recipe import Recipe
    from svcfx.training.vits.running import Asked

    made: dict[str, Any] = {}
    for name, kind in (("recipe", Recipe), ("plan", Plan)):
        fields = kind.__dataclass_fields__
        made[name] = kind(**{key: value for key, value in asked.items() if key in fields})
    own = {key: asked[key] for key in Asked.__dataclass_fields__ if key in asked}
    return Asked(dataset=dataset, out=out, **made, **own)
