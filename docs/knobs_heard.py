"""A hook of mkdocs: what every knob does to the sound, as pictures and two short examples each.

They are made while the site is built, of four bars of the bundled song sung by a voice that ships, and stand
in the site alone. `python docs/knobs_heard.py FOLDER` writes them without a site.
"""

import contextlib
import hashlib
import io
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from svcfx import VoiceConversion, audio
from svcfx.audio import Audio
from svcfx.chain.knobs import TABLE, Choice, Row, Switch, shown
from svcfx.report import sung
from svcfx.voices import shelf

ROOT = Path(__file__).resolve().parent.parent
MARK = "<!-- every knob, heard -->"
PAGE, PLACE = "knobs.md", "knobs"
SINGER = "corin"
SONG, SECONDS = ROOT / "svcfx/demo/lead.ogg", (10.4, 13.6)
TOP_HZ, FLOOR_DB = 6000, -75.0
_FFT, _HOP = 1024, 256


@dataclass(frozen=True)
class Pair:
    """Two values to be heard of a knob, and what else is set with it."""

    one: Any
    other: Any
    beside: Mapping[str, Any]


def pair(one: Any, other: Any, **beside: Any) -> Pair:
    """Both values, with what is set beside."""
    return Pair(one, other, beside)


TUNED = {"retune": 1.0, "scale": "D minor"}
EXAMPLES: Mapping[str, Pair] = {
    "transpose_semitones": pair(-5.0, 7.0),
    "formant_semitones": pair(-4.0, 4.0),
    "retune": pair(0.5, 1.0, scale="D minor"),
    "retune_ms": pair(0.0, 400.0, **TUNED),
    "humanize": pair(0.5, 1.0, keep_vibrato=0.0, **TUNED),
    "keep_vibrato": pair(0.0, 0.5, **TUNED),
    "bias_cents": pair(-40.0, 40.0, **TUNED),
    "target_note": pair(50.0, 57.0, retune=1.0),
    "scale_steps": pair(2.0, -5.0, scale="D major"),
    "part_note": pair(45.0, 54.0),
    "vibrato_depth": pair(50.0, 150.0),
    "vibrato_rate": pair(3.0, 8.0, vibrato_depth=80.0),
    "diffusion_depth": pair(0.3, 1.0),
    "mix": pair(0.5, 0.0),
    "output_gain_db": pair(-12.0, 6.0),
    "loudness_follow": pair(0.0, 1.0),
    "index_rate": pair(0.5, 1.0),
    "protect": pair(0.5, 1.0, index_rate=1.0),
    "diffusion_steps": pair(2.0, 40.0, diffusion_depth=1.0),
    "tension": pair(-5.0, 5.0),
    "dynamics": pair(-12.0, 8.0),
    "breath": pair(0.5, 1.0),
    "growl": pair(0.4, 1.0),
    "timing_ms": pair(15.0, 30.0),
    "scale": pair("D minor", "D major", retune=1.0),
    "seed": pair(1, 2, timing_ms=30.0),
}
SILENT: Mapping[str, str] = {
    "stereo": "the recording of these examples is mono, of which all ways sing the same",
    "pitch": "on a clean recording all trackers hear the same line",
    "level": "one short recording has one level",
    "lookahead": "it is for streams, which it lets sing sooner; a whole recording is late by nothing",
    "octave_repair": "on a clean recording nothing is to be mended",
    "diffusion_method": "samplers differ in how many steps they need",
    "index_search": "it says which rows of an index are looked at, which is seldom heard",
}
"""Rows of which these examples could not show anything, and why."""


