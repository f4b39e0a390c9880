"""The ear taught to hear song as it hears speech, the singers standing still.

One person says a text, and the finished ear hears it: that is what it must hear of the same words however
they are sung. Performances are made anew while it learns, so that none is met twice for long; the contents
that the singers know stay what they are. `state.pt` in the folder goes on where it was left.
"""

import math
import time
import zlib
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from factory import speech
from factory.align import place
from factory.bank import log_mel, phones
from factory.channel import record
from factory.engines.speech import Utterance
from factory.kokoro import Kokoro
from factory.learn import EDGE_STEPS
from factory.material import seen
from factory.rendition import Performance, Source, natural, prepare, spoken, sung
from svcfx.chain import mel
from svcfx.chain.parametric import level
from svcfx.chain.parametric.ear import Ear
from svcfx.chain.parametric.network import ParametricNet
from svcfx.training.average import Average
from svcfx.training.tuning.disturb import disturb

Frames = NDArray[np.float32]
Random = np.random.Generator
RATE = 24000
SHARES = {"sung": 0.6, "spoken": 0.1, "faster": 0.1, "said": 0.2}
"""Of performances; what was said as it is keeps what the ear hears in speech."""
IN_A_ROOM = 0.7
CENTRES_HZ = (140.0, 640.0)
CHECKED_HZ = (220.0, 330.0, 440.0)
INSIDE = slice(EDGE_STEPS[0], -EDGE_STEPS[1])


@dataclass(frozen=True)
class Plan:
    """What a run is: `fresh` performances are made every `every` steps, of which `kept` are drawn from."""

    texts: int = 240
    checks: int = 12
    seconds: float = 2200.0
    seed: int = 11
    batch: int = 12
    frames: int = 240
    rate: float = 1.2e-4
    warmup: int = 50
    kept: int = 480
    fresh: int = 3
    every: int = 5
    decay: float = 0.996
    report_every: int = 50
    save_every_s: float = 90.0


@dataclass(frozen=True, slots=True)
class Said:
    """A text as one person says it, and the content (S, C) that the finished ear hears in it."""

    source: Source
    content: Frames


@dataclass(frozen=True, slots=True)
class Take:
    """A performance as the ear is given it: log-mel (T, 80), its level, pitch, and content (T / 2, C)."""

    log_mel: torch.Tensor
    level: level.Level
    f0_hz: torch.Tensor
    content: torch.Tensor


def say(kokoro: Kokoro, number: int) -> dict[str, Any]:
    """One text, said by one person."""
    random = np.random.default_rng(zlib.crc32(f"song {number}".encode()))
    said = speech.phonemes(speech.sentence(random), frozenset(kokoro.vocabulary))
    style = kokoro.style(speech.other(kokoro, random), len(said))
    plan = kokoro.plan(said, style, random.uniform(0.85, 1.15))
    audio = kokoro.sound(plan, plan.pitch, style)
    return {
        "phonemes": said,
        "durations": plan.durations,
        "audio": np.clip(audio * 32767.0, -32767.0, 32767.0).astype(np.int16),
    }


