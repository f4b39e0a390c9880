"""`svcfx batch`: one preset over files and folders."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.cli.caching import what_is_kept
from svcfx.cli.options import (
    how_it_is_told,
    how_many_at_once,
    what_is_taken,
    where_networks_run,
    where_results_go,
)
from svcfx.cli.progress import progress
from svcfx.cli.tell import tell

if TYPE_CHECKING:
    from svcfx.render.files import Files


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-p", "--preset", required=True, help="A shipped preset's name, or a preset file.")
@click.option("--set", "settings", multiple=True, metavar="ADDRESS=VALUE",
              help="Change one parameter of the preset; transpose_semitones of a voice takes auto too. "
                   "May be given again.")  # fmt: skip
@click.option("--allow-plugin", "allow_plugins", multiple=True, metavar="FILE",
              type=click.Path(path_type=Path),
              help="A plug-in file that the preset may load by its path. May be given again.")  # fmt: skip
@click.option("--seed", type=int, help="Seed of the preset's voices. [default: what the preset says]")
@where_networks_run("--device")
@what_is_kept
@what_is_taken
@how_many_at_once
@where_results_go("{stem}_{preset}")
@how_it_is_told
def batch(
    paths: tuple[Path, ...],
    preset: str,
    settings: tuple[str, ...],
    allow_plugins: tuple[Path, ...],
    seed: int | None,
    with_results: bool,
    jobs: int,
    out: Path,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    store: "Files | None",
    **writing: Any,
) -> None:
    """Run one preset over files and whole folders.

    PATH is an audio file or a folder. What is read: WAV, W64, AIFF, CAF, AU, FLAC, OGG, Opus, MP3, M4A (AAC,
    ALAC), WMA, WebM, AC-3 and others. Folders are read through and through, and mirrored below the output
    folder; hidden files are passed over. What looks like audio and is not read, and what svcfx made itself
    (its recipe lies beside it), is left out and told.

    A file that fails does not stop the others: the table at the end says which, and the exit code is 3 when
    some failed and others are on disk.

    Names know {stem} and {preset}, and {voice}, {transpose} and {formant} when the preset sings.

    \b
    svcfx batch takes/ --preset lead-vela
    svcfx batch a.wav b.wav --preset my.toml --set compressor.threshold_db=-30
    svcfx batch takes/ --preset lead-vela --on-exists skip --tail 2 --json
    svcfx batch songs/ --preset lead-vela --jobs 2
    """
    from svcfx.documents import is_path
    from svcfx.session import files  # here: --help loads neither torch nor pedalboard
    from svcfx.session.isolate import Output
    from svcfx.session.settings import parse

    with progress("rendering", quiet=quiet) as report:
        results = files.batch(
            paths,
            Path(preset) if is_path(preset) else preset,
            output=Output(out, **writing),
            settings=parse(settings),
            allow_plugins=allow_plugins,
            seed=seed,
            dry_run=dry_run,
            with_results=with_results,
            jobs=jobs,
            store=store,
            on_progress=report,
        )
    tell(results, as_json=as_json, quiet=quiet, as_table=True)
