"""`svcfx convert`: vocals in, the same vocals by another singer out."""

from pathlib import Path
from typing import Any

import click

from svcfx.cli.options import how_it_is_told, knob, where_results_go
from svcfx.cli.pipes import is_piped, through
from svcfx.cli.progress import progress
from svcfx.cli.tell import tell


@click.command()
@click.argument("inputs", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-v", "--voice", default="vela", show_default=True, help="A singer; see `svcfx voices list`.")
@knob("transpose_semitones", "-t", "--transpose")
@knob("formant_semitones", "--formant")
@knob("mix", "--mix")
@knob("output_gain_db", "--gain")
@knob("loudness_follow", "--loudness-follow")
@knob("stereo", "--stereo")
@knob("pitch", "--pitch")
@knob("level", "--level")
@click.option("--octave-repair/--no-octave-repair", default=True, show_default=True,
              help="Mend short octave errors of the pitch tracker.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the breath noise.")
@where_results_go("{stem}_{voice}_{transpose}")
@how_it_is_told
def convert(
    inputs: tuple[Path, ...],
    voice: str,
    octave_repair: bool,
    seed: int,
    out: Path,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **rest: Any,
) -> None:
    """Sing vocal files with another voice.

    IN is one or more audio files (WAV, FLAC, OGG, MP3) or folders of them. Each result keeps its
    input's sample rate, channels and length, and gets a recipe beside it (`svcfx inspect`).

    Names know {stem}, {voice}, {transpose} and {formant}. `-` reads a WAV from standard input and
    writes one to standard output.

    \b
    svcfx convert lead.wav --voice vela -t 5
    svcfx convert takes/ --voice corin -t -12 -o renders --format flac
    sox lead.flac -t wav - | svcfx convert - --voice vela > lead.wav
    """
    from svcfx.session import files  # here: --help loads neither torch nor pedalboard
    from svcfx.session.isolate import Output

    writing = {name: rest.pop(name) for name in ("template", "form", "encoding", "on_exists", "tail_seconds")}
    options: dict[str, Any] = {
        "voice": voice, "knobs": rest, "octave_repair": octave_repair, "seed": seed, "dry_run": dry_run
    }  # fmt: skip
    if is_piped(inputs, out):
        given = (
            click.get_current_context().get_parameter_source("out") is not click.core.ParameterSource.DEFAULT
        )
        with through(inputs, out, out_is_given=given) as pipes, progress("converting", quiet=quiet) as report:
            output = Output(pipes.out, **writing)
            pipes.deliver(files.convert_files(pipes.inputs, output=output, on_progress=report, **options))
        return
    with progress("converting", quiet=quiet) as report:
        results = files.convert_files(inputs, output=Output(out, **writing), on_progress=report, **options)
    tell(results, as_json=as_json, quiet=quiet, as_table=dry_run)