def fill(kokoro: Kokoro, folder: Path, count: int) -> None:
    """Say the texts that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number:05d}.npz"
        if not path.exists():
            np.savez(path.with_suffix(".partial.npz"), **say(kokoro, number))
            path.with_suffix(".partial.npz").replace(path)


def heard(path: Path, net: ParametricNet) -> Said:
    """A said text, and what the finished ear hears in it."""
    with np.load(path) as file:
        audio = file["audio"].astype(np.float32) / 32768.0
        marks = phones(f"${file['phonemes']}$", file["durations"], len(audio) / RATE)
    source = prepare(Utterance(audio, RATE, marks))
    frames = log_mel(source.audio)
    given = level.normalise(frames, level.measure(frames), net.reference).T[None]
    with torch.inference_mode():
        return Said(source, np.asarray(net.encoder(given)[0].numpy(), np.float32))


def performed(said: Said, random: Random) -> Take:
    """A random performance through a random room."""
    source, kind = said.source, str(random.choice(list(SHARES), p=list(SHARES.values())))
    if kind == "sung":
        made = sung(source, random, float(np.exp(random.uniform(*np.log(CENTRES_HZ)))))
    elif kind == "said":
        made = as_said(source)
    else:
        made = spoken(source, random) if kind == "spoken" else natural(source, random)
    return take(said, made, record(made.audio, random) if random.random() < IN_A_ROOM else made.audio)


def as_said(source: Source) -> Performance:
    """What was said, as it is."""
    return Performance(source.audio, source.phones, source.analysis.f0_hz)


def take(said: Said, made: Performance, audio: Frames) -> Take:
    """A performance as the ear is given it."""
    frames = log_mel(audio)
    count = len(frames)
    index, part = place(made.phones, np.arange(count, dtype=np.float64) * 0.01)
    starts, ends = (np.array([getattr(p, edge) for p in said.source.phones]) for edge in ("start_s", "end_s"))
    seconds = (starts[index] + part * (ends - starts)[index])[::2]
    at = np.clip(seconds / 0.02, 0.0, len(said.content) - 1.0)
    left = np.minimum(at.astype(np.int64), len(said.content) - 2)
    share = (at - left)[:, None].astype(np.float32)
    content = said.content[left] * (1.0 - share) + said.content[left + 1] * share
    f0 = made.f0_hz[np.minimum(2 * np.arange(count), len(made.f0_hz) - 1)].astype(np.float32)
    return Take(frames, level.measure(frames), torch.from_numpy(f0), torch.from_numpy(content))


class Lesson:
    """A run of an ear on what was said; goes on from `folder/state.pt` when there is one."""

    def __init__(self, net: ParametricNet, said: list[Said], plan: Plan, folder: Path) -> None:
        assert isinstance(net.encoder, Ear)
        self.plan, self.folder, self.reference = plan, folder, net.reference
        self.checks, self.said = said[: plan.checks], said[plan.checks :]
        self.ear = Ear(net.encoder.config)
        self.ear.load_state_dict(net.encoder.state_dict())
        self.average = Average(self.ear, plan.decay)
        self.optimiser = torch.optim.AdamW(
            self.ear.parameters(), plan.rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        self.step, self.elapsed = 0, 0.0
        self.takes: deque[Take] = deque(maxlen=plan.kept)
        if (folder / "state.pt").exists():
            self._restore(torch.load(folder / "state.pt", weights_only=True))

    def run(self) -> None:
        """Learn to the end of the plan."""
        plan, began, saved = self.plan, time.monotonic() - self.elapsed, time.monotonic()
        print(f"before: {self.check(self.ear)}", flush=True)
        losses: list[float] = []
        while self.elapsed < plan.seconds:
            random = np.random.default_rng((plan.seed, self.step))
            if not self.takes or self.step % plan.every == 0:
                wanted = plan.fresh if len(self.takes) > 60 else 60
                self.takes.extend(self._fresh(random) for _ in range(wanted))
            losses.append(self.advance(random))
            self.elapsed = time.monotonic() - began
            if self.step % plan.report_every == 0:
                print(f"{self.step} {self.elapsed:.0f} s {np.mean(losses):.4f}", flush=True)
                losses = []
            if time.monotonic() - saved > plan.save_every_s:
                self.save()
                saved = time.monotonic()
                print(f"{self.step}: {self.check(self.average.network)}", flush=True)
        self.save()

    def advance(self, random: Random) -> float:
        """One step; returns how far what is heard lies from what was said (0; 2 is chance)."""
        plan = self.plan
        progress = min(1.0, self.elapsed / plan.seconds)
        curve = min(1.0, (self.step + 1) / plan.warmup) * (
            0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = plan.rate * curve
        given, wanted, counted = self._drawn(random)
        with torch.autocast("cpu", torch.bfloat16):
            made = self.ear(given)
        apart = ((made.float() - wanted) ** 2).mean(-1)[:, INSIDE]
        loss = (apart * counted[:, INSIDE]).sum() / counted[:, INSIDE].sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.ear.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.average.follow(self.ear, self.step)
        return float(loss.detach())

    def check(self, ear: Ear) -> dict[str, float]:
        """How far off texts that were not learned are, spoken and sung about three pitches."""
        found: dict[str, list[float]] = {}
        for number, said in enumerate(self.checks):
            source = said.source
            kinds = {"said": as_said(source)}
            for hz in CHECKED_HZ:
                kinds[f"{hz:.0f}"] = sung(source, np.random.default_rng(number), hz)
            for name, made in kinds.items():
                one = take(said, made, made.audio)
                given = level.normalise(one.log_mel, one.level, self.reference).T[None]
                with torch.inference_mode():
                    apart = ((ear(given)[0] - one.content) ** 2).mean()
                found.setdefault(name, []).append(float(apart))
        return {name: round(float(np.mean(values)), 4) for name, values in found.items()}

    def save(self) -> None:
        """Write `state.pt` in one move."""
        state = {
            "ear": self.ear.state_dict(),
            "mean": self.average.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
        }
        torch.save(state, self.folder / "state.partial")
        (self.folder / "state.partial").replace(self.folder / "state.pt")

    def _restore(self, state: dict[str, Any]) -> None:
        self.ear.load_state_dict(state["ear"])
        self.average.network.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed = state["step"], state["elapsed"]

    def _fresh(self, random: Random) -> Take:
        return performed(self.said[int(random.integers(len(self.said)))], random)

    def _drawn(self, random: Random) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Crops as the ear is given them (B, 80, T), their content (B, T / 2, C), and which steps count."""
        frames, rows = self.plan.frames, []
        for chosen in random.integers(0, len(self.takes), self.plan.batch):
            one = self.takes[int(chosen)]
            first = int(random.integers(0, max(len(one.log_mel) - frames + 1, 1))) // 2 * 2
            rows.append(_crop(one, first, frames))
        heard_, f0, wanted, counted, loudness, mean = (torch.stack(part) for part in zip(*rows, strict=True))
        if random.random() < 0.5:
            heard_, loudness, mean, _, _ = disturb(heard_, loudness, mean, f0, random)
        return seen(heard_, loudness, mean, self.reference), wanted, counted


