"""`svcfx live`: a voice or a preset while sound comes in."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.chain.knob_kinds import LOOKAHEADS, LookaheadName
from svcfx.session.outputs import OnExists, plan_outputs

if TYPE_CHECKING:
    from svcfx.realtime.card import SoundCard
    from svcfx.realtime.controls import Controls
    from svcfx.realtime.device import RecordedInput
    from svcfx.realtime.live import Figures, Overload
    from svcfx.session.live import Act


@click.command()
@click.option("-v", "--voice", help="A voice, or voice/singer; see `svcfx voices list`.")
@click.option("-p", "--preset", help="A shipped preset's name, or a preset file, in place of a voice.")
@click.option("--set", "settings", multiple=True, metavar="ADDRESS=VALUE",
              help="Change a parameter, as voice.transpose_semitones=5. May be given again.")  # fmt: skip
@click.option("--allow-plugin", "allow_plugins", multiple=True, metavar="FILE",
              type=click.Path(path_type=Path),
              help="A plug-in file that the preset may load by its path. May be given again.")  # fmt: skip
@click.option("-i", "--input", "source", type=click.Path(path_type=Path), metavar="FILE",
              help="A recording that arrives as sound would. [default: the sound card]")  # fmt: skip
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE",
              help="Where what was played is written, its latency in front.")  # fmt: skip
@click.option("--input-device", "microphone", metavar="NAME", help="What records. [default: the system's]")
@click.option("--output-device", "loudspeaker", metavar="NAME", help="What plays. [default: the system's]")
@click.option("--devices", "list_devices", is_flag=True, help="List the sound devices, and do nothing else.")
@click.option("--loopback", is_flag=True,
              help="Measure what the card adds: a tone that a cable brings back.")  # fmt: skip
@click.option("--midi", "played", type=click.Path(path_type=Path), metavar="FILE",
              help="A MIDI file whose controllers and wheel play along.")  # fmt: skip
@click.option("--midi-input", "port", metavar="NAME",
              help="A MIDI port whose controllers and wheel play (--devices lists them).")  # fmt: skip
@click.option("--cc", "sent", multiple=True, metavar="NUMBER=ADDRESS",
              help="Where a controller goes, as 21=compressor.threshold_db. May be given again.")  # fmt: skip
@click.option("--key-cc", type=click.IntRange(0, 127), metavar="NUMBER",
              help="A controller that says the key: 64 is as sung, 66 two semitones up.")  # fmt: skip
@click.option("--realtime-factor", type=float, default=1.0, show_default=True, metavar="X",
              help="How many times as fast as sound the recording arrives; 0 is at once.")  # fmt: skip
@click.option("--block-ms", type=float, default=40.0, show_default=True, metavar="MS",
              help="Length of a block, 1 to 2000 ms.")  # fmt: skip
@click.option("--lookahead", type=click.Choice(LOOKAHEADS), metavar="FAR",
              help="How far ahead voices hear: short lags 0.16 s, full 0.9 s, octaves mended. "
              "[default: short where a voice can]")  # fmt: skip
@click.option("--on-exists", type=click.Choice(("error", "overwrite", "rename")), default="error",
              show_default=True, help="What to do where the output is there already.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="Say nothing of blocks that took too long.")
def live(
    voice: str | None,
    preset: str | None,
    settings: tuple[str, ...],
    allow_plugins: tuple[Path, ...],
    source: Path | None,
    target: Path | None,
    microphone: str | None,
    loudspeaker: str | None,
    list_devices: bool,
    loopback: bool,
    played: Path | None,
    port: str | None,
    sent: tuple[str, ...],
    key_cc: int | None,
    realtime_factor: float,
    block_ms: float,
    lookahead: LookaheadName | None,
    on_exists: OnExists,
    as_json: bool,
    quiet: bool,
) -> None:
    """Sing while sound comes in, block by block, and say how late and how busy it is.

    The sound card is played through until Ctrl-C. With --input a recording stands for the microphone and
    the output file for the loudspeaker; all between them is the same. Latency is two blocks and what the
    board's stream withholds, and is kept to the sample (what the card itself adds comes on top). A board
    that takes longer than its blocks is told, and input is dropped for as long as it was late. What must
    hear a whole song first is refused.

    A MIDI port's controllers move what they move in a session, or what --cc says, the wheel bends the
    voice, and a --key-cc says the key.

    \b
    svcfx live --devices
    svcfx live --loopback
    svcfx live --voice vela --output live.wav
    svcfx live --voice vela --midi-input "Keys" --key-cc 20
    svcfx live --voice vela --input vocal.wav --output live.wav
    svcfx live --preset lead-vela -i vocal.wav -o live.wav --realtime-factor 0 --block-ms 50
    """
    if list_devices:
        _list()
        return
    if loopback:
        _measure(microphone, loudspeaker, block_ms, as_json=as_json)
        return
    _check_flags(voice, preset, source, target, devices_named=bool(microphone or loudspeaker))
    if played is not None and port is not None:
        raise click.UsageError("--midi and --midi-input both play; give one of them")
    if (sent or key_cc is not None) and played is None and port is None:
        raise click.UsageError("--cc and --key-cc want a controller; add --midi-input or --midi")
    from svcfx import audio  # here: --help loads no numpy
    from svcfx.realtime.live import Live
    from svcfx.session import live as acts
    from svcfx.session.settings import parse

    if target is not None:
        target = _planned(source, target, preset, on_exists)
    device: RecordedInput | SoundCard
    if source is None:
        device = _card(microphone, loudspeaker, recorded=target is not None)
    else:
        device = _recording(source, realtime_factor)
    if target is not None:
        audio.check_holds(target, device.sample_rate, device.channels, encoding=acts.encoding_of(target))
    fixed = parse(settings)
    act = (
        acts.of_preset(preset, fixed, allow_plugins, lookahead)
        if preset is not None
        else acts.of_voice(voice or "", fixed, lookahead)
    )
    for note in () if quiet else act.notes:
        click.echo(f"Note: {note.text}", err=True)
    controls = _controls(act, played, port, sent, key_cc)
    told = _silent if quiet else _teller()
    run = Live(act.board, device, block_ms, controls=controls, on_overload=told)
    run.run()
    figures = run.figures()
    if target is not None:
        acts.save(act, figures, source, target, device.played)
    _tell(figures, target, as_json=as_json)


def _check_flags(
    voice: str | None, preset: str | None, source: Path | None, target: Path | None, *, devices_named: bool
) -> None:
    if (voice is None) == (preset is None):
        raise click.UsageError("--voice and --preset say what sings; give one of them")
    if source is not None and target is None:
        raise click.UsageError("--input plays into a file; add --output")
    if source is not None and devices_named:
        raise click.UsageError("--input stands for the sound card; leave its devices out")


def _planned(source: Path | None, target: Path, preset: str | None, on_exists: OnExists) -> Path:
    """Where the output goes; never over the preset's file."""
    from svcfx.documents import is_path

    kept = [Path(preset)] if preset and is_path(preset) else []
    (planned,) = plan_outputs([(source or Path("the sound card"), target)], on_exists, inputs=kept)
    return planned.target


