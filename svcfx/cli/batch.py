"""`svcfx batch`: one preset over files and folders."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.cli.caching import what_is_kept
from svcfx.cli.flags import spoken
from svcfx.cli.live_table import as_json_lines, files_at_work
from svcfx.cli.options import (
    how_it_is_told,
    how_many_at_once,
    what_is_taken,
    where_networks_run,
    where_results_go,
)
from svcfx.cli.tell import tell
from svcfx.errors import printable

if TYPE_CHECKING:
    from svcfx.render.files import Files
    from svcfx.session.results import FileResult


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-p", "--preset", help="A shipped preset's name, or a preset file.")
@click.option("--manifest", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="A .csv or .jsonl in place of PATH: a file a line, and what is asked of it.")  # fmt: skip
@click.option("--allow-path", "allow_paths", type=click.Path(path_type=Path), multiple=True, metavar="DIR",
              help="A folder that a manifest may name files of too. May be given again.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="ADDRESS=VALUE",
              help="Change one parameter of the preset; transpose_semitones of a voice takes auto too. "
                   "May be given again.")  # fmt: skip
@click.option("--allow-plugin", "allow_plugins", multiple=True, metavar="FILE",
              type=click.Path(path_type=Path),
              help="A plug-in file that the preset may load by its path. May be given again.")  # fmt: skip
@click.option("--seed", type=int, help="Seed of the preset's voices. [default: what the preset says]")
@click.option("--preview", "preview_seconds", type=click.FloatRange(1.0, 600.0), metavar="S",
              help="Before all else, render the S most sung seconds of each file into the folder previews of "
                   "-o. Ctrl-C stops where they do not please.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Go on with the last batch in -o that was interrupted.")  # fmt: skip
@where_networks_run("--device")
@what_is_kept
@what_is_taken
@how_many_at_once
@where_results_go("{stem}_{preset}")
@how_it_is_told
def batch(
    paths: tuple[Path, ...],
    preset: str | None,
    manifest: Path | None,
    allow_paths: tuple[Path, ...],
    settings: tuple[str, ...],
    allow_plugins: tuple[Path, ...],
    seed: int | None,
    resume: bool,
    preview_seconds: float | None,
    with_results: bool,
    jobs: int | None,
    on: str,
    device: str,
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

    A batch that was interrupted goes on when the same command is given again, or by --resume: what is there
    as it would be made now is not made again. `svcfx jobs` lists what was asked for and how far it came.

    A manifest has a line for each file: input (a path, from the manifest's own folder), and what it needs of
    preset, voice, transpose (semitones, or auto), name (of the result), any knob of the preset's first voice
    by its name (index_rate) and any parameter by address (compressor.threshold_db). A CSV says so in its
    head; a JSON line is an object of them. --preset and --set are for lines that say nothing else; a line
    with a voice and no preset is sung by it alone.

    Names know {stem} and {preset}, and {voice}, {transpose} and {formant} when the preset sings.

    \b
    svcfx batch takes/ --preset lead-vela
    svcfx batch a.wav b.wav --preset my.toml --set compressor.threshold_db=-30
    svcfx batch takes/ --preset lead-vela --on-exists skip --tail 2 --json
    svcfx batch songs/ --preset lead-vela --jobs 2 --preview 15
    svcfx batch songs/ --preset lead-vela --on ray:auto
    svcfx batch --manifest album.csv --jobs 2 -o masters
    svcfx batch --resume
    """
    from svcfx.documents import is_path
    from svcfx.session import files  # here: --help loads neither torch nor pedalboard
    from svcfx.session.entry import RunEntry
    from svcfx.session.journal import Journal
    from svcfx.session.manifest import read
    from svcfx.session.previews import Previews
    from svcfx.session.request import Request
    from svcfx.session.settings import parse

    journal = Journal(out)
    if resume:
        _refuse_more(click.get_current_context(), Request.model_fields)
        asked = Request.read(journal.unfinished().request)
        paths, preset = tuple(map(Path, asked.paths)), asked.preset
        manifest = Path(asked.manifest) if asked.manifest else None
    else:
        _refuse_lack(paths, preset, manifest)
        preset, fixed = preset or "", parse(settings)
        more = {"settings": fixed, "seed": seed, "with_results": with_results}
        asked = Request.of(paths, manifest, preset, **more, **writing)
    output = asked.output(out)
    named = Path(preset) if is_path(preset) else preset
    given: dict[str, Any] = {
        "output": output, "settings": asked.settings, "seed": asked.seed, "allow_plugins": allow_plugins,
        "dry_run": dry_run, "jobs": jobs or 0, "on": on, "device": device, "store": store,
        "entry": None if output.single else RunEntry.of(journal, asked.model_dump(mode="json")),
    }  # fmt: skip
    told = as_json_lines if as_json else files_at_work
    with told("rendering", quiet=quiet) as (report, on_result, aside):
        given["on_result"] = on_result
        if preview_seconds:
            given["previews"] = Previews(preview_seconds, _previewed(aside, quiet))
        if manifest is not None:
            lines = read(manifest, allow_paths=allow_paths)
            results = files.batch_manifest(lines, preset=named, on_progress=report, **given)
        else:
            taken = asked.with_results
            results = files.batch(paths, named, with_results=taken, on_progress=report, **given)
    tell(results, as_json=as_json, quiet=quiet, as_table=True)


def _previewed(aside: Callable[[str], None], quiet: bool) -> Callable[["FileResult"], None]:
    """Who tells of each preview, on stderr: stdout is for results."""

    def told(file: "FileResult") -> None:
        if not quiet:
            said = printable(file.target) if file.error is None else spoken(file.error.message)
            aside(f"Preview: {said}")

    return told


def _refuse_lack(paths: tuple[Path, ...], preset: str | None, manifest: Path | None) -> None:
    if manifest is not None and paths:
        raise click.UsageError("PATH and --manifest say the same thing; leave one out")
    if manifest is None and not (paths and preset):
        raise click.UsageError("PATH and --preset say what is to be rendered; one is missing")


def _refuse_more(context: click.Context, asked: Collection[str]) -> None:
    """Refuse what a run that goes on has been asked for already."""
    given = [name for name in context.params if name in asked and _is_given(context, name)]
    if given:
        raise click.UsageError(f"--resume goes on as it was asked for; leave {', '.join(given)} out")


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) not in (None, click.core.ParameterSource.DEFAULT)
