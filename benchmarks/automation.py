"""What moving one parameter of a native board costs: `python benchmarks/automation.py`.

A stem of 3 minutes in stereo. Each row is the best of three, in seconds of the processor, and the ratio
between them.
"""

import time

import numpy as np
import pedalboard

from svcfx.board import Board
from svcfx.lanes import Lane

RATE, SECONDS = 44_100, 180
BOARDS = [
    ("strip, gain.gain_db", "gain.gain_db", -12.0, 0.0),
    ("strip, highpass_filter.cutoff_frequency_hz", "highpass_filter.cutoff_frequency_hz", 40.0, 400.0),
    ("strip, peak_filter.gain_db", "peak_filter.gain_db", -6.0, 6.0),
    ("strip, compressor.threshold_db", "compressor.threshold_db", -30.0, -10.0),
    ("strip, reverb.wet_level", "reverb.wet_level", 0.0, 0.5),
]
ALONE = [
    (pedalboard.Gain, "gain.gain_db", -12.0, 0.0),
    (pedalboard.LowpassFilter, "lowpass_filter.cutoff_frequency_hz", 200.0, 8000.0),
    (pedalboard.PeakFilter, "peak_filter.gain_db", -6.0, 6.0),
    (pedalboard.Compressor, "compressor.threshold_db", -30.0, -10.0),
    (pedalboard.Reverb, "reverb.wet_level", 0.0, 0.5),
]


def strip() -> Board:
    """The effects that a vocal stem has in most songs."""
    return Board(
        [
            pedalboard.HighpassFilter(80),
            pedalboard.PeakFilter(3000, 2),
            pedalboard.Compressor(-20, 3),
            pedalboard.Gain(2),
            pedalboard.Reverb(),
        ]
    )


def best(board: Board, audio: np.ndarray, automation: dict[str, Lane] | None) -> float:
    """Processor seconds of the quickest of three calls."""
    took = []
    for _ in range(3):
        begun = time.process_time()
        board(audio, RATE, automation=automation)
        took.append(time.process_time() - begun)
    return min(took)


def row(title: str, board: Board, audio: np.ndarray, address: str, low: float, high: float) -> None:
    """Print one line."""
    lane = Lane(((0.0, low), (SECONDS / 2, high), (SECONDS, low)))
    still, moved = best(board, audio, None), best(board, audio, {address: lane})
    print(f"{title:50} {still:6.2f} s  {moved:6.2f} s  {moved / still:5.2f} times")


def main() -> None:
    """Print the table."""
    audio = np.random.default_rng(1).standard_normal((2, RATE * SECONDS)).astype(np.float32) * 0.1
    for title, *moved in BOARDS:
        row(title, strip(), audio, *moved)
    for kind, *moved in ALONE:
        row(f"{kind.__name__} alone", Board([kind()]), audio, *moved)


if __name__ == "__main__":
    main()
