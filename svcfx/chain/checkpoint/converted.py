"""The parts of a voice as svcfx keeps them: one safetensors file each, facts in its header.

Every part is built again from its facts and compared with its tensors, as a foreign one is.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from svcfx.chain.checkpoint import stored
from svcfx.chain.checkpoint.bank import read_bank, write_bank
from svcfx.chain.checkpoint.encoder import sizes
from svcfx.chain.checkpoint.stored import AGAIN
from svcfx.chain.content import builtin, contentvec
from svcfx.chain.content.builtin import BuiltinEncoder
from svcfx.chain.content.contentvec import Encoder
from svcfx.chain.diffusion import Sizes, Unit2Mel
from svcfx.chain.diffusion.refiner import Refiner, VocoderBehind
from svcfx.chain.nets import weights
from svcfx.chain.parametric.ear import EarConfig
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.chain.vocoder import MelFormat, Vocoder, VocoderConfig
from svcfx.chain.vocoder import NsfHifiGan as VocoderNet
from svcfx.errors import VoiceError

GENERATOR_FORM = "svcfx-vits-1"
REFINER_FORM = "svcfx-diffusion-1"
VOCODER_FORM = "svcfx-nsf-hifigan-1"
ENCODER_FORM = "svcfx-contentvec-1"
CONTENT_FORM = "svcfx-content-1"
Made = TypeVar("Made")


def _said_by_hand(load: Callable[[Path], Made]) -> Callable[[Path], Made]:
    """Turn what a forged or foreign header does to a constructor into a sentence."""

    @functools.wraps(load)
    def checked(path: Path) -> Made:
        try:
            return load(path)
        except (TypeError, AttributeError, ArithmeticError, RuntimeError) as error:
            reason = str(error).splitlines()[0][:200]
            raise VoiceError(
                f"'{path.name}' says of itself what no part has: {reason}", hint=AGAIN
            ) from error

    return checked


def save(opened: OpenedGenerator, path: Path) -> None:
    """Write a generator; the same one gives the same bytes."""
    _write(path, GENERATOR_FORM, opened, config=opened.network.config)


@_said_by_hand
def load(path: Path) -> OpenedGenerator:
    """Read what `save` wrote; raises `VoiceError` when it is damaged, of another kind, or does not fit."""
    facts, tensors = stored.read(path, GENERATOR_FORM)
    config = _made(VitsConfig, facts.pop("config", {}), path)
    with torch.device("meta"):
        network = Generator(config)
    weights.fill(network, tensors, f"voice '{path.name}'", hint=AGAIN)
    return _made(OpenedGenerator, {**facts, "network": network}, path)


def save_refiner(refiner: Refiner, path: Path) -> None:
    """Write a diffusion model; the same one gives the same bytes."""
    _write(path, REFINER_FORM, refiner, sizes=refiner.network.sizes)


@_said_by_hand
def load_refiner(path: Path) -> Refiner:
    """Read what `save_refiner` wrote; raises `VoiceError` as `load` does."""
    facts, tensors = stored.read(path, REFINER_FORM)
    vocoder = _made(VocoderBehind, facts.pop("vocoder", {}), path)
    with torch.device("meta"):
        network = Unit2Mel(_made(Sizes, facts.pop("sizes", {}), path))
    weights.fill(network, tensors, f"diffusion model '{path.name}'", hint=AGAIN)
    return _made(Refiner, {**facts, "vocoder": vocoder, "network": network}, path)


def save_vocoder(vocoder: Vocoder, path: Path) -> None:
    """Write a vocoder; the same one gives the same bytes."""
    _write(path, VOCODER_FORM, vocoder, config=vocoder.network.config)


@_said_by_hand
def load_vocoder(path: Path) -> Vocoder:
    """Read what `save_vocoder` wrote; raises `VoiceError` as `load` does."""
    facts, tensors = stored.read(path, VOCODER_FORM)
    fields = facts.pop("config", {})
    mel = _made(MelFormat, fields.pop("mel", {}), path)
    with torch.device("meta"):
        network = VocoderNet(_made(VocoderConfig, {**fields, "mel": mel}, path))
    weights.fill(network, tensors, f"vocoder '{path.name}'", hint=AGAIN)
    return _made(Vocoder, {**facts, "network": network}, path)


def save_encoder(encoder: Encoder, path: Path) -> None:
    """Write a content encoder, the layers that it reads; the same one gives the same bytes."""
    projected = None if encoder.network.final_proj is None else encoder.width
    _write(path, ENCODER_FORM, encoder, sizes=encoder.sizes, projected=projected)


@_said_by_hand
def load_encoder(path: Path) -> Encoder:
    """Read what `save_encoder` wrote; raises `VoiceError` as `load` does."""
    facts, tensors = stored.read(path, ENCODER_FORM)
    document = sizes(path.name, facts.pop("sizes", {}))
    network = contentvec.empty(document, facts.pop("projected", None))
    weights.fill(network, tensors, f"content encoder '{path.name}'", hint=AGAIN)
    return _made(Encoder, {**facts, "sizes": document, "network": network}, path)


def save_content(encoder: BuiltinEncoder, path: Path) -> None:
    """Write a copy of the builtin content encoder; the same one gives the same bytes."""
    stored.write(path, CONTENT_FORM, {"sizes": dataclasses.asdict(encoder.sizes)}, encoder.tensors())


@_said_by_hand
def load_content(path: Path) -> BuiltinEncoder:
    """Read what `save_content` wrote; raises `VoiceError` as `load` does."""
    facts, tensors = stored.read(path, CONTENT_FORM)
    given = facts.pop("sizes", {})
    has_ear = isinstance(given, dict) and "heads" in given
    sizes = _made(EarConfig, given, path) if has_ear else _made(builtin.ContentSizes, given, path)
    return builtin.build(sizes, tensors, f"content encoder '{path.name}'", AGAIN)


def save_bank(bank: Bank, path: Path) -> None:
    """Write a bank; the same one gives the same bytes."""
    write_bank(bank, path)


def load_bank(path: Path) -> Bank:
    """Read what `save_bank` wrote; raises `VoiceError` as `load` does."""
    return read_bank(path)


def _write(path: Path, form: str, part: Any, **sizing: Any) -> None:
    """The fields of a part but its network, and what sizes the network."""
    fields = dataclasses.fields(part)
    names = [f.name for f in fields if f.name != "network" and f.metadata.get("kept", True)]
    facts = {
        name: _plain(value) for name, value in {**{n: getattr(part, n) for n in names}, **sizing}.items()
    }
    stored.write(path, form, facts, part.network.state_dict())


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return dict(value) if isinstance(value, Mapping) else value


def _made(kind: type[Made], fields: Mapping[str, Any], path: Path) -> Made:
    """A dataclass from its fields; lists become tuples again. What has a default may be left out."""
    own = dataclasses.fields(kind)  # type: ignore[arg-type]
    needed = {f.name for f in own if f.default is f.default_factory is dataclasses.MISSING}
    given = set(fields) - {"format"}
    odd = sorted((given - {f.name for f in own}) | (needed - given))
    if odd:
        raise VoiceError(f"'{path.name}' was written by another version: {', '.join(odd)}", hint=AGAIN)
    return kind(**{key: _frozen(value) for key, value in fields.items() if key != "format"})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
