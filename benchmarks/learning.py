"""How a voice learns on a processor: `python benchmarks/learning.py`, about half an hour on one core.

Ten minutes of a singer that no training saw, a morph of engine voices, are prepared and trained on by the
commands that people type, in legs. After each leg the voice so far sings a held-out speaker's sentences,
moved to the singer's pitch, and judges that no part of a voice reads hear it. Stopped at any moment, it goes
on where it was. Rewrites its section of `benchmarks/RESULTS.md` and `docs/learning.png`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from judging import converter, phones, results, sources, speaker
from judging.converter import RATE
from numpy.typing import NDArray

from factory import rendition, texts
from factory.engines import heldout, identities
from factory.engines.groundtruth import ground_truth
from factory.engines.speech import EngineVoice, Utterance, speak
from svcfx import audio
from svcfx.chain.analysis import analyse
from svcfx.training import history

Samples = NDArray[np.float32]
FOLDER = Path("build/benchmarks/learning")
TAKES, DATASET, VOICE, SUNG, LEGS = (
    FOLDER / name for name in ("takes", "dataset", "me", "sung", "legs.json")
)
PICTURE = Path("docs/learning.png")
SEED, TEXT_SEED = 7101, 5150
"""Of the identity, beyond those that any training uses; of its texts."""
MINUTES, MIDDLE_HZ = 10.0, 210.0
LEG = 200
"""Steps from one hearing to the next."""
RECIPE = ("--family", "quickvc", "--size", "small", "--batch", "2", "--rate", "5e-4", "--patience", "0")
SECONDS = 1800.0
"""Of the processor in training, after which no leg begins any more."""
MEL_WEIGHT = 45.0
REFERENCES = range(100_000, 100_008, 2)
"""Spoken takes of the singer that are not in the dataset."""
TEXT = (
    "By `python benchmarks/learning.py`: ten minutes of a made-up singer, `svcfx train prepare --encoder"
    f" builtin`, `svcfx train run {' '.join(RECIPE)}` with one thread. *mel L1* is the mean of the last"
    " 100 steps, *check* that of the averaged voice on takes it is not trained on; *cosine* is GE2E's between"
    " four sentences of flite's awb sung by the voice at the singer's pitch and other takes of the singer;"
    " *phones* the share that the phone judge hears in them. After one step nothing is known."
)
GAP = np.zeros(int(0.3 * RATE), np.float32)


def main() -> None:
    """Whatever is not there yet: material, dataset, legs; then the table and the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--until", choices=("takes", "dataset", "legs", "report"), default="report")
    until = parser.parse_args().until
    os.environ.update(SVCFX_HOME=str((FOLDER / "home").resolve()), OMP_NUM_THREADS="1")
    stages = {"takes": record, "dataset": prepare, "legs": train, "report": report}
    for name, stage in stages.items():
        stage()
        if name == until:
            break


def record() -> None:
    """Ten minutes of the singer, sung and spoken in turn, a file each."""
    seconds, number = 0.0, 0
    while seconds < 60.0 * MINUTES:
        path = TAKES / f"{number:03d}.wav"
        if not path.exists():
            audio.write(path, sing(number)[None], RATE)
        found = audio.probe(path)
        seconds += found.frames / found.sample_rate
        number += 1


def sing(number: int) -> Samples:
    """One text of the singer at 44.1 kHz."""
    text, random = texts.sentence(number, TEXT_SEED), np.random.default_rng((SEED, number))
    source = rendition.prepare(speak(text, EngineVoice("flite", "slt")))
    middle = float(np.exp(random.uniform(np.log(150.0), np.log(330.0))))
    done = rendition.sung(source, random, middle) if number % 2 else rendition.natural(source, random)
    pitch = done.f0_hz[::2]
    pitch = pitch if number % 2 else pitch * (min(middle, 260.0) / np.median(pitch[pitch > 0]))
    return ground_truth(text, identities.random_identity(SEED), done.phones, pitch, seed=number)


def prepare() -> None:
    """The first command."""
    if not (DATASET / "dataset.toml").exists():
        svcfx("train", "prepare", TAKES, "-o", DATASET, "--singer", "me", "--encoder", "builtin", "--jobs", 1)


def train() -> None:
    """The second one, leg by leg; each is heard."""
    legs = json.loads(LEGS.read_text()) if LEGS.exists() else []
    while sum(leg["processor"] for leg in legs) < SECONDS:
        step = LEG * len(legs) or 1  # after one step it knows nothing yet
        began = time.monotonic()
        spent = svcfx("train", "run", DATASET, "-o", VOICE, "--steps", step, "--check-every", LEG, *RECIPE)
        legs.append({"step": step, "seconds": time.monotonic() - began, "processor": spent})
        _hear(step)
        LEGS.write_text(json.dumps(legs))


