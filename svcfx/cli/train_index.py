"""`svcfx train index`: what draws a voice's content towards its singer's own."""

from pathlib import Path
from typing import Any

import click

from svcfx.cli.progress import progress
from svcfx.cli.table import table
from svcfx.events import Progress


@click.command()
@click.argument("dataset", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path),
              help="Result. [default: index.safetensors in the dataset]")  # fmt: skip
@click.option("--kind", type=click.Choice(("neighbours", "centres")), default="neighbours", show_default=True,
              help="What was sung, unit by unit; or centres of a k-means, which are fewer.")  # fmt: skip
@click.option("--centres", type=int, default=2000, show_default=True, help="How many, for --kind centres.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the centres.")
@click.option("--replace", is_flag=True, help="Put it in the place of one that is there.")
@click.option("--quiet", is_flag=True, help="No progress, errors and results only.")
def index(dataset: Path, out: Path | None, quiet: bool, **chosen: Any) -> None:
    """Make the index of a prepared DATASET: a bank of each singer's own content.

    A voice that is added with it sings nearer to its singer's diction the higher index_rate stands.

    \b
    svcfx train index dataset/
    svcfx voices add voices/me --name me --index dataset/index.safetensors --replace
    svcfx convert vocal.wav --voice me --index-rate 0.5
    """
    from svcfx.training import indexing

    path = out or dataset / "index.safetensors"
    with progress("indexing", quiet=quiet) as tell:
        made = indexing.make(
            dataset, path, **chosen, on_step=lambda who, share: tell(Progress("reading", who, share))
        )
    rows = [(singer, str(told.rows), str(told.sung)) for singer, told in made.items()]
    click.echo(f"{table(('SINGER', 'ROWS', 'UNITS SUNG'), rows)}\n{path}")
