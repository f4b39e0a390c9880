"""What minutes of recordings make of a clone: `python benchmarks/tuning.py`.

Two voices of espeak-ng that no training saw are recorded for 1 to 10 minutes, prepared, and a parametric
voice is tuned on that as `svcfx train run --family parametric` does by default. A held-out voice of flite is
sung by the clone of the first minute and by the tuned voice, moved to the reference's pitch. Likeness is
judged by Resemblyzer's GE2E, which conditions nothing, and words by the phone judge of `benchmarks/voice.py`.
Trainings are kept under `build/`, and one that was stopped goes on. Rewrites its section of
`benchmarks/RESULTS.md`.
"""

import json
import time
from pathlib import Path

import numpy as np
import torch
from clone import joined, sing, spoken
from judging import converter, phones, results, sources, speaker
from judging.converter import RATE, down, up
from numpy.typing import NDArray

from factory import texts
from factory.engines import heldout
from factory.engines.speech import EngineVoice, Utterance, speak
from svcfx import audio
from svcfx.chain.analysis import analyse
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.training.cloning.fitting import fit
from svcfx.training.cloning.frames import hear
from svcfx.training.engine import engine
from svcfx.training.plan import TrainingPlan
from svcfx.training.prepare.dataset import prepare
from svcfx.training.prepare.settings import Settings
from svcfx.training.tuning.recipe import TuningRecipe
from svcfx.training.tuning.trainer import WEIGHTS, TuningTrainer
from svcfx.voices import shelf

Samples = NDArray[np.float32]
FOLDER = Path("build/benchmarks/tuning")
CASES = ((heldout.VOICES[1], (1, 3, 10)), (heldout.VOICES[2], (1, 10)))
TEXT_SEED, FIRST_TEXT, TAKE = 4242, 100, 3
CLONED_SECONDS = 60
HEAD = ("reference", "minutes", "source", "vela", "clone", "tuned", "ceiling", "words of source", "of vela",
        "of clone", "of tuned", "steps", "CPU s")  # fmt: skip


def main() -> None:
    """Tune every voice and print the table."""
    torch.set_num_threads(1)
    weights = converter.weights("vela")
    rows = [_row(voice, minutes) for voice, lengths in CASES for minutes in lengths]
    body = (
        f"Of {weights}, by `python benchmarks/tuning.py`: GE2E cosine to other takes of the"
        " reference, everything but the source at the reference's pitch; the share of steps of 20 ms whose"
        f" phone is heard; the clone is of {CLONED_SECONDS} s; seconds of one core for all of it.\n\n"
        + results.table(HEAD, rows)
    )
    print(body)
    results.write("A clone trained further", body)


def _row(voice: EngineVoice, minutes: int) -> tuple[str, ...]:
    name = voice.name.split("+")[-1]
    folder = FOLDER / f"{name}-{minutes}"
    base = network.load(shelf.find("vela").path)
    said = [sources.at_rate(speak(text, heldout.VOICES[0])) for text in heldout.SENTENCES[:4]]
    source = [up(utterance.audio) for utterance in said]
    other = joined([up(spoken(voice, texts.sentence(i, TEXT_SEED))) for i in range(2, 6)])
    given, dataset = _recorded(voice, minutes, folder)
    clone = fit(base, hear(base, given, RATE, analyse(given, RATE, "swift", octave_repair=True)), "me")
    tuned, steps, spent = _tuned(dataset, folder / "run", base)
    move = 12.0 * float(np.log2(_median(other) / _median(joined(source))))
    person = speaker.embed(down(other))

    def judged(net: ParametricNet | None, singer: str) -> tuple[str, str]:
        sung = [one if net is None else sing(net, singer, one, move) for one in source]
        like = speaker.cosine(speaker.embed(down(joined(sung))), person)
        return f"{like:.3f}", f"{_words(sung, said):.3f}"

    both = [judged(*one) for one in ((None, ""), (base, "vela"), (clone, "me"), (tuned, "me"))]
    ceiling = f"{speaker.cosine(speaker.embed(down(given)), person):.3f}"
    likeness, words = zip(*both, strict=True)
    return (name, f"{minutes}", *likeness, ceiling, *words, f"{steps}", f"{spent:.0f}")


def _recorded(voice: EngineVoice, minutes: int, folder: Path) -> tuple[Samples, Path]:
    """The first minute of the recordings, and the dataset of all of them."""
    recorded: list[Samples] = []
    number = FIRST_TEXT
    while sum(map(len, recorded)) < 60 * minutes * RATE:
        said = [texts.sentence(number + i, TEXT_SEED) for i in range(TAKE)]
        recorded.append(joined([up(spoken(voice, text)) for text in said]))
        audio.write(folder / "recordings" / f"{number}.wav", recorded[-1][None], RATE)
        number += TAKE
    prepare(
        folder / "recordings",
        folder / "dataset",
        Settings(content_encoder="builtin"),
        singer="me",
        update=True,
    )
    return np.concatenate(recorded)[: CLONED_SECONDS * RATE], folder / "dataset"


def _tuned(dataset: Path, out: Path, base: ParametricNet) -> tuple[ParametricNet, int, float]:
    """The voice of the best check, its step, and what it cost; trained once."""
    cost = out / "cost.json"
    if not cost.exists():
        recipe = TuningRecipe()
        began = time.process_time()
        trainer = TuningTrainer(dataset, out, recipe, engine(accelerator="cpu"), base, "the shipped")
        trainer.run(TrainingPlan(steps=recipe.steps, check_every=50, patience=4))
        cost.write_text(json.dumps((trainer.best.step, time.process_time() - began)))
    steps, spent = json.loads(cost.read_text())
    return network.load(out / WEIGHTS), steps, spent


def _words(sung: list[Samples], said: list[Utterance]) -> float:
    """Share of steps whose phone is heard."""
    pairs = zip(sung, said, strict=True)
    return float(np.mean([phones.accuracy(down(one), utterance.phones) for one, utterance in pairs]))


def _median(heard: Samples) -> float:
    return analyse(heard, RATE, "swift", octave_repair=True).report().median_hz


if __name__ == "__main__":
    main()