def report() -> None:
    """Judge what was sung, write the table and draw the curve."""
    legs = json.loads(LEGS.read_text())
    own = speaker.embed(converter.down(_joined([sing(number) for number in REFERENCES])))
    source = audio.read(FOLDER / "source.wav").samples[0]
    judged = {
        leg["step"]: _judge(audio.read(SUNG / f"{leg['step']:05d}.wav").samples[0], own) for leg in legs
    }
    limits = {"the source itself": _judge(source, own), "the singer itself": _judge(_truth(source), own)}
    mel = [(int(row["step"]), float(row["mel"]) / MEL_WEIGHT) for row in history.rows(VOICE)]
    rows, seconds, processor = [], 0.0, 0.0
    for leg in legs:
        seconds, processor = seconds + leg["seconds"], processor + leg["processor"]
        near = [value for step, value in mel if leg["step"] - 100 < step <= leg["step"]]
        check = next(row["check"] for row in history.rows(VOICE) if int(row["step"]) == leg["step"])
        numbers = (np.mean(near), float(check), *judged[leg["step"]])
        rows.append((str(leg["step"]), *(f"{value:.3f}" for value in numbers),
                     f"{processor / 60:.1f}", f"{seconds / 60:.0f}"))  # fmt: skip
    rows += [(name, "", "", *(f"{value:.3f}" for value in two), "", "") for name, two in limits.items()]
    head = ("step", "mel L1", "check", "cosine", "phones", "processor, min", "clock, min")
    body = f"{TEXT}\n\n{results.table(head, rows)}"
    print(body)
    results.write("A training on a processor", body)
    draw(mel, judged, limits)


def _judge(sung: Samples, own: speaker.Embedding) -> tuple[float, float]:
    """GE2E's cosine to the singer, and the share of phones that are heard."""
    right, at = [], 0
    for _, said in _said():
        count = len(converter.up(said.audio))
        right.append((phones.accuracy(converter.down(sung[at : at + count]), said.phones), count))
        at += count + len(GAP)
    shares, weights = np.array(right).T
    heard = float(np.average(shares, weights=weights))
    return speaker.cosine(speaker.embed(converter.down(sung)), own), heard


def _truth(source: Samples) -> Samples:
    """The singer doing what the source does, at the pitch that it is moved to."""
    takes, moved = [], 2.0 ** (_semitones() / 12.0)
    for text, said in _said():
        pitch = analyse(said.audio, said.rate, "swift", octave_repair=True).f0_hz * moved
        made = ground_truth(text, identities.random_identity(SEED), said.phones, pitch)
        count = len(converter.up(said.audio))
        takes.append(np.pad(made, (0, max(0, count - len(made))))[:count])
    return _joined(takes)[: len(source)]


def draw(
    mel: list[tuple[int, float]],
    judged: dict[int, tuple[float, float]],
    limits: dict[str, tuple[float, float]],
) -> None:
    """Mel distance above, what the judges say below, over steps."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(7.5, 6), sharex=True, layout="constrained")
    above.plot(*zip(*mel, strict=True), color="#31688e")
    above.set(ylabel="mel L1, natural log", yscale="log")
    above.yaxis.set_major_formatter("{x:g}")
    above.yaxis.set_minor_formatter("{x:g}")
    for which, (name, colour) in enumerate(
        (("cosine to the singer", "#d95f02"), ("phones heard", "#1b9e77"))
    ):
        below.plot(list(judged), [two[which] for two in judged.values()], "o-", color=colour, label=name)
        for (limit, two), style in zip(limits.items(), (":", "--"), strict=True):
            below.axhline(two[which], color=colour, linestyle=style, linewidth=1, label=f"{name}: {limit}")
    below.set(xlabel="steps", ylabel="0 to 1", ylim=(0, 1))
    figure.legend(loc="outside lower center", fontsize=8, ncols=2)
    for axis in (above, below):
        axis.grid(alpha=0.3, which="both")
    figure.savefig(PICTURE, dpi=120)


def _hear(step: int) -> None:
    """Let the voice sing the held-out source."""
    path = SUNG / f"{step:05d}.wav"
    if path.exists():
        return
    source = FOLDER / "source.wav"
    if not source.exists():
        audio.write(source, _joined([converter.up(said.audio) for _, said in _said()])[None], RATE)
    svcfx(
        "convert",
        source,
        "--voice",
        "me",
        "-t",
        _semitones(),
        "-o",
        path,
        "--quiet",
        "--on-exists",
        "overwrite",
    )


def _said() -> list[tuple[str, Utterance]]:
    """Sentences of a held-out speaker at 16 kHz."""
    voice = EngineVoice("flite", "awb")
    return [(text, sources.at_rate(speak(text, voice))) for text in heldout.SENTENCES[:4]]


def _joined(pieces: list[Samples]) -> Samples:
    return np.concatenate([part for piece in pieces for part in (piece, GAP)])


def _semitones() -> int:
    """From the held-out speaker's pitch to the middle of the singer's."""
    own = analyse(audio.read(FOLDER / "source.wav").samples[0], RATE, "swift", octave_repair=True)
    return round(12.0 * float(np.log2(MIDDLE_HZ / own.report().median_hz)))


def svcfx(*words: Any) -> float:
    """Run a command; returns the processor seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "svcfx", *map(str, words)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
