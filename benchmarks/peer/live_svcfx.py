"""In our environment: `python live_svcfx.py SONG.npy`, asked as `blocks` says."""

from typing import Any

import blocks
import numpy as np
import torch

from svcfx import Board, VoiceConversion


def main() -> None:
    blocks.set_threads(torch)

    def process_of(frames: int, asked: dict[str, Any]) -> tuple[Any, float]:
        precision = "bf16" if "bf16" in asked["who"] else "fp32"
        board = Board([VoiceConversion(voice="peer", precision=precision)])
        board.process(np.zeros((1, frames), np.float32), blocks.RATE, reset=False)
        late = board.latency_samples / blocks.RATE
        board.reset()
        return lambda block: board.process(block[None], blocks.RATE, reset=False), late

    blocks.serve(process_of)


main()
