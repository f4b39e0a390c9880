"""One conversion by svcfx of what `run_rvc_next` sang: `python run_svcfx_rvc.py WORK fp32|bf16 [FOLLOW]`.

Noise is 0. With FOLLOW the first phrase is sung on the peer's f0, so that the sound can be compared; without,
pitch is tracked for the time that it takes. Writes ours.npz, and the seconds of each stage to seconds.json.
"""

import sys
from pathlib import Path
from typing import Any, cast

import clock
import numpy as np
import torch

from svcfx.chain.checkpoint import open_encoder, open_rvc
from svcfx.chain.config import ChainSettings, Precision
from svcfx.chain.svc import noise, rvc
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.take import Scorer
from svcfx.chain.svc.whole import StemCut, StemSong
from svcfx.chain.vits import Generator
from svcfx.chain.voice import AT_REST
from svcfx.dsp.resample import resample
from svcfx.lanes import Lane

WARM_SECONDS, THREADS = 6, 2
STILL = ("noise", "loudness_follow", "index_rate", "protect")
CURVES = {**AT_REST, **{name: Lane.constant(0.0) for name in STILL}}


def main() -> None:
    """Warm up, convert, write."""
    work, precision = Path(sys.argv[1]), cast(Precision, sys.argv[2])
    torch.set_num_threads(THREADS)
    noise.rows = lambda first, count, width, *_, **__: np.zeros((count, width), np.float32)
    song = np.load(work / "song.npy")
    parts = opened(work).at(precision)
    if sys.argv[3:] == ["FOLLOW"]:
        follow(np.load(work / "peer.npz")["f0"].ravel())
    clock.watch(Scorer, "_content16k", "content")
    clock.watch(Scorer, "pitch", "f0", times=9)
    clock.watch(Generator, "forward", "generator")
    sung(parts, song[: WARM_SECONDS * 16000])
    audio = clock.measure(lambda: sung(parts, song), work / "seconds.json")
    heard = rvc.around(rvc.high_passed(song), -16000, len(song) + 16000)
    with torch.inference_mode():
        content = parts.encoder(torch.from_numpy(heard)).T.numpy()
    np.savez(work / "ours.npz", audio=audio, content=content)


def opened(work: Path) -> VoiceParts:
    """The voice, off the shelf."""
    found = open_rvc(work / "voice.pth")
    encoder = open_encoder(work / "assets/hubert_base", found.content_encoder)
    return VoiceParts(name="peer", generator=found, content=encoder)


def sung(parts: VoiceParts, song: Any) -> Any:
    """The song at the voice's own rate, as the peer gives it."""
    settings = ChainSettings(next(iter(parts.singers)), pitch="praat", octave_repair=False)
    own = resample(song[None], 16000, parts.sample_rate)[0]
    cut = StemCut(own, parts.sample_rate, parts.hop, rvc.high_passed(song))
    return np.concatenate(list(StemSong(parts, settings, CURVES, cut).sung()))


def follow(f0_hz: Any) -> None:
    """Have the first phrase sung on the peer's line, which begins a second before the song."""

    def pitch(_ear: Scorer, _audio: Any, heard: Any) -> tuple[Any, Any]:
        line = np.zeros(len(heard) // rvc.HOP)
        known = f0_hz[: len(line)]
        line[: len(known)] = known
        return line, (line > 0).astype(np.float64)

    Scorer.pitch = pitch  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()
