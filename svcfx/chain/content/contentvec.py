"""ContentVec: what is sung, from audio at 16 kHz, for the voices of the so-vits-svc families.

The network is torchaudio's HuBERT; keys of the Hugging Face and the fairseq layout are mapped onto it. Only
the layers whose output is read are built: 9 of 12 for 256-wide voices.

Source: Hsu et al., "HuBERT", 2021; Qian et al., "ContentVec", 2022; the published facts of so-vits-svc.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from svcfx.chain.content.extractor import FeatureExtractor
from svcfx.chain.nets.conv import adopt
from svcfx.chain.nets.torchaudio_import import ensure_torchaudio
from svcfx.chain.nets.weights import fill
from svcfx.errors import VoiceError

RATE = 16000
HOP = 320
WIDE_LAYER, NARROW_LAYER = 12, 9
"""Layer that 768-wide voices read as it is, and layer that 256-wide ones read through a projection."""

_UNUSED = ("masked_spec_embed", "mask_emb", "label_embs_concat")
_FROM_FAIRSEQ = (
    (r"^feature_extractor\.conv_layers\.(\d+)\.0\.", r"feature_extractor.conv_layers.\1.conv."),
    (r"^feature_extractor\.conv_layers\.0\.2\.", "feature_extractor.conv_layers.0.layer_norm."),
    (r"^layer_norm\.", "feature_projection.layer_norm."),
    (r"^post_extract_proj\.", "feature_projection.projection."),
    (r"^encoder\.pos_conv\.0\.", "encoder.pos_conv_embed.conv."),
    (r"\.self_attn_layer_norm\.", ".layer_norm."),
    (r"\.self_attn\.", ".attention."),
    (r"\.fc1\.", ".feed_forward.intermediate_dense."),
    (r"\.fc2\.", ".feed_forward.output_dense."),
)
_TO_TORCHAUDIO = (
    (r"^encoder\.", "encoder.transformer."),
    (r"^feature_projection\.", "encoder.feature_projection."),
    (r"\.parametrizations\.weight\.original0$", ".weight_g"),
    (r"\.parametrizations\.weight\.original1$", ".weight_v"),
)


def to_encoder_rate(audio: torch.Tensor, rate_hz: int) -> torch.Tensor:
    """Resample (..., n) to 16 kHz with the windowed sinc that the voices were trained behind.

    Its kernel is made in double precision: the network magnifies what a single-precision one leaves a
    hundredfold.
    """
    return torch.as_tensor(_resampler(rate_hz)(audio))


@cache
def _resampler(rate_hz: int) -> Any:
    ensure_torchaudio()
    from torchaudio.transforms import Resample

    return Resample(rate_hz, RATE)


class ContentVec(nn.Module):
    """HuBERT up to one layer, and a projection when the voice was trained behind one."""

    def __init__(self, document: Mapping[str, Any], layers: int, projected_width: int | None) -> None:
        super().__init__()
        self.net = _hubert(document, layers)
        self.layers = layers
        self.final_proj = (
            nn.Linear(int(document["hidden_size"]), projected_width) if projected_width else None
        )

    def forward(self, audio16k: torch.Tensor) -> torch.Tensor:
        """Content of audio at 16 kHz, (B, samples) -> (B, width, about samples / 320).

        Raises:
            VoiceError: Less than 400 samples, which make no frame.
        """
        if audio16k.shape[-1] < HOP + 80:
            raise VoiceError(f"{audio16k.shape[-1]} samples at 16 kHz hold no frame of content, 400 do")
        hidden = self.net.extract_features(audio16k, num_layers=self.layers)[0][-1]
        content = hidden if self.final_proj is None else self.final_proj(hidden)
        return torch.as_tensor(content).transpose(1, 2)


@dataclass(frozen=True, eq=False)
class Encoder:
    """A content encoder as it was opened.

    Attributes:
        name: "vec768l12" or "vec256l9", as a voice's config asks for it.
        sizes: The values of its HuBERT config that size the network.
    """

    name: str
    sizes: Mapping[str, Any]
    network: ContentVec

    @property
    def width(self) -> int:
        """Channels of the content, C."""
        projection = self.network.final_proj
        return int(self.sizes["hidden_size"]) if projection is None else projection.out_features

    def __call__(self, audio16k: torch.Tensor) -> torch.Tensor:
        """Content at 50 units a second: (n,) -> (C, S), or (B, n) -> (B, C, S)."""
        batch = audio16k if audio16k.dim() == 2 else audio16k[None]
        content = torch.as_tensor(self.network(batch))
        return content if audio16k.dim() == 2 else content[0]


def build(
    document: Mapping[str, Any],
    tensors: Mapping[str, torch.Tensor],
    *,
    projected: bool,
    name: str = "ContentVec",
) -> ContentVec:
    """Build the encoder from a HuBERT config and tensors of either layout.

    Args:
        document: config.json of the Hugging Face layout.
        projected: Whether the voice reads 256 values behind layer 9; otherwise it reads layer 12.

    Raises:
        VoiceError: A tensor that is needed is missing or of another shape, or layers are too few.
    """
    own = _own_names(tensors)
    layers = _layers(projected)
    available = int(document["num_hidden_layers"])
    if available < layers:
        raise VoiceError(f"{name} has {available} layers, this voice reads layer {layers}")
    if projected and own.get("final_proj.weight", torch.empty(0)).dim() != 2:
        raise VoiceError(
            f"{name} has no final_proj, which 256-wide voices need",
            hint="Use a copy of ContentVec that kept its projection.",
        )
    net = empty(document, own["final_proj.weight"].shape[0] if projected else None)
    needed = net.state_dict()
    kept = {key: value for key, value in own.items() if key in needed or not _beyond(key, layers)}
    fill(net, kept, name)
    return net


def empty(document: Mapping[str, Any], projected_width: int | None) -> ContentVec:
    """The encoder without memory for its weights; with a width, the one of 256-wide voices."""
    with torch.device("meta"), _Unmeasured():
        return ContentVec(document, _layers(projected_width is not None), projected_width)


class _Unmeasured(TorchFunctionMode):
    """Gives a weight norm on the meta device its shapes, and measures nothing: torch would do it there with
    code that first imports its compiler, more than a second of a processor for no numbers."""

    def __torch_function__(
        self, called: Any, _types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if called is torch.norm_except_dim:
            weight, _, dim = args
            return weight.new_empty([size if axis == dim else 1 for axis, size in enumerate(weight.shape)])
        if called is torch._weight_norm:
            return args[0].new_empty(args[0].shape)
        return called(*args, **(kwargs or {}))


def _layers(projected: bool) -> int:
    return NARROW_LAYER if projected else WIDE_LAYER


def _beyond(key: str, layers: int) -> bool:
    """Whether a tensor belongs to a part that is not built: later layers, the projection."""
    found = re.match(r"net\.encoder\.transformer\.layers\.(\d+)\.", key)
    return key.startswith("final_proj.") or (found is not None and int(found[1]) >= layers)


def _own_names(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors under the names of our network, training's leftovers dropped."""
    fairseq = any(key.startswith("post_extract_proj.") for key in tensors)
    rules = _FROM_FAIRSEQ + _TO_TORCHAUDIO if fairseq else _TO_TORCHAUDIO
    return {_renamed(key, rules): value for key, value in tensors.items() if key not in _UNUSED}


