"""Every figure of the default voice: `python benchmarks/voice.py` (`--quick` for a look).

Prints tables and rewrites the voice's section of `benchmarks/RESULTS.md`; the same numbers go to
`build/benchmarks/voice.json`. The phone judge is trained first when `build/` does not hold it.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import numpy as np
import threadpoolctl
import torch
from judging import (
    clicks,
    converter,
    depths,
    human,
    phones,
    reference,
    report,
    results,
    singer,
    sources,
    speed,
    verdict,
)
from judging.pairs import SINGERS, Pair, chosen

JSON = Path("build/benchmarks/voice.json")
PROOF_PLACES = 60


def main() -> None:
    """Judge speed, all pairs, silence and human speech."""
    options = _options()
    quickness = speed.measure()
    if options.speed:
        print(report.speed(quickness))
        results.write("Speed and memory", report.speed(quickness), level=3)
        return
    phones.ready()
    begin()
    wanted = list(chosen(options.quick))
    singer.ready([*reference.TEXTS, *_texts(wanted), *human.texts()])
    start, weights = time.monotonic(), converter.weights(SINGERS[0])
    verdicts = _judge(wanted, options.workers)
    people = human.judge() if human.installed() else []
    redrawn = [] if options.quick or not converter.refines(SINGERS[0]) else _redraw(options.workers)
    parts = [
        f"Of {weights}, by `python benchmarks/voice.py`.",
        *_figures(verdicts),
        "### The refiner: `diffusion_depth` on one pair of each stem, not transposed",
        report.depths(redrawn, verdicts) if redrawn else "Not measured.",
        "### Speed and memory",
        report.speed(quickness),
        "### Human speech (the eight prompts of alsa-utils; labels by forced alignment, rough)",
        report.human(people) if people else "alsa-utils is not installed: not measured.",
        "### Every pair",
        report.pairs(verdicts),
    ]
    if converter.weights(SINGERS[0]) != weights:
        raise SystemExit("the voice has changed while it was judged; judge it again")
    text = "\n\n".join(parts)
    print(f"{text}\n\nJudged in {time.monotonic() - start:.0f} s.")
    everything = {"pairs": verdicts, "human": people, "redrawn": redrawn, "speed": [quickness]}
    record = {name: [asdict(one) for one in many] for name, many in everything.items()}
    JSON.parent.mkdir(parents=True, exist_ok=True)
    JSON.write_text(json.dumps(record, indent=1), encoding="utf-8")
    if not options.quick and converter.is_shipped(SINGERS[0]):
        results.write("The default voice", text)


def _figures(verdicts: list[verdict.Verdict]) -> list[str]:
    return [
        "### Spoken",
        report.summary(verdicts, "spoken"),
        "### Sung",
        report.summary(verdicts, "sung"),
        report.overall(verdicts),
        f"The phone judge hears {phones.unseen_accuracy():.3f} of frames right on unseen espeak-ng voices.",
        _proof(),
        f"Five seconds of digital silence give {_silence()} samples that are not 0.",
    ]


def _texts(wanted: list[Pair]) -> list[str]:
    """What the pairs' sources say."""
    stems = dict.fromkeys(pair.stem for pair in wanted)
    return [passage.text for stem in stems for passage in sources.build(stem).passages]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three stems of two texts; not kept")
    parser.add_argument("--speed", action="store_true", help="speed alone, on a quieter machine; kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes that judge at a time")
    return parser.parse_args()


def _judge(wanted: list[Pair], workers: int) -> list[verdict.Verdict]:
    """Verdicts in the order of `wanted`; a stem's pairs share one process, which hears it once."""
    jobs = [list(group) for _, group in groupby(wanted, lambda pair: (pair.stem, pair.singer))]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), context, begin) as pool:
        found: list[verdict.Verdict] = []
        for group in pool.map(_judge_stem, jobs):
            found += group
            print(f"{len(found)} of {len(wanted)} pairs judged", file=sys.stderr, flush=True)
        return found


def _redraw(workers: int) -> list[depths.Redrawn]:
    """The refiner's figures, a stem's in one process."""
    wanted = depths.chosen()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(wanted)), context, begin) as pool:
        return [one for many in pool.map(depths.judge, wanted) for one in many]


def begin() -> None:
    """Keep a process to one core."""
    torch.set_num_threads(1)
    threadpoolctl.threadpool_limits(1)


def _judge_stem(group: list[Pair]) -> list[verdict.Verdict]:
    return [verdict.judge(pair) for pair in group]


def _proof() -> str:
    """Break a conversion on purpose and see what the detector finds."""
    pair = next(chosen(quick=False))
    source = sources.build(pair.stem)
    made = converter.convert(converter.up(source.audio), pair.singer, pair.semitones)
    places = verdict.vowels(source)
    places = places[np.linspace(0, len(places) - 1, min(PROOF_PLACES, len(places))).astype(int)]
    return report.detector(clicks.proof(made, converter.RATE, places), len(places))


def _silence() -> int:
    silence = np.zeros(5 * converter.RATE, np.float32)
    return sum(int(np.count_nonzero(converter.convert(silence, singer, 5))) for singer in SINGERS)


if __name__ == "__main__":
    main()
