"""`svcfx separate`: a whole song becomes vocals and accompaniment."""

from pathlib import Path

import click

from svcfx.cli.progress import progress


@click.command()
@click.argument("song", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("renders"), show_default=True,
              help="Folder for the two results.")  # fmt: skip
@click.option("--model", default="voc-ft", show_default=True,
              help="voc-ft, inst-hq-3, or an MDX-Net of your own as .onnx.")  # fmt: skip
@click.option("--on-exists", type=click.Choice(("error", "overwrite")), default="error", show_default=True,
              help="What to do where a result is there already.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors only.")
def separate(song: Path, out: Path, model: str, on_exists: str, quiet: bool) -> None:
    """Take SONG apart into vocals and accompaniment, for the voices of svcfx to sing the former.

    The two files add up to SONG: the accompaniment is the song minus the vocals (with inst-hq-3 the vocals
    are the song minus the accompaniment). The model, by the people of Ultimate Vocal Remover, is fetched once
    (67 MB) and its hash checked. Only ONNX models are opened: others are pickles, which can run any code.

    \b
    svcfx separate song.flac -o stems
    svcfx convert stems/song.vocals.wav --voice vela
    """
    from svcfx.events import Progress
    from svcfx.separation import separating

    def on_note(text: str) -> None:
        if not quiet:
            click.echo(f"Note: {text}", err=True)

    with progress("separating", quiet=quiet) as report:
        made = separating.separate(
            song, out, model=model, overwrite=on_exists == "overwrite", on_note=on_note,
            on_progress=lambda done: report(Progress("separate", song.stem, done)),
        )  # fmt: skip
    click.echo(made.vocals)
    click.echo(made.accompaniment)