def on_files(files: Any, config: Any) -> Any:
    """Add the pictures and examples to the site."""
    from mkdocs.structure.files import File  # here: a test of this page has no mkdocs

    for path in kept():
        files.append(File.generated(config, f"{PLACE}/{path.name}", content=path.read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put every knob in the place of the mark."""
    return markdown.replace(MARK, "\n".join(_sections())) if page.file.src_uri == PAGE else markdown


def kept() -> list[Path]:
    """The files, made anew only where a voice, the code that sings, or this page is another one."""
    code = [Path(__file__), SONG, *sorted((ROOT / "svcfx").rglob("*.py"))]
    told = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in code)
    digest = hashlib.sha256((told + shelf.find(SINGER).sha256).encode()).hexdigest()[:16]
    folder = ROOT / "build" / "knobs-heard" / digest
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            whole = Path(place) / digest
            write(whole)
            with contextlib.suppress(OSError):  # another build was quicker
                whole.rename(folder)
    return sorted(folder.iterdir())


def write(folder: Path) -> None:
    """Make the files in a folder, which may be new."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made():
        (folder / name).write_bytes(data)


def made() -> Iterator[tuple[str, bytes]]:
    """Every file by its name: the recording, what the voice sings of it, then of each knob that is heard."""
    source = _source()
    rest = _sung(source, {})
    yield "source.ogg", _file(source)
    yield "rest.ogg", _file(rest)
    for name, values in EXAMPLES.items():
        if not lacking(name):
            heard = [_sung(source, {**values.beside, name: value}) for value in (values.one, values.other)]
            yield f"{name}.webp", _picture({"at rest": rest, **_titled(name, values, heard)})
            for number, sound in enumerate(heard, 1):
                yield f"{name}-{number}.ogg", _file(sound)


def lacking(name: str) -> str:
    """Why the singer of the examples cannot move a knob, "" where it can."""
    return VoiceConversion(SINGER).cannot_move(name)


def _titled(name: str, values: Pair, heard: list[Audio]) -> dict[str, Audio]:
    return {
        f"{name} = {_value(value)}": sound
        for value, sound in zip((values.one, values.other), heard, strict=True)
    }


def _value(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"


def _source() -> Audio:
    sound = audio.read(SONG)
    first, last = (round(at * sound.sample_rate) for at in SECONDS)
    return Audio(sound.samples.mean(axis=0, keepdims=True)[:, first:last], sound.sample_rate)


def _sung(source: Audio, values: Mapping[str, Any]) -> Audio:
    node = VoiceConversion(SINGER, **values)
    return Audio(node(source.samples, source.sample_rate), source.sample_rate)


def _file(sound: Audio) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.ogg"
        audio.write(path, np.clip(sound.samples, -1.0, 1.0), sound.sample_rate)
        return path.read_bytes()


def _picture(sounds: Mapping[str, Audio]) -> bytes:
    """Spectra up to 6 kHz with the line of pitch over them, side by side."""
    figure = Figure(figsize=(10, 2.6), dpi=90, layout="constrained")
    for place, (title, sound) in zip(
        figure.subplots(1, len(sounds), sharey=True), sounds.items(), strict=True
    ):
        seconds = sound.samples.shape[1] / sound.sample_rate
        place.imshow(_spectrum(sound), origin="lower", aspect="auto", cmap="magma", vmin=FLOOR_DB, vmax=0.0,
                     extent=(0.0, seconds, 0.0, TOP_HZ / 1000))  # fmt: skip
        line = sung(sound)
        place.plot(line.seconds, 0.44 * 2.0 ** ((line.notes - 69.0) / 12.0), color="#5fdcc7", linewidth=1.5)
        place.set_title(title, fontsize=9)
        place.tick_params(labelsize=7)
    figure.supylabel("kHz", fontsize=8)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    small = io.BytesIO()
    Image.open(drawn).convert("RGB").save(small, "webp", quality=70)
    return small.getvalue()


def _spectrum(sound: Audio) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound.samples[0], _FFT // 2), _FFT)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FFT), axis=1)).T / (_FFT / 4)
    return 20.0 * np.log10(np.maximum(power[: round(TOP_HZ * _FFT / sound.sample_rate)], 1e-6))


def _sections() -> Iterator[str]:
    yield f"\n{_player('source', 'the recording')}\n{_player('rest', f'{SINGER}, every knob at rest')}\n"
    for title in dict.fromkeys(row.section for row in TABLE):
        yield f"\n## {title}\n"
        for row in TABLE:
            if row.section == title:
                yield from _row(row)


def _row(row: Row) -> Iterator[str]:
    yield f"\n### {row.name}\n\n{row.help} It rests at {shown(row)}{_allowed(row)}.\n"
    values, lack = EXAMPLES.get(row.name), lacking(row.name)
    if lack or values is None:
        why = f"{SINGER} {lack}" if lack else SILENT[row.name]
        yield f"Not heard here: {why}.\n"
        return
    beside = ", ".join(f"`{name} = {_value(value)}`" for name, value in values.beside.items())
    yield f"With {beside}:\n" if beside else ""
    told = f"{row.name} at rest, at {_value(values.one)} and at {_value(values.other)}"
    yield f"![{told}]({PLACE}/{row.name}.webp)\n"
    for number, value in enumerate((values.one, values.other), 1):
        yield _player(f"{row.name}-{number}", f"{row.name} = {_value(value)}")


def _allowed(row: Row) -> str:
    """What it may be, where that can be said in a few words."""
    if isinstance(row, Choice):
        return f", of {', '.join(row.choices)}"
    if isinstance(row, Switch) and row.kind in ("flag", "text"):
        return ""
    return f", and goes from {row.span}"


def _player(name: str, label: str) -> str:
    place = f'src="../{PLACE}/{name}.ogg" aria-label="{label}"'
    return f'<p><audio controls preload="none" {place}></audio> {label}</p>'


if __name__ == "__main__":
    write(Path(sys.argv[1]))
