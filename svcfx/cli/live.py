"""`svcfx live`: a voice or a preset while sound comes in."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.realtime.live import Figures, Overload


@click.command()
@click.option("-v", "--voice", help="A voice, or voice/singer; see `svcfx voices list`.")
@click.option("-p", "--preset", help="A shipped preset's name, or a preset file, in place of a voice.")
@click.option("--set", "settings", multiple=True, metavar="ADDRESS=VALUE",
              help="Change a parameter, as voice.transpose_semitones=5. May be given again.")  # fmt: skip
@click.option("--allow-plugin", "allow_plugins", multiple=True, metavar="FILE",
              type=click.Path(path_type=Path),
              help="A plug-in file that the preset may load by its path. May be given again.")  # fmt: skip
@click.option("-i", "--input", "source", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="A recording that arrives as a microphone's sound would.")  # fmt: skip
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="Where what was played is written, its latency in front.")  # fmt: skip
@click.option("--realtime-factor", type=float, default=1.0, show_default=True, metavar="X",
              help="How many times as fast as sound the recording arrives; 0 is at once.")  # fmt: skip
@click.option("--block-ms", type=float, default=100.0, show_default=True, metavar="MS",
              help="Length of a block, 1 to 2000 ms.")  # fmt: skip
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do where the output is there already.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="Say nothing of blocks that took too long.")
def live(
    voice: str | None,
    preset: str | None,
    settings: tuple[str, ...],
    allow_plugins: tuple[Path, ...],
    source: Path,
    target: Path,
    realtime_factor: float,
    block_ms: float,
    on_exists: OnExists,
    as_json: bool,
    quiet: bool,
) -> None:
    """Sing while sound comes in, block by block, and say how late and how busy it is.

    A recording stands for the microphone and a file for the loudspeaker; between them runs what would run
    with a sound card. Latency is two blocks and what the board's stream withholds, and is kept to the
    sample. A board that takes longer than its blocks is told, and input is dropped for as long as it was
    late. What must hear a whole song first is refused.

    \b
    svcfx live --voice vela --input vocal.wav --output live.wav
    svcfx live --preset lead-vela -i vocal.wav -o live.wav --realtime-factor 0 --block-ms 50
    """
    if (voice is None) == (preset is None):
        raise click.UsageError("--voice and --preset say what sings; give one of them")
    from svcfx import audio  # here: --help loads no numpy
    from svcfx.realtime.device import Recording, WallClock
    from svcfx.realtime.live import Live

    (planned,) = plan_outputs([(source, target)], on_exists)
    if planned.skipped:
        click.echo(planned.target)
        return
    sound = audio.read(source)
    encoding: audio.Encoding = "float" if planned.target.suffix.lower() == ".wav" else "pcm24"
    audio.check_holds(planned.target, sound.sample_rate, len(sound.samples), encoding=encoding)
    device = Recording(sound, realtime_factor, WallClock())
    board = _board(voice, preset, settings, allow_plugins)
    run = Live(board, device, block_ms, on_overload=_silent if quiet else _teller())
    run.run()
    audio.write(planned.target, device.played, sound.sample_rate, encoding=encoding)
    _tell(run.figures(), planned.target, as_json=as_json)


def _board(
    voice: str | None, preset: str | None, settings: tuple[str, ...], allowed: tuple[Path, ...]
) -> "Board":
    from svcfx import preset as presets
    from svcfx.board import Board
    from svcfx.documents import is_path
    from svcfx.session.settings import apply, parse

    if preset is not None:
        named = Path(preset) if is_path(preset) else preset
        board = presets.opened(named, allow_plugins=allowed)[1]
    else:
        from svcfx.node import VoiceConversion

        board = Board([VoiceConversion(voice or "")])
    apply(board, parse(settings))
    return board


def _silent(_overload: "Overload") -> None:
    """Nothing is said."""


def _teller() -> "Callable[[Overload], None]":
    """Says an overload, at most one in a second of input."""
    said = -1.0

    def tell(overload: "Overload") -> None:
        nonlocal said
        if overload.at_seconds >= said + 1.0:
            said = overload.at_seconds
            took, allowed = 1000.0 * overload.took_seconds, 1000.0 * overload.allowed_seconds
            dropped = f", {overload.dropped_frames} frames dropped" if overload.dropped_frames else ""
            click.echo(
                f"Overload at {said:.1f} s: a block took {took:.0f} ms of {allowed:.0f} ms{dropped}", err=True
            )

    return tell


def _tell(figures: "Figures", target: Path, *, as_json: bool) -> None:
    rate = figures.sample_rate
    told: dict[str, Any] = {"file": str(target), **asdict(figures)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(target)
    block, late = 1000.0 * figures.block_frames / rate, 1000.0 * figures.latency_samples / rate
    dropped = figures.dropped_frames / rate
    lines = (
        f"Latency {figures.latency_samples} samples ({late:.1f} ms).",
        f"{figures.blocks} blocks of {block:.1f} ms took {figures.p50_ms:.1f} ms (median), "
        f"{figures.p95_ms:.1f} (95 %), {figures.p99_ms:.1f} (99 %), {figures.max_ms:.1f} at most.",
        f"{figures.overloads} took too long; {figures.dropped_frames} frames ({dropped:.2f} s) were dropped.",
    )
    click.echo("\n".join(lines), err=True)
