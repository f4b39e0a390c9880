"""Phones of a known text found in a recording that has no labels, by the phone judge."""

import numpy as np
from numpy.typing import NDArray

from factory.engines.speech import Phone
from factory.phones import INDEX, PAUSE, PHONES
from judging import phones

STEP_S = 0.02


def align(audio: NDArray[np.float32], names: tuple[str, ...]) -> tuple[Phone, ...]:
    """The likeliest times of phones `names`, in order, in audio at 16 kHz (Viterbi, steps of 20 ms)."""
    score = phones.scores(audio)[:, [INDEX[name] for name in names]].astype(np.float64)
    steps, count = score.shape
    best = np.full((steps, count), -np.inf)
    moved = np.zeros((steps, count), bool)
    best[0, 0] = score[0, 0]
    for step in range(1, steps):
        come = np.concatenate([[-np.inf], best[step - 1, :-1]])
        moved[step] = come > best[step - 1]
        best[step] = np.maximum(come, best[step - 1]) + score[step]
    state, starts = count - 1, [0] * count
    for step in range(steps - 1, 0, -1):
        if moved[step, state]:
            starts[state] = step
            state -= 1
    ends = [*starts[1:], steps]
    found = zip(names, starts, ends, strict=True)
    return tuple(Phone(name, start * STEP_S, end * STEP_S) for name, start, end in found)


def heard(audio: NDArray[np.float32]) -> list[str]:
    """Phones that the judge hears without knowing the text: runs of at least two steps, pauses apart."""
    found = phones.scores(audio).argmax(-1)
    edges = np.flatnonzero(np.diff(found)) + 1
    runs = [run for run in np.split(found, edges) if len(run) >= 2]
    names = [PHONES[int(run[0])] for run in runs]
    kept = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    return [name for name in kept if name != PAUSE]


def error_rate(found: list[str], wanted: list[str]) -> float:
    """Insertions, deletions and substitutions a wanted phone."""
    row = np.arange(len(found) + 1)
    for i, name in enumerate(wanted, 1):
        before, row = row, np.full(len(found) + 1, i)
        for j, other in enumerate(found, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (name != other))
    return float(row[-1]) / len(wanted)
