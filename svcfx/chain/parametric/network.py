"""A parametric voice as one file: both nets, its singers' embeddings, what it was trained about, its index.

Safetensors with float16 tensors; the header's `svcfx` entry is JSON with format, sizes and singer names.
A voice of the second format hears with an `Ear`, one of the first with a `ContentEncoder`; both sing alike.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from svcfx.chain import mel
from svcfx.chain.checkpoint.stored import system_error
from svcfx.chain.parametric.ear import Ear, EarConfig
from svcfx.chain.parametric.level import Frames
from svcfx.chain.parametric.nets import Config, ContentEncoder, Decoder
from svcfx.chain.parametric.refiner import EnvelopeRefiner, RefinerConfig
from svcfx.errors import VoiceError, nearest

Sizes = TypeVar("Sizes", Config, EarConfig, RefinerConfig)
FORMAT, EAR_FORMAT = "svcfx-parametric-1", "svcfx-parametric-2"
STREAM_LOUDNESS_DB = -20.0
"""What a stream takes the source's loud frames to lie at until told otherwise."""


@dataclass(frozen=True)
class ParametricNet:
    """Nets in evaluation mode, singers' embeddings (E,) by name, and the reference colour (80,).

    `refiner` is None in a voice that has none, and so is `index`: kinds of known content (K, C).
    """

    config: Config
    encoder: ContentEncoder | Ear
    decoder: Decoder
    singers: Mapping[str, torch.Tensor]
    reference: Frames
    refiner: EnvelopeRefiner | None = None
    index: torch.Tensor | None = None

    @property
    def lookahead_frames(self) -> int:
        """Frames of the future that an output frame needs, both nets together."""
        return self.encoder.lookahead_frames + self.decoder.lookahead_frames

    def singer(self, name: str) -> torch.Tensor:
        """Embedding (E,) of a singer; raises `VoiceError` with the nearest name."""
        if name not in self.singers:
            raise VoiceError(
                f"this voice has no singer '{name}'{nearest(name, self.singers)}",
                hint="It has " + ", ".join(self.singers) + ".",
            )
        return self.singers[name]


def build(
    config: Config,
    tensors: Mapping[str, torch.Tensor],
    names: tuple[str, ...],
    refining: RefinerConfig | None = None,
    hearing: EarConfig | None = None,
) -> ParametricNet:
    """Nets that are made of tensors named `encoder.*`, `decoder.*`, `singers` (n, E) and `reference` (80,).

    With the sizes of a refiner, `refiner.*` as well; with those of an ear, that is the encoder;
    `index` (K, C) where the voice has one. The nets share these tensors.
    """
    encoder = ContentEncoder(config) if hearing is None else Ear(hearing)
    decoder = Decoder(config)
    _fill(encoder, _under(tensors, "encoder."), "encoder")
    _fill(decoder, _under(tensors, "decoder."), "decoder")
    table = _shaped(tensors, "singers", (len(names), config.embedding))
    reference = _shaped(tensors, "reference", (mel.BANDS,)).numpy().astype(np.float32)
    singers = MappingProxyType({name: table[i].clone() for i, name in enumerate(names)})
    refiner = None
    if refining is not None:
        refiner = EnvelopeRefiner(refining, config.embedding)
        _fill(refiner, _under(tensors, "refiner."), "refiner")
    return ParametricNet(config, encoder, decoder, singers, reference, refiner, _index(config, tensors))


def load(path: Path) -> ParametricNet:
    """Read a voice; raises `VoiceError` when the file is missing, of another family, or does not fit."""
    try:
        with safe_open(str(path), framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("svcfx", "{}"))
            tensors = {name: file.get_tensor(name).to(torch.float32) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise VoiceError(f"voice '{path}' cannot be read: {error}") from error
    if header.get("format") not in (FORMAT, EAR_FORMAT):
        known = f"neither {FORMAT} nor {EAR_FORMAT}"
        raise VoiceError(f"voice '{path}' is '{header.get('format', 'unknown')}', {known}")
    refining = _sizes(RefinerConfig, header["refiner"]) if "refiner" in header else None
    hearing = _sizes(EarConfig, header.get("ear", {})) if header["format"] == EAR_FORMAT else None
    return build(_sizes(Config, header["config"]), tensors, tuple(header["singers"]), refining, hearing)


def save(net: ParametricNet, path: Path) -> None:
    """Write a voice; the same net gives the same bytes. Raises `OSError` when the disk does not take it."""
    tensors = {f"encoder.{k}": v for k, v in net.encoder.state_dict().items()}
    tensors |= {f"decoder.{k}": v for k, v in net.decoder.state_dict().items()}
    if net.refiner is not None:
        tensors |= {f"refiner.{k}": v for k, v in net.refiner.state_dict().items()}
    if net.index is not None:
        tensors["index"] = net.index
    tensors["singers"] = torch.stack(list(net.singers.values()))
    tensors["reference"] = torch.from_numpy(net.reference)
    stored = {k: v.detach().to(torch.float16).contiguous() for k, v in sorted(tensors.items())}
    header: dict[str, Any] = {
        "format": FORMAT,
        "config": dataclasses.asdict(net.config),
        "singers": list(net.singers),
    }
    if isinstance(net.encoder, Ear):
        header |= {"format": EAR_FORMAT, "ear": dataclasses.asdict(net.encoder.config)}
    if net.refiner is not None:
        header["refiner"] = dataclasses.asdict(net.refiner.config)
    try:
        save_file(stored, str(path), {"svcfx": json.dumps(header, sort_keys=True)})
    except SafetensorError as error:
        raise system_error(error) from error
    path.chmod(0o644)  # the library writes files that only their owner may read


def _sizes(kind: type[Sizes], fields: Mapping[str, Any]) -> Sizes:
    known = {field.name for field in dataclasses.fields(kind)}
    if set(fields) != known:
        raise VoiceError(f"the voice's sizes {sorted(fields)} are not {sorted(known)}")
    sizes: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    return kind(**sizes)


def _under(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _fill(net: torch.nn.Module, tensors: dict[str, torch.Tensor], name: str) -> None:
    wanted = net.state_dict()
    wrong = sorted(set(wanted) ^ set(tensors)) or [
        f"{key} is {tuple(tensors[key].shape)}, sizes say {tuple(wanted[key].shape)}"
        for key in wanted
        if tensors[key].shape != wanted[key].shape
    ]
    if wrong:
        raise VoiceError(
            f"{len(wrong)} of {len(wanted)} tensors of the {name} do not fit ({', '.join(wrong[:3])})"
        )
    net.load_state_dict(tensors, assign=True)
    net.eval().requires_grad_(False)


def _index(config: Config, tensors: Mapping[str, torch.Tensor]) -> torch.Tensor | None:
    if "index" not in tensors:
        return None
    found = tuple(tensors["index"].shape)
    if len(found) != 2 or found[0] < 1 or found[1] != config.content:
        raise VoiceError(f"tensor 'index' is {found}, the voice needs rows of {config.content}")
    return tensors["index"]


def _shaped(tensors: Mapping[str, torch.Tensor], name: str, shape: tuple[int, ...]) -> torch.Tensor:
    if name not in tensors or tuple(tensors[name].shape) != shape:
        found = tuple(tensors[name].shape) if name in tensors else "missing"
        raise VoiceError(f"tensor '{name}' is {found}, the voice needs {shape}")
    return tensors[name]
