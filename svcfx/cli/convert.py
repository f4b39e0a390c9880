"""`svcfx convert`: vocals in, the same vocals by another singer out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.chain.knobs import SVC
from svcfx.cli import infer_flags, rvc_flags
from svcfx.cli.caching import what_is_kept
from svcfx.cli.flags import note
from svcfx.cli.infer_flags import flags_of_svc_infer
from svcfx.cli.options import (
    how_it_is_told,
    knobs_of_a_voice,
    sections_of_knobs,
    what_is_taken,
    where_networks_run,
    where_results_go,
)
from svcfx.cli.pipes import is_piped, through
from svcfx.cli.progress import progress
from svcfx.cli.sections import Sectioned
from svcfx.cli.tell import line, tell, unsaid

if TYPE_CHECKING:
    from svcfx.render.files import Files
    from svcfx.session.outputs import OnExists
    from svcfx.session.results import Results

TRAINED_BY = Path("configs/44k/config.json")
"""Where so-vits-svc's training keeps the config, and `svc infer` looks for it."""
_SECTIONS = sections_of_knobs()
_SECTIONS[SVC] += ("device",)
SECTIONS = {
    "Who sings": ("voice", "speaker", "model", "config", "index"),
    **_SECTIONS,
    "Results": (
        "with_results", "out", "template", "form", "encoding", "on_exists", "tail_seconds", "dry_run",
        "as_json", "with_report", "quiet", "cache", "cache_size", "store",
    ),
    rvc_flags.TITLE: tuple(f"rvc_{name}" for name in rvc_flags.NAMES),
    infer_flags.TITLE: infer_flags.NAMES,
}  # fmt: skip


@click.command(cls=Sectioned, sections=SECTIONS)
@click.argument("inputs", metavar="IN...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-v", "--voice", help="A voice, or voice/singer; see `svcfx voices list`. [default: vela]")
@click.option("-s", "--speaker", metavar="NAME",
              help="Which singer of the voice. [default: its first]")  # fmt: skip
@click.option("-m", "--model-path", "model", type=click.Path(path_type=Path),
              help="Sing with this G_*.pth of so-vits-svc or .pth of RVC, off the shelf.")  # fmt: skip
@click.option("-c", "--config-path", "config", type=click.Path(path_type=Path),
              help="Its config.json. [default: beside it, else configs/44k/config.json]")  # fmt: skip
@click.option("-k", "--cluster-model-path", "index", type=click.Path(path_type=Path),
              help="Its k-means or index file.")  # fmt: skip
@knobs_of_a_voice(elsewhere={"pitch": rvc_flags.semitones})
@where_networks_run("-d", "--device")
@what_is_kept
@what_is_taken
@where_results_go("{stem}_{voice}_{transpose}", "--output-path")
@click.option("--report", "with_report", is_flag=True,
              help="Write a page beside each result: both to be heard, pitch, levels.")  # fmt: skip
@how_it_is_told
@rvc_flags.flags_of_infer_cli
@flags_of_svc_infer
def convert(
    inputs: tuple[Path, ...],
    voice: str | None,
    speaker: str | None,
    model: Path | None,
    config: Path | None,
    index: Path | None,
    with_results: bool,
    with_report: bool,
    out: Path,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    store: "Files | None",
    **rest: Any,
) -> None:
    """Sing vocal files with another voice.

    IN is one or more audio files (WAV, AIFF, FLAC, OGG, MP3, M4A and others) or folders of them. Each result
    keeps its input's sample rate, channels and length, and gets a recipe beside it (`svcfx inspect`).

    Names know {stem}, {voice}, {transpose} and {formant}. `-` reads a WAV from standard input and
    writes one to standard output. -t auto takes the octave that suits the singer, and says why: one for
    all takes of a folder, one for each file that is named.

    Options of `svc infer`, of RVC's infer_cli and of rvc-next work: write `svcfx convert` in their place.
    What differs: the melody is the input's unless -a is given, silence begins 60 dB below the loudest moment
    and not 20, the tracker is swift, an unknown singer is refused, without -m the voice is vela, and results
    go to renders/.

    \b
    svcfx convert lead.wav --voice vela -t 5
    svcfx convert takes/ --voice corin -t auto -o renders --format flac
    svcfx convert lead.wav -m mei.pth -k added_IVF_mei_v2.index --pitch rmvpe
    svcfx convert lead.wav -m logs/44k/G_1000.pth -c configs/44k/config.json -t 5
    sox lead.flac -t wav - | svcfx convert - --voice vela > lead.wav
    """
    from svcfx.session import files  # here: --help loads neither torch nor pedalboard
    from svcfx.session.isolate import Destination

    context = click.get_current_context()
    inputs, model, index, out = rvc_flags.files(context, inputs, model, index, out)
    rest |= rvc_flags.knobs(context, rest)
    for said in () if quiet else infer_flags.notes(context):
        click.echo(f"Note: {said}", err=True)
    writing = {name: rest.pop(name) for name in ("template", "form", "encoding", "on_exists", "tail_seconds")}
    settings: dict[str, Any] = {
        "device": rest.pop("device"),
        "voice": _voice(voice, speaker, model, config, index, quiet=quiet),
        "options": {name: value for name, value in rest.items() if value is not None},
        "dry_run": dry_run,
        "on_result": line if as_json else unsaid,
        "with_results": with_results,
        "store": store,
    }
    if is_piped(inputs, out):
        given = context.get_parameter_source("out") is not click.core.ParameterSource.DEFAULT
        with through(inputs, out, out_is_given=given) as pipes, progress("converting", quiet=quiet) as report:
            output = Destination(pipes.out, **writing)
            done = files.convert_files(pipes.inputs, output=output, on_progress=report, **settings)
            pipes.deliver(done, quiet=quiet)
        return
    with progress("converting", quiet=quiet) as report:
        results = files.convert_files(
            inputs, output=Destination(out, **writing), on_progress=report, **settings
        )
    try:
        tell(results, as_json=as_json, quiet=quiet, as_table=dry_run)
    finally:  # where some files failed, the others have their pages
        if with_report and not dry_run:
            _report(results, writing["on_exists"], as_json=as_json)


def _report(results: "Results", on_exists: "OnExists", *, as_json: bool) -> None:
    """A page for each result that is on disk."""
    from svcfx.report import converted_page  # here: most conversions need none

    for file in (*results.of("done"), *results.of("skipped")):
        path = str(converted_page.write(file, on_exists))
        click.echo(json.dumps({"report": path}, ensure_ascii=False) if as_json else path)


def _voice(
    name: str | None,
    speaker: str | None,
    model: Path | None,
    config: Path | None,
    index: Path | None,
    *,
    quiet: bool,
) -> str:
    """The singer that the options name; files of a model are opened."""
    from svcfx.errors import InputError

    if model is None and (config or index):
        flag = "--config-path" if config else "--cluster-model-path"
        raise InputError(f"{flag} belongs to a --model-path, which is missing", hint="add -m G_1000.pth")
    if model is not None:
        if name is not None:
            raise InputError(f"--voice is '{name}' and --model-path '{model}'", hint="give one of them")
        from svcfx.voices import loose

        name = loose.open_files(
            model,
            config or _config_of_training(model),
            index,
            on_note=lambda text: None if quiet else note(text),
        )
    name = name or "vela"
    return name if speaker is None else f"{name}/{speaker}"


def _config_of_training(model: Path) -> Path | None:
    """Training's config, for a checkpoint that has none beside it."""
    alone = model.is_file() and not any(model.parent.glob("*.json"))
    return TRAINED_BY if alone and TRAINED_BY.is_file() else None
