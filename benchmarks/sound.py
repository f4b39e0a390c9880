"""How conversions sound beside their sources, beyond words: `python benchmarks/sound.py` (four minutes).

People's recordings through both singers with `-t auto`, and WORLD's resynthesis of them, as they are and
moved as far as for each singer: a higher pitch is more harmonic by Praat's measure whatever sings it. Each
figure is the conversion's less its source's, so 0 is as the source. Needs what `listening.py` takes its
recordings from and praat-parselmouth. Rewrites its section of `benchmarks/RESULTS.md`.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import parselmouth
import soundfile
import torch
from judging import converter, people, results, worlds
from numpy.typing import NDArray
from scipy import signal

from svcfx.training import world

Samples = NDArray[np.float32]
SINGERS = ("vela", "corin")
LONGEST_S = 8.0
WINDOW_S, HOP_S = 0.04, 0.01
PAUSE_DB = (-45.0, -25.0)
"""What lies so far below the loud frames is breath, room and the ends of sounds."""
ROOM_S, TAIL_DB = 0.8, (-45.0, -15.0)
"""Until a room is 60 dB down; and how far below the loud frames its tail is looked at."""
ONSETS = 0.03
"""The share of frames that rise most."""


def main() -> None:
    """Convert, measure, and write the section."""
    torch.set_num_threads(1)
    clips = [clip.audio for clip in people.first() if len(clip.audio) < LONGEST_S * people.RATE]
    ways: dict[str, Callable[[Samples], Samples]] = {"WORLD": worlds.again}
    for singer in SINGERS:
        ways[f"WORLD, moved as for {singer}"] = partial(_moved, singer)
    for singer in SINGERS:
        ways[singer] = partial(converter.speech, singer=singer, move="auto")
    rows = [_row(title, [(clip, way(clip)) for clip in clips], people.RATE) for title, way in ways.items()]
    wet = [_in_a_room(clip) for clip in clips]
    for row, way in zip(rows, ways.values(), strict=True):
        row += _tails([(clip, way(audio)) for clip, audio in zip(clips, wet, strict=True)], wet)
    wide = _prompts()
    air = {
        singer: f"{_air(_converted(wide, singer), converter.RATE) - _air(wide, converter.RATE):+.1f}"
        for singer in SINGERS
    }
    rows = [[*row, air.get(row[0], "")] for row in rows]
    body = (
        f"Of {converter.weights('vela')}, by `python benchmarks/sound.py`: the mean over {len(clips)}"
        " recordings of people (8 to 16 kHz: alsa-utils' prompts, recorded at 48 kHz), less the source's.\n\n"
        + results.table(HEAD, rows)
    )
    print(body)
    results.write("How conversions sound", body)


HEAD = (
    "what is heard",
    "harmonicity, dB",
    "voiced, 2 to 4 kHz, dB",
    "unvoiced, 4 to 8 kHz, dB",
    "onsets, share of the source's",
    "25 to 45 dB below loud, dB",
    "tails of a room, dB",
    "their 4 to 8 kHz below loud, dB (the source's)",
    "voiced, 8 to 16 kHz, dB",
)


def _moved(singer: str, audio: Samples) -> Samples:
    return worlds.again(audio, converter.suggested(audio, singer))


def _row(title: str, pairs: list[tuple[Samples, Samples]], rate: int) -> list[str]:
    def mean(figure: Callable[[Samples, Samples, int], float], shown: str) -> str:
        return f"{np.mean([figure(source, made[: len(source)], rate) for source, made in pairs]):{shown}}"

    return [title, mean(_harmonicity, "+.1f"), mean(_presence, "+.1f"), mean(_hiss, "+.1f"),
            mean(_onsets, ".2f"), mean(_pauses, "+.1f")]  # fmt: skip


def _harmonicity(source: Samples, made: Samples, rate: int) -> float:
    """Praat's, over frames that are voiced in both."""
    both = [
        parselmouth.Sound(x.astype(np.float64), rate).to_harmonicity_cc(HOP_S).values[0]
        for x in (source, made)
    ]
    voiced = (both[0] > 0) & (both[1] > 0)
    return float(np.mean((both[1] - both[0])[voiced]))


def _presence(source: Samples, made: Samples, rate: int) -> float:
    voiced = _voiced(source, rate)
    return _share(made, rate, voiced, 2000.0, 4000.0) - _share(source, rate, voiced, 2000.0, 4000.0)


def _hiss(source: Samples, made: Samples, rate: int) -> float:
    """Of fricatives and bursts: frames that are not voiced and lie less than 25 dB below the loud ones."""
    count = len(_power(source, rate))
    audible = _decibels(_power(source, rate).sum(1)) > PAUSE_DB[1]
    kept = audible & ~_voiced(source, rate)[:count]
    levels = [_decibels(_band(x, rate, 4000.0, 8000.0), _power(x, rate).sum(1)) for x in (source, made)]
    return float(np.mean((levels[1] - levels[0])[kept]))


def _onsets(source: Samples, made: Samples, rate: int) -> float:
    """How steeply the bands' levels rise where the source's rise most."""
    rises = [np.maximum(np.diff(_decibels(_bands(x, rate)), axis=0), 0.0).mean(1) for x in (source, made)]
    most = np.argsort(rises[0])[-max(3, int(ONSETS * len(rises[0]))) :]
    near = np.max([np.roll(rises[1], shift) for shift in range(-2, 3)], 0)
    return float(np.mean(near[most]) / np.mean(rises[0][most]))


