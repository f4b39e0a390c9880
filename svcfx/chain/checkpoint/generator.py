"""Open a generator: a `G_*.pth` and its `config.json` into a network that is known to fit.

Its posterior encoder, which singing never uses but whoever trains the voice further does, is kept beside a
converted generator, in upstream's own layout, and opened only when the voice is exported or trained.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain import families
from svcfx.chain.checkpoint import family, pickled, stored, tensors
from svcfx.chain.checkpoint import singers as spk
from svcfx.chain.checkpoint.documents import read_json
from svcfx.chain.checkpoint.export import layout
from svcfx.chain.checkpoint.sizes import section, vits_config
from svcfx.chain.content.units import UNIT_MODES
from svcfx.chain.nets import weights
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.errors import VoiceError

TRAINING_ONLY = "enc_q."
"""The posterior encoder; singing never uses it, and compressed files leave it out."""
POSTERIOR_FORM = "svcfx-posterior-1"


def open_generator(model: Path, config: Path) -> OpenedGenerator:
    """Read, compare, build. Raises `VoiceError`, one sentence and a hint, for whatever does not fit."""
    document = read_json(config)
    family.refuse_other_configs(config.name, document)
    stored = tensors_of(model)
    family.refuse_others(model.name, stored)
    document = _completed(document, stored)
    sizes = vits_config(config.name, document)
    content_encoder = family.encoder_of(model.name, document["model"], sizes)
    singers = spk.singers(config.name, document, sizes.speakers)
    network = build(model.name, document, stored)
    named = family.named_by_config(sizes, newer=family.is_newer(document["model"]))
    mode = unit_mode(config.name, document, named)
    return OpenedGenerator(network, named, content_encoder, mode, singers)


def unit_mode(name: str, document: Mapping[str, Any], named: str) -> str:
    """How units are spread over frames: the config says, or its family has one way."""
    layout = families.titled(named).layout
    if layout is not None and layout.units is not None:
        return layout.units
    data = section(name, document, "data", required=False)
    return data.choice("unit_interpolate_mode", UNIT_MODES, "left")


def build(name: str, document: Mapping[str, Any], stored: Mapping[str, torch.Tensor]) -> Generator:
    """The network that a config describes, filled with the tensors of a checkpoint's "model".

    Args:
        name: The voice in messages, such as "mei.pth".
        document: The parsed config.json.
        stored: Tensors by upstream's keys, weight norm not yet folded.

    Raises:
        VoiceError: Something does not fit; the first three differences are named.
    """
    family.refuse_others(name, stored)
    config = vits_config(f"config of '{name}'", document)
    kept = {key: tensor for key, tensor in stored.items() if not key.startswith(TRAINING_ONLY)}
    with torch.device("meta"):
        network = Generator(config)
    asked = family.named_by_config(config, newer=family.is_newer(document["model"]))
    weights.fill(network, kept, f"voice '{name}'", hint=_hint(family.named_by_tensors(kept), asked))
    return network


def tensors_of(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a generator file: under "model", or bare, as some tools leave them.

    RVC keeps its own under "weight" and vocoders theirs under "generator": `family` says so by their keys.
    """
    loaded = pickled.read(path)
    for key in ("model", "weight", "generator"):
        if isinstance(loaded.get(key), Mapping):
            return tensors.plain(path.name, loaded[key], f"under '{key}'")
    if all(isinstance(value, torch.Tensor) for value in loaded.values()) and family.is_generator(loaded):
        return tensors.plain(path.name, loaded, "in it")
    raise VoiceError(
        f"'{path.name}' has no 'model', a so-vits-svc checkpoint has one",
        hint="Its keys are " + ", ".join(sorted(map(str, loaded))[:8]) + ".",
    )


def _completed(document: Mapping[str, Any], stored: Mapping[str, torch.Tensor]) -> Mapping[str, Any]:
    """The config with sizes that it leaves out and that one tensor alone decides; nothing is overruled."""
    model = document.get("model")
    content, table = stored.get("pre.weight"), stored.get("emb_g.weight")
    if not isinstance(model, Mapping) or content is None or table is None:
        return document
    if content.dim() != 3 or table.dim() != 2:
        return document
    known = {"ssl_dim": content.shape[1], "n_speakers": table.shape[0], "gin_channels": table.shape[1]}
    absent = {key: int(size) for key, size in known.items() if model.get(key) is None}
    return {**document, "model": {**model, **absent}}


def _hint(looks: str, asked: str) -> str:
    if looks == asked:
        return f"Both look like {asked}, but the sizes differ: is this config of another voice?"
    return f"this looks like a {looks} voice; its config says {asked}."


def save_posterior(model: Path, config: VitsConfig, path: Path) -> bool:
    """Write the posterior encoder of a `G_*.pth`; False when the file has none, or only parts of one."""
    found = {key: value for key, value in tensors_of(model).items() if key.startswith(layout.POSTERIOR)}
    if not _fits(found, config):
        return False
    stored.write(path, POSTERIOR_FORM, {}, found)
    return True


def load_posterior(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by the keys of a `G_*.pth`; raises `VoiceError` when the file is damaged."""
    return stored.read(path, POSTERIOR_FORM)[1]


def _fits(found: dict[str, torch.Tensor], config: VitsConfig) -> bool:
    first = found.get(f"{layout.POSTERIOR}pre.weight")
    if first is None or first.dim() != 3:
        return False
    wanted = layout.shapes(config, first.shape[1]).items()
    whole = {key: shape for key, shape in wanted if key.startswith(layout.POSTERIOR)}
    return {key: tuple(tensor.shape) for key, tensor in found.items()} == whole
