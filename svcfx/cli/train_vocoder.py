"""`svcfx train vocoder`: parse, one call, progress on stderr, the vocoder's folder on stdout."""

from pathlib import Path
from typing import Any

import click

from svcfx.cli.sections import Sectioned
from svcfx.cli.train_said import COMMON, common, trained
from svcfx.training.kinds import request

SECTIONS = {"The vocoder": ("base", "out"), **COMMON}
TERMS = ("mel", "disc")


@click.command(cls=Sectioned, sections=SECTIONS)
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--from", "base", type=click.Path(exists=True, path_type=Path), required=True, metavar="FOLDER",
              help="NSF-HiFiGAN to begin with: its folder, with `model` and config.json.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the vocoder and all that going on needs.")  # fmt: skip
@common(steps=2_000, batch=8, rate=1e-5, clip=1000.0)
def vocoder(dataset: Path, out: Path, quiet: bool, dry_run: bool, **asked: Any) -> None:
    """Train a vocoder further on DATASET, a folder that `svcfx train prepare` made.

    The vocoder makes sound of the mel that a diffusion model draws; here it gets to know the singers. What is
    made of a vocoder stays under its terms: openvpi's releases are CC BY-NC-SA 4.0, and so is what you train
    of them. The terms are written beside the weights, in NOTICE.txt.

    Stop it at any moment and give the same command again: it goes on where it was.

    \b
    svcfx train vocoder dataset/ --from nsf_hifigan/ -o voices/me/nsf_hifigan --dry-run
    svcfx train vocoder dataset/ --from nsf_hifigan/ -o voices/me/nsf_hifigan --precision bf16
    svcfx voices add voices/me --name me --replace
    """
    from svcfx.training.vocoder.recipe import VocoderRecipe
    from svcfx.training.vocoder.request import VocoderRequest

    wanted = request(VocoderRequest, VocoderRecipe, dataset=dataset, out=out, **asked)
    path = trained(wanted, TERMS, dry_run=dry_run, quiet=quiet)
    if path is None:
        return
    click.echo(path)
    click.echo(f"Next: svcfx voices add FOLDER --vocoder {path}, where FOLDER holds your voice", err=True)
