"""One voice, or one preset, over many files: what `svcfx convert` and `svcfx batch` call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from svcfx.documents import is_path
from svcfx.errors import InputError
from svcfx.render.store import Store
from svcfx.session import contents, effects, manifest_rows, run
from svcfx.session.effects import Prepared
from svcfx.session.isolate import Destination
from svcfx.session.manifest import VOICE, Manifest, ManifestLine
from svcfx.session.previews import Previews
from svcfx.session.results import Results
from svcfx.session.run import Going, RunRow
from svcfx.session.sources import Found, collect


def convert_files(
    inputs: Sequence[Path],
    *,
    voice: str,
    output: Destination,
    options: Mapping[str, Any] | None = None,
    with_results: bool = False,
    store: Store | None = None,
    **going: Unpack[Going],
) -> Results:
    """Sing each input with another voice; rate, channels and length stay.

    Args:
        inputs: Audio files, or folders of them.
        voice: A singer's name.
        output: Where results go; see `isolate.Destination`. Names know {stem}, {voice}, {transpose} and
            {formant}.
        options: Knobs and switches of `VoiceConversion` by name; what is not given stands where the voice has
            it. `transpose_semitones` may be "auto": the octave that suits the singer, one for the takes of a
            folder, one for each file that is named.
        with_results: Take results of svcfx, which lie in folders among the inputs, as inputs too.
        store: Where what voices heard and sang lies, such as `render.files.Files`; see `bounce`.
        going: How the run goes.

    Returns:
        What became of each file; `Results.check` raises the error that the run should end with.

    Raises:
        SvcfxError: What concerns all files: an unknown voice, a value out of range, a collision of outputs.
    """
    prepared = effects.of_voice(voice, options or {}, output, store, device=going.get("device", ""))
    found = _found(inputs, output, with_results=with_results)
    return _run(prepared, found, output, going)


def batch(
    paths: Sequence[Path],
    preset: str | Path,
    *,
    output: Destination,
    settings: Mapping[str, str] | None = None,
    allow_plugins: Sequence[Path] = (),
    seed: int | None = None,
    with_results: bool = False,
    store: Store | None = None,
    previews: Previews | None = None,
    **going: Unpack[Going],
) -> Results:
    """Run one preset over files and whole folders; sub-folders are mirrored below the output folder.

    Args:
        paths: Audio files, or folders that are read through and through (see `sources.collect`).
        preset: A shipped preset's name, or a preset file.
        output: Where results go. Names know {stem}, {preset} and, when the preset holds a voice, {voice},
            {transpose}, {formant} of its first one.
        settings: Parameters to change, by address: `{"compressor.threshold_db": "-30"}`; a voice's
            transpose_semitones may be "auto".
        allow_plugins: Plug-in files that the preset may load by path.
        seed: Seed of all voices in the preset; None keeps what it says.
        with_results: Take results of svcfx, which lie in folders among the inputs, as inputs too.
        store: Where what voices heard and sang lies, such as `render.files.Files`; see `bounce`.
        previews: What is rendered of each file before all else.
        going: How the run goes.

    Returns:
        What became of each file; `Results.check` raises the error that the run should end with.

    Raises:
        SvcfxError: What concerns all files: a wrong preset or setting, a collision of outputs.
    """
    prepared = effects.of_preset(
        preset,
        settings or {},
        output,
        store,
        allow_plugins=allow_plugins,
        seed=seed,
        device=going.get("device", ""),
    )
    found = _found(paths, output, with_results=with_results)
    contents.check_files(prepared.board, [source.path for source in found.sources])
    return _run(prepared, found, output, going, previews)


def batch_manifest(
    manifest: Manifest,
    *,
    output: Destination,
    preset: str | Path = "",
    settings: Mapping[str, str] | None = None,
    allow_plugins: Sequence[Path] = (),
    seed: int | None = None,
    store: Store | None = None,
    previews: Previews | None = None,
    **going: Unpack[Going],
) -> Results:
    """Run each line of a manifest (see `manifest.read`); lines that ask for the same share one board.

    Args:
        manifest: The lines.
        output: Where results go. A line's own name goes before the template.
        preset: For lines that name none; with neither, a line needs a voice, which sings alone.
        settings: As in `batch`, for all lines; a line's own go before them.
        allow_plugins, seed, store, previews: As in `batch`.
        going: How the run goes.

    Returns:
        What became of each file; `Results.check` raises the error that the run should end with.

    Raises:
        SvcfxError: What can be seen before anything is rendered; a mistake in a line names it.
    """

    device = going.get("device", "")

    def prepare(line: ManifestLine) -> Prepared:
        named = line.preset or str(preset)
        if not named:
            return _of_line(line, output, store, device)
        return effects.of_preset(
            Path(named) if is_path(named) else named,
            settings or {},
            output,
            store,
            allow_plugins=allow_plugins,
            seed=seed,
            device=device,
            of_voice=line.of_voice,
            own=line.settings,
        )

    rows = manifest_rows.rows(manifest, prepare, output, run.events_of(going))
    if previews is not None:
        previews.render(rows, output, going)
    return run.run(rows, output, **going)


def _of_line(line: ManifestLine, output: Destination, store: Store | None, device: str) -> Prepared:
    """The voice that a line without a preset names."""
    knobs = dict(line.of_voice)
    if VOICE not in knobs or line.settings:
        lacks = f"'{next(iter(line.settings))}' is set" if line.settings else "there is no voice"
        raise InputError(
            f"{lacks}, but no preset is named", hint="give one in the column preset, or one for all lines"
        )
    return effects.of_voice(knobs.pop(VOICE), {}, output, store, knobs, device)


def _found(paths: Sequence[Path], output: Destination, *, with_results: bool) -> Found:
    if not paths:
        raise InputError("no file was given", hint="name audio files or folders")
    leave_out = None if output.single else output.path
    return collect(paths, leave_out=leave_out, with_results=with_results)


def _run(
    prepared: Prepared, found: Found, output: Destination, going: Going, previews: Previews | None = None
) -> Results:
    """Every file through one effect."""
    run.check([RunRow(source, prepared.effect) for source in found.sources], output)  # before any is heard
    effect = prepared.settled(found.sources, run.events_of(going))
    rows = [RunRow(source, effect) for source in found.sources]
    if previews is not None:
        previews.render(rows, output, going)
    return run.run(rows, output, found.left_out, **going)