def _pauses(source: Samples, made: Samples, rate: int) -> float:
    levels = [_decibels(_power(x, rate).sum(1)) for x in (source, made)]
    quiet = (levels[0] > PAUSE_DB[0]) & (levels[0] < PAUSE_DB[1])
    return float(np.mean((levels[1] - levels[0])[quiet])) if quiet.any() else 0.0


def _in_a_room(audio: Samples) -> Samples:
    """In noise that dies away within 0.8 s, 9 dB below the voice, with a second behind it."""
    count = int(ROOM_S * people.RATE)
    noise = np.random.default_rng(0).standard_normal(count) * 10.0 ** (-3.0 * np.arange(count) / count)
    heard = np.concatenate([[1.0], 0.35 * noise[1:] / np.sqrt(np.sum(noise**2))])
    wet = signal.fftconvolve(np.pad(audio, (0, people.RATE)), heard)[: len(audio) + people.RATE]
    return np.asarray(0.5 * wet / np.abs(wet).max(), np.float32)


def _tails(pairs: list[tuple[Samples, Samples]], wet: list[Samples]) -> list[str]:
    """How loud a room's tail is behind the last sound of each dry clip, less the source's, and how far its
    4 to 8 kHz lie below the loud frames, with the source's."""
    levels, hiss = list[float](), list[list[float]]()
    for (dry, made), source in zip(pairs, wet, strict=True):
        power = [_power(x, people.RATE) for x in (source, made[: len(source)])]
        last = np.flatnonzero(np.abs(dry) > 0.05 * np.abs(dry).max())[-1] / people.RATE / HOP_S
        level = [_decibels(one.sum(1)) for one in power]
        tail = (np.arange(len(level[0])) > last) & (level[0] < TAIL_DB[1]) & (level[0] > TAIL_DB[0])
        levels.append(float(np.mean((level[1] - level[0])[tail])))
        high = [_band(x, people.RATE, 4000.0, 8000.0) for x in (source, made[: len(source)])]
        loud = [np.percentile(one.sum(1), 95) for one in power]
        hiss.append([float(np.mean(_decibels(high[i], loud[i])[tail])) for i in range(2)])
    of_source, of_made = np.mean(hiss, 0)
    return [f"{np.mean(levels):+.1f}", f"{of_made:.0f} ({of_source:.0f})"]


def _air(audio: Samples, rate: int) -> float:
    """Voiced power from 8 to 16 kHz beside all of it, dB."""
    low = np.asarray(signal.resample_poly(audio, 160, 441), np.float32)
    return _share(audio, rate, _voiced(low, people.RATE), 8000.0, 16000.0)


def _share(audio: Samples, rate: int, kept: NDArray[np.bool_], low: float, high: float) -> float:
    power = _power(audio, rate)
    count = min(len(power), len(kept))
    part = _band(audio, rate, low, high)[:count][kept[:count]].mean()
    return float(10.0 * np.log10(part / power[:count][kept[:count]].sum(1).mean()))


def _voiced(audio: Samples, rate: int) -> NDArray[np.bool_]:
    """At the frames of `_power`."""
    f0 = world.analyse(audio).f0_hz
    at = ((np.arange(len(_power(audio, rate))) * HOP_S + WINDOW_S / 2) / world.FRAME_S).astype(int)
    return np.asarray(f0[np.minimum(at, len(f0) - 1)] > 0)


def _power(audio: Samples, rate: int) -> NDArray[np.float64]:
    """Spectra of power (frames, bins), a window of 40 ms every 10."""
    size, hop = int(WINDOW_S * rate), int(HOP_S * rate)
    frames = np.lib.stride_tricks.sliding_window_view(audio, size)[::hop]
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2 + 1e-12, np.float64)


def _band(audio: Samples, rate: int, low: float, high: float) -> NDArray[np.float64]:
    hz = np.arange(int(WINDOW_S * rate) // 2 + 1) / WINDOW_S
    return np.asarray(_power(audio, rate)[:, (hz >= low) & (hz < high)].sum(1))


def _bands(audio: Samples, rate: int) -> NDArray[np.float64]:
    """Power (frames, 8) of eight bands of 1 kHz."""
    return np.stack([_band(audio, rate, 1000.0 * k, 1000.0 * (k + 1)) for k in range(8)], 1)


def _decibels(power: NDArray[np.float64], beside: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Beside another power, or the 95th percentile of its own frames' sums; at least -60."""
    if beside is None:
        beside = np.percentile(power if power.ndim == 1 else power.sum(1), 95)
    return np.maximum(10.0 * np.log10(power / beside), -60.0)


def _converted(wide: Samples, singer: str) -> Samples:
    moved = converter.node(singer, 0.0).suggest_transpose(wide[None], converter.RATE).semitones
    return converter.convert(wide, singer, moved)


def _prompts() -> Samples:
    """The eight prompts at 44.1 kHz, one after another."""
    parts = [soundfile.read(people.ALSA / f"{name}.wav", dtype="float32", always_2d=True)[0].mean(1)
             for name in people.PROMPTS]  # fmt: skip
    return np.asarray(signal.resample_poly(np.concatenate(parts), 147, 160), np.float32)


if __name__ == "__main__":
    main()
