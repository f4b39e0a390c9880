"""`svcfx train diffusion`: parse, one call, progress on stderr, the model's path on stdout."""

from pathlib import Path
from typing import Any

import click

from svcfx.cli.sections import Sectioned
from svcfx.cli.train_said import COMMON, common, trained
from svcfx.training.kinds import request

SECTIONS = {"The model": ("out", "base", "size", "k_step_max", "augment"), **COMMON}
TERMS = ("noise",)


@click.command(cls=Sectioned, sections=SECTIONS)
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the model and all that going on needs.")  # fmt: skip
@click.option("--from", "base", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="MODEL", help="Begin with a model_*.pt of the same --size.")  # fmt: skip
@click.option("--size", type=click.Choice(("full", "small")), default="full", show_default=True,
              help="full fits other programs' base models; small is for a processor.")  # fmt: skip
@click.option(
    "--k-step-max",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    help="Noise levels to learn; 0 for all 1000. 100 is learnt sooner, but only refines.",
)
@click.option(
    "--augment/--no-augment",
    default=True,
    help="Hear half of the crops in another key and loudness, which the model is told.",
)
@common(steps=20_000, batch=48, rate=1e-4, clip=1000.0)
def diffusion(dataset: Path, out: Path, quiet: bool, dry_run: bool, **asked: Any) -> None:
    """Train the shallow diffusion of a 4.1 voice on DATASET, a folder that `svcfx train prepare` made.

    It draws the mel of a voice again, finer; a vocoder makes sound of it. The folder is read by so-vits-svc
    too. Stop it at any moment and give the same command again: it goes on where it was.

    \b
    svcfx train diffusion dataset/ -o voices/me/diffusion --dry-run
    svcfx train diffusion dataset/ -o voices/me/diffusion --from model_0.pt --precision bf16
    svcfx voices add voices/me --name me --vocoder nsf_hifigan/ --replace
    svcfx convert vocal.wav --voice me --diffusion-depth 0.1
    """
    from svcfx.training.diffusion.recipe import DiffusionRecipe
    from svcfx.training.diffusion.request import DiffusionRequest

    wanted = request(DiffusionRequest, DiffusionRecipe, dataset=dataset, out=out, **asked)
    path = trained(wanted, TERMS, dry_run=dry_run, quiet=quiet)
    if path is None:
        return
    click.echo(path)
    click.echo(
        "Next: svcfx voices add FOLDER --vocoder NSF_HIFIGAN, where FOLDER holds voice and model", err=True
    )
