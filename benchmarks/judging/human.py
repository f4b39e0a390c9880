"""Real human speech: the eight spoken prompts that Debian's alsa-utils installs, the voice's weak point.

Nothing is known of them but their words. Their phones are found by the phone judge, which never heard a
human being, with the text given; so ground truth and accuracy are as sure as that alignment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from factory.engines.speech import EngineVoice, Phone, speak
from factory.phones import PAUSE
from judging import align, converter, people, phones, pitch, reference, singer, speaker
from judging.pairs import SEMITONES, SINGERS
from svcfx.audio import read

Samples = NDArray[np.float32]
PAUSE_S = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanVerdict:
    """The prompts joined, converted once; `errors` are phone error rates of an open reading by the judge."""

    pair: str
    cos_truth: float
    cos_reference: float
    cos_source: float
    source_reference: float
    cents: float
    r: float
    voicing: float
    phone: float
    phone_source: float
    errors: float
    errors_source: float


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """One prompt at 44.1 kHz, what it says, and where its phones seem to be."""

    audio: Samples
    text: str
    phones: tuple[Phone, ...]


def installed() -> bool:
    """Whether the prompts are there."""
    return all((people.ALSA / f"{name}.wav").exists() for name in people.PROMPTS)


def texts() -> list[str]:
    """What the prompts say."""
    return [_text(name) for name in people.PROMPTS]


def judge() -> list[HumanVerdict]:
    """Convert the prompts to both singers at all transpositions."""
    prompts = [_prompt(name) for name in people.PROMPTS]
    return [_verdict(prompts, name, semitones) for name in SINGERS for semitones in SEMITONES]


def _text(name: str) -> str:
    return name.replace("_", " ").lower()


def _prompt(name: str) -> Prompt:
    file = read(people.ALSA / f"{name}.wav")
    common = int(np.gcd(file.sample_rate, converter.RATE))
    mono = file.samples.mean(0)
    audio = signal.resample_poly(mono, converter.RATE // common, file.sample_rate // common)
    audio = audio[: len(audio) // 441 * 441].astype(np.float32)
    text = _text(name)
    said = [p.name for p in speak(text, EngineVoice("flite", "slt")).phones]
    said = [p for i, p in enumerate(said) if p != PAUSE or i in (0, len(said) - 1)]
    return Prompt(audio, text, align.align(converter.down(audio), tuple(said)))


def _verdict(prompts: list[Prompt], name: str, semitones: int) -> HumanVerdict:
    gap = np.zeros(int(PAUSE_S * converter.RATE) // 441 * 441, np.float32)
    joined = np.concatenate([part for prompt in prompts for part in (gap, prompt.audio)] + [gap])
    whole = converter.convert(joined, name, semitones)
    made, at = [], len(gap)
    for prompt in prompts:
        made.append(converter.down(whole[at : at + len(prompt.audio)]))
        at += len(prompt.audio) + len(gap)
    heard = [converter.down(prompt.audio) for prompt in prompts]
    tracks = [pitch.swift(audio, 16000) for audio in heard]
    truths = [_truth(p, t, name, semitones) for p, t in zip(prompts, tracks, strict=True)]
    agreed = pitch.compare(
        np.concatenate(tracks), np.concatenate([pitch.swift(audio, 16000) for audio in made]), semitones
    )
    one, source, truth = (_embedding(parts, prompts) for parts in (made, heard, truths))
    own = reference.embedding(name)
    return HumanVerdict(
        pair=f"human -> {name} {semitones:+d}",
        cos_truth=speaker.cosine(one, truth),
        cos_reference=speaker.cosine(one, own),
        cos_source=speaker.cosine(one, source),
        source_reference=speaker.cosine(source, own),
        cents=agreed.cents,
        r=agreed.r,
        voicing=agreed.voicing,
        phone=_right(made, prompts),
        phone_source=_right(heard, prompts),
        errors=_errors(made, prompts),
        errors_source=_errors(heard, prompts),
    )


def _truth(prompt: Prompt, track: pitch.Track, name: str, semitones: int) -> Samples:
    wanted = track * 2.0 ** (semitones / 12.0)
    return converter.down(singer.ground_truth(prompt.text, name, prompt.phones, wanted))


def _embedding(parts: list[Samples], prompts: list[Prompt]) -> speaker.Embedding:
    """Over the words, silence around them apart."""
    cut = []
    for audio, prompt in zip(parts, prompts, strict=True):
        said = [p for p in prompt.phones if p.name != PAUSE]
        cut.append(audio[int(said[0].start_s * 16000) : int(said[-1].end_s * 16000)])
    return speaker.embed(np.concatenate(cut))


def _right(parts: list[Samples], prompts: list[Prompt]) -> float:
    right = [phones.accuracy(audio, prompt.phones) for audio, prompt in zip(parts, prompts, strict=True)]
    return float(np.mean(right))


def _errors(parts: list[Samples], prompts: list[Prompt]) -> float:
    """Phone error rate over all prompts."""
    wrong = total = 0.0
    for audio, prompt in zip(parts, prompts, strict=True):
        wanted = [p.name for p in prompt.phones if p.name != PAUSE]
        wrong += align.error_rate(align.heard(audio), wanted) * len(wanted)
        total += len(wanted)
    return wrong / total
