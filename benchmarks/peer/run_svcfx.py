"""In our environment: `python run_svcfx.py FOLDER PITCH PRECISION OUT [CHUNKS]`, as run_fork.py does it."""

import sys
from pathlib import Path

import clock
import numpy as np
import soundfile
import torch

from svcfx.chain.content import contentvec
from svcfx.chain.svc import heard, noise
from svcfx.chain.vits import Generator
from svcfx.chain.vits.decoder import HarmonicSource, SourceFilterDecoder
from svcfx.chain.vits.encoders import PriorEncoder
from svcfx.chain.vits.flow import Flow
from svcfx.node.voice import VoiceConversion

STAGES = (
    (contentvec, "to_encoder_rate", "resample"),
    (contentvec.Encoder, "__call__", "content"),
    (heard, "phrase_f0", "f0"),
    (Generator, "forward", "generator"),
    (PriorEncoder, "forward", "prior"),
    (Flow, "inverse", "flow"),
    (HarmonicSource, "forward", "decoder"),
    (SourceFilterDecoder, "forward", "decoder"),
)


def main() -> None:
    folder, pitch, precision, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
    torch.set_num_threads(2)
    song, rate = soundfile.read(folder / "song.wav", dtype="float32")
    node = VoiceConversion(voice="peer", pitch=pitch, precision=precision)
    for owner, name, stage in STAGES:
        clock.watch(owner, name, stage)
    if len(sys.argv) > 5:
        keep(node, song, rate, Path(sys.argv[5]))
        return
    node(song[None, : 6 * rate], rate)
    clock.measure(lambda: node(song[None], rate), out)


def keep(node: VoiceConversion, song: np.ndarray, rate: int, path: Path) -> None:
    """All phrases as the network gave them, without randomness."""
    noise.rows = lambda first, count, width, *others: np.zeros((count, width), np.float32)
    chunks, forward = [], Generator.forward

    def kept(*args: object, **options: object) -> object:
        made = forward(*args, **(options | {"kept": None}))  # what surrounds a phrase too, as the fork does
        chunks.extend(row.numpy().copy() for row in made.audio)
        return made

    Generator.forward = kept
    node(song[None], rate)
    np.savez(path, *chunks)


main()