def _crop(one: Take, first: int, frames: int) -> tuple[torch.Tensor, ...]:
    there = min(frames, len(one.log_mel) - first)
    part, steps = slice(first, first + there), slice(first // 2, (first + there) // 2)
    heard_ = torch.full((frames, mel.BANDS), mel.FLOOR)
    heard_[:there] = one.log_mel[part]
    f0, counted = torch.zeros(frames), torch.zeros(frames // 2)
    f0[:there] = one.f0_hz[part]
    counted[: there // 2] = 1.0
    wanted = torch.zeros(frames // 2, one.content.shape[1])
    wanted[: there // 2] = one.content[steps]
    loudness = torch.tensor(one.level.loudness_db * level.NEPER)
    return heard_, f0, wanted, counted, loudness, torch.from_numpy(one.level.mean_mel)


def teach(net: ParametricNet, folder: Path, plan: Plan) -> tuple[ParametricNet, dict[str, float]]:
    """The net with an ear that was taught on what `fill` put below the folder, and the run's figures."""
    paths = sorted((folder / "said").glob("[0-9]*.npz"))[: plan.texts]
    lesson = Lesson(net, [heard(path, net) for path in paths], plan, folder)
    lesson.run()
    figures = {
        "song_texts": float(len(paths)),
        "song_steps": float(lesson.step),
        "song_minutes_of_training": lesson.elapsed / 60.0,
    }
    return replace(net, encoder=lesson.average.network), figures