def _renamed(key: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key if key.startswith("final_proj.") else f"net.{key}"


def _hubert(document: Mapping[str, Any], layers: int) -> Any:
    """torchaudio's network of the sizes in `document`, its first `layers` layers, weight norm taken off."""
    shapes = zip(document["conv_dim"], document["conv_kernel"], document["conv_stride"], strict=True)
    net = ensure_torchaudio().models.wav2vec2_model(
        extractor_mode="group_norm",
        extractor_conv_layer_config=[tuple(shape) for shape in shapes],
        extractor_conv_bias=bool(document["conv_bias"]),
        encoder_embed_dim=document["hidden_size"],
        encoder_projection_dropout=0.0,
        encoder_pos_conv_kernel=document["num_conv_pos_embeddings"],
        encoder_pos_conv_groups=document["num_conv_pos_embedding_groups"],
        encoder_num_layers=layers,
        encoder_num_heads=document["num_attention_heads"],
        encoder_attention_dropout=0.0,
        encoder_ff_interm_features=document["intermediate_size"],
        encoder_ff_interm_dropout=0.0,
        encoder_dropout=0.0,
        encoder_layer_norm_first=False,
        encoder_layer_drop=0.0,
        aux_num_out=None,
    )
    nn.utils.parametrize.remove_parametrizations(net.encoder.transformer.pos_conv_embed.conv, "weight")
    net.feature_extractor = FeatureExtractor(net.feature_extractor.conv_layers)
    adopt(net)
    return net
