"""How like its reference a clone is: `python benchmarks/clone.py`.

References that no training saw: random morphs, held-out voices of espeak-ng, and the human prompts of
alsa-utils where they are installed. A held-out source is sung by the clone and by the shipped singers, moved
to the reference's pitch; the judge is Resemblyzer's GE2E, which conditions nothing. The truth is the
reference's speaker, where it is a morph, with the source's words, timing and pitch; the ceiling is how near
its own takes are. Needs what `listening.py` needs. Rewrites its section of `benchmarks/RESULTS.md`.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from judging import converter, human, people, readers, results, sources, speaker
from judging.converter import RATE, down, up
from numpy.typing import NDArray

from factory import texts
from factory.engines import heldout, identities
from factory.engines.groundtruth import ground_truth
from factory.engines.speech import EngineVoice, Utterance, speak
from svcfx.audio import read
from svcfx.chain.analysis import analyse
from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.voice import AT_REST
from svcfx.dsp.resample import resample
from svcfx.lanes import Lane
from svcfx.training import world
from svcfx.training.cloning.fitting import fit
from svcfx.training.cloning.frames import hear
from svcfx.voices import shelf

Samples = NDArray[np.float32]
MORPHS = ((7001, 110.0), (7002, 200.0), (7003, 150.0))
"""Seeds of random identities, beyond those that any training uses, and their pitch in Hz."""
TEXT_SEED = 4242
BOOK = 5
"""The first clips of `people.first`, whose words a clone is asked for."""
GAP = np.zeros(int(0.2 * RATE), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A recording to clone and another one of the same speaker, at 44.1 kHz; `seed` of a morph, else 0."""

    name: str
    given: Samples
    other: Samples
    seed: int = 0


def main() -> None:
    """Clone every reference and print the table."""
    torch.set_num_threads(1)
    net = network.load(shelf.find("vela").path)
    source = joined([up(utterance.audio) for _, utterance in _sources()])
    rows = []
    for reference in references():
        rows.append(_row(net, reference, source))
        print(" | ".join(rows[-1]), flush=True)
    head = (
        "reference",
        "seconds",
        "Hz",
        "source",
        "vela",
        "corin",
        "clone",
        "truth",
        "ceiling",
        "words wrong",
        "fit, CPU s",
    )
    body = (
        f"Of {converter.weights('vela')}, by `python benchmarks/clone.py`: GE2E cosine to other takes of the"
        " reference's speaker; everything but the source is at the reference's pitch. Words wrong are those"
        f" of {BOOK} sentences of an audio book that the clone sings at that pitch, by Whisper base.\n\n"
        + results.table(head, rows)
    )
    print(body)
    results.write("A clone from seconds", body)


def references() -> Iterator[Reference]:
    """Whom to clone."""
    said = [texts.sentence(i, TEXT_SEED) for i in range(4)]
    for seed, hertz in MORPHS:
        takes = [_morphed(seed, hertz, text) for text in said]
        yield Reference(f"morph {seed}", joined(takes[:2]), joined(takes[2:]), seed)
    for voice in heldout.VOICES[1:4]:
        takes = [up(spoken(voice, text)) for text in said]
        yield Reference(voice.name.split("+")[-1], joined(takes[:2]), joined(takes[2:]))
    if human.installed():
        prompts = [_prompt(name) for name in people.PROMPTS]
        yield Reference("human prompts", joined(prompts[:4]), joined(prompts[4:]))


def _row(net: ParametricNet, reference: Reference, source: Samples) -> tuple[str, ...]:
    pitch = analyse(reference.given, RATE, "swift", octave_repair=True)
    hertz = pitch.report().median_hz
    began = time.process_time()
    clone = fit(net, hear(net, reference.given, RATE, pitch), "clone")
    spent = time.process_time() - began
    own = analyse(source, RATE, "swift", octave_repair=True).report().median_hz
    other = speaker.embed(down(reference.other))
    move = 12.0 * float(np.log2(hertz / own))

    def like(audio: Samples) -> str:
        return f"{speaker.cosine(speaker.embed(down(audio)), other):.3f}"

    return (
        reference.name,
        f"{len(reference.given) / RATE:.1f}",
        f"{hertz:.0f}",
        like(source),
        like(sing(net, "vela", source, move)),
        like(sing(net, "corin", source, move)),
        like(sing(clone, "clone", source, move)),
        like(_truth(reference.seed, move)) if reference.seed else "",
        like(reference.given),
        f"{_words_wrong(clone, hertz):.3f}",
        f"{spent:.1f}",
    )


def _words_wrong(clone: ParametricNet, hertz: float) -> float:
    wrong = said = 0
    for clip in people.first()[:BOOK]:
        audio = up(clip.audio)
        own = analyse(audio, RATE, "swift", octave_repair=True).report().median_hz
        made = down(sing(clone, "clone", audio, 12.0 * float(np.log2(hertz / own))))
        words = readers.plain(clip.text)
        wrong, said = wrong + readers.edits(readers.base_words(made), words), said + len(words)
    return wrong / said


def sing(net: ParametricNet, singer: str, audio: Samples, semitones: float) -> Samples:
    """Convert audio at 44.1 kHz with nets that lie on no shelf."""
    curves = {**AT_REST, "transpose_semitones": Lane.constant(semitones)}
    return ParametricVoice(singer, net).convert(audio, RATE, ChainSettings(singer), curves)


def spoken(voice: EngineVoice, text: str) -> Samples:
    """A sentence at 16 kHz, as the benchmark has its sources."""
    return sources.at_rate(speak(text, voice)).audio


def _morphed(seed: int, hertz: float, text: str) -> Samples:
    said = speak(text, EngineVoice("flite", "slt" if hertz > 160.0 else "rms"))
    pitch = world.analyse(said.audio).f0_hz[::2]
    pitch = pitch * (hertz / np.median(pitch[pitch > 0]))
    return ground_truth(text, identities.random_identity(seed), said.phones, pitch)


def _sources() -> list[tuple[str, Utterance]]:
    voice = EngineVoice("flite", "awb")
    return [(text, sources.at_rate(speak(text, voice))) for text in heldout.SENTENCES[:2]]


def _truth(seed: int, semitones: float) -> Samples:
    """The singer itself, doing what the source does."""
    takes = []
    for text, said in _sources():
        pitch = analyse(said.audio, said.rate, "swift", octave_repair=True).f0_hz * 2.0 ** (semitones / 12.0)
        takes.append(ground_truth(text, identities.random_identity(seed), said.phones, pitch))
    return joined(takes)


def _prompt(name: str) -> Samples:
    file = read(people.ALSA / f"{name}.wav")
    return resample(file.samples.mean(0, keepdims=True), file.sample_rate, RATE)[0]


def joined(takes: list[Samples]) -> Samples:
    """Takes one after another, a little silence after each."""
    return np.concatenate([part for take in takes for part in (take, GAP)])


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
