"""From a trained model to what ships: one weight file with the shipped singers, and the card beside it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomlkit
import torch

from svcfx.atomic import atomic
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.training.parametric.identities import BASE_VOICES, NEUTRAL_TRACT, SHIPPED, Identity
from svcfx.training.parametric.trainer import Trainer

WEIGHTS_NAME, CARD_NAME = "builtin.safetensors", "card.toml"
RANGES_HZ = {"vela": (165.0, 880.0), "corin": (75.0, 400.0)}
ABOUT = {
    "vela": "high, clear: a morph of three synthetic voices on a short vocal tract",
    "corin": "low, warm: a morph of three synthetic voices on a long vocal tract",
}
LICENCE = (
    "GPL-3.0-or-later, as svcfx. Trained only on speech that flite and espeak-ng made where it was trained. "
    "flite (copyright 1999-2001 Language Technologies Institute, Carnegie Mellon University; Alan W Black, "
    "David Huggins-Daines and others) allows use, change, distribution and sale, its notice kept, changes "
    "marked, no endorsement, no warranty; Debian's copyright file lists no other terms for the voices slt, "
    "rms and kal16. espeak-ng is GPL-3.0-or-later. The weights hold no recording and no part of either "
    "program; whether the engines' terms reach into weights trained on their output is not settled, so this "
    "voice carries the stricter of them."
)
CONSENT = (
    "No real person: each singer is a fixed morph of three engine voices with another vocal tract, formants "
    "and tone. The engine voices slt and rms were built by their makers from recorded speakers; neither is "
    "shipped as it is, and likeness to those speakers was not judged by ear."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a card says of a voice beside its weights: `by` what it was written, `singers` as tables."""

    by: str
    licence: str
    consent: str
    sources: tuple[str, ...]
    singers: Mapping[str, Mapping[str, object]]


def ship(trainer: Trainer, folder: Path, figures: Mapping[str, float]) -> Path:
    """Write the weights and the card into `folder`; returns the weights' path."""
    folder.mkdir(parents=True, exist_ok=True)
    model = trainer.mean.eval()
    tensors = {k: v for k, v in model.state_dict().items() if k.startswith(("encoder.", "decoder."))}
    tensors["singers"] = model.singers.weight[: len(SHIPPED)]
    tensors["reference"] = torch.from_numpy(trainer.reference)
    net = network.build(trainer.plan.config, tensors, tuple(singer.name for singer in SHIPPED))
    path = folder / WEIGHTS_NAME
    network.save(net, path)
    (folder / CARD_NAME).write_text(card(path, ENGINES, figures), encoding="utf-8")
    return path


def equip(weights: Path, net: ParametricNet, figures: Mapping[str, float]) -> None:
    """Put a voice that has a part more in the place of its weights, and say so on the card beside them."""
    with atomic(weights) as temporary:
        network.save(net, temporary)
    path = weights.parent / CARD_NAME
    card = tomlkit.parse(path.read_text(encoding="utf-8"))
    card["sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    card["training"].update({name: round(float(value), 4) for name, value in figures.items()})
    with atomic(path) as temporary:
        temporary.write_text(tomlkit.dumps(card), encoding="utf-8")


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


def _singer(singer: Identity) -> dict[str, object]:
    low, high = RANGES_HZ[singer.name]
    recipe = ", ".join(
        f"{weight:.2f} {name} (tract {tract * singer.tract:.2f})"
        for weight, name, tract in zip(singer.weights, BASE_VOICES, NEUTRAL_TRACT, strict=True)
    )
    return {"low_hz": low, "high_hz": high, "about": ABOUT[singer.name], "recipe": recipe}


ENGINES = Terms(
    by="`svcfx train run`",
    licence=LICENCE,
    consent=CONSENT,
    sources=(
        "flite 2.2 (Debian 2.2-5): voices slt, rms, kal16",
        "espeak-ng 1.51 (Debian 1.51+dfsg-10+deb12u2): English accents and their variants",
    ),
    singers={singer.name: _singer(singer) for singer in SHIPPED},
)
"""Of the singers that are made of speech engines."""