def _card(microphone: str | None, loudspeaker: str | None, *, recorded: bool) -> "SoundCard":
    from svcfx.realtime.card import SoundCard

    return SoundCard(microphone, loudspeaker, recorded=recorded)


def _recording(source: Path, speed: float) -> "RecordedInput":
    from svcfx import audio
    from svcfx.realtime.device import RecordedInput, WallClock

    return RecordedInput(audio.read(source), speed, WallClock())


def _controls(
    act: "Act", played: Path | None, port: str | None, sent: tuple[str, ...], key_cc: int | None
) -> "Controls | None":
    """What plays along; None where nothing does."""
    from svcfx.realtime.controls import Recorded, Source
    from svcfx.realtime.port import Port
    from svcfx.session import live_controls

    if played is None and port is None:
        return None
    asked = {}
    for one in sent:
        number, equals, address = one.partition("=")
        if not (equals and number.isdecimal() and int(number) <= 127):
            raise click.UsageError(f"--cc is '{one}', allowed is NUMBER=ADDRESS with a number from 0 to 127")
        asked[int(number)] = address
    from svcfx import midi

    source: Source = Recorded(midi.read(played)) if played is not None else Port(port or "")
    return live_controls.of(act.board, source, asked, act.cc, key_cc)


def _measure(microphone: str | None, loudspeaker: str | None, block_ms: float, *, as_json: bool) -> None:
    """Say how late the card is by itself."""
    from svcfx.realtime import loopback

    device = _card(microphone, loudspeaker, recorded=False)
    late = loopback.measure(device, block_ms)
    if as_json:
        click.echo(json.dumps({"card_samples": late, "sample_rate": device.sample_rate}))
        return
    click.echo(f"The card adds {late} samples ({1000.0 * late / device.sample_rate:.1f} ms).")


def _list() -> None:
    from svcfx.errors import MissingPartError
    from svcfx.realtime import card, port

    recording, playing = card.devices()
    for title, names in (("Records", recording), ("Plays", playing)):
        click.echo(f"{title}: {', '.join(names) or 'nothing that pedalboard sees'}")
    try:
        heard = ", ".join(port.names()) or "no port"
    except MissingPartError as error:
        heard = f"nothing: {error.message}"
    click.echo(f"MIDI: {heard}")


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
            lost = overload.dropped_frames
            dropped = f"{lost} frames dropped" if lost else "nothing was lost"
            click.echo(
                f"Overload at {said:.1f} s: a block took {took:.0f} ms of {allowed:.0f} ms; {dropped}",
                err=True,
            )

    return tell


def _tell(figures: "Figures", target: Path | None, *, as_json: bool) -> None:
    rate = figures.sample_rate
    told: dict[str, Any] = {"file": str(target) if target else None, **asdict(figures)}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if target is not None:
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
