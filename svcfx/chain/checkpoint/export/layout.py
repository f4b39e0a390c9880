"""Which tensors the file of a generator holds, under which keys, in which order: upstream's own.

The network here has the same keys but for weight norm, which files keep apart, and for the posterior encoder,
which only training uses. The order is that of upstream's modules, which programs that map keys by place need.
"""

import re
from collections.abc import Iterable, Mapping

import torch

from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.encoders import SPECTRUM_BINS, PosteriorEncoder

Shapes = Mapping[str, tuple[int, ...]]
POSTERIOR = "enc_q."
NORMED = re.compile(
    r"dec\.(conv_pre|conv_post|subband_conv_post|multistream_conv_post|ups\.\d+|resblocks\.\d+\.convs[12]\.\d+)"
    r"|(flow\.(flows\.\d+\.enc|wn)|enc_q\.enc)"
    r"\.(cond_layer|(in_layers|res_skip_layers)\.\d+(\.(depth|point)_conv)?)"
)
"""Layers of a generator whose weight is stored as length and direction."""
VOCODER_NORMED = re.compile(r"conv_pre|conv_post|ups\.\d+|resblocks\.\d+\.convs[12]\.\d+")
"""The same of an NSF-HiFiGAN by itself."""
_PARTS = ("emb_g", "emb_vol", "pre", "enc_p", "dec", "enc_q", "flow", "f0_decoder", "emb_uv")
_DECODER = (
    "updown_filter", "m_source", "noise_convs", "conv_pre", "ups", "resblocks", "snakes", "conv_post",
    "subband_conv_post", "multistream_conv_post", "snake_post", "cond",
)  # fmt: skip
_COUPLING = ("pre", "enc", "post")
_GATE = ("cond_pre", "cond_layer")
"""What a transformer coupling has before its blocks; a WaveNet has its condition last."""


def shapes(config: VitsConfig, bins: int = SPECTRUM_BINS) -> Shapes:
    """Shape of every tensor of a whole file, by key, in order; no memory is used."""
    with torch.device("meta"):
        network = Generator(config)
        posterior = PosteriorEncoder(config, bins)
    folded = {**network.state_dict(), **{f"{POSTERIOR}{k}": t for k, t in posterior.state_dict().items()}}
    found: dict[str, tuple[int, ...]] = {}
    for key in ordered(folded, transformer=config.flow_transformer_layers > 0):
        whole = tuple(folded[key].shape)
        for stored in stored_keys(key, folded, NORMED):
            length = (whole[0], *(1 for _ in whole[1:]))
            short = stored.endswith(".weight_g")
            found[stored] = length if short else tuple(folded.get(stored, folded[key]).shape)
    return found


def ordered(keys: Iterable[str], *, transformer: bool = False) -> list[str]:
    """The network's own keys in upstream's order.

    Args:
        transformer: Whether the couplings of the flow are transformers.
    """
    return sorted(keys, key=lambda key: _place(key.split("."), transformer))


def ordered_vocoder(keys: Iterable[str]) -> list[str]:
    """Keys of an NSF-HiFiGAN by itself in upstream's order."""
    return sorted(keys, key=lambda key: _DECODER.index(key.partition(".")[0]))


def stored_keys(key: str, keys: Iterable[str], normed: re.Pattern[str]) -> list[str]:
    """Keys that stand in the file for one of the network: bias, length, direction, in that order."""
    layer, _, last = key.rpartition(".")
    if not normed.fullmatch(layer):
        return [key]
    if last == "bias":
        return []  # it stands before its weight
    bias = [f"{layer}.bias"] if f"{layer}.bias" in keys else []
    return [*bias, f"{layer}.weight_g", f"{layer}.weight_v"]


def _place(parts: list[str], transformer: bool) -> tuple[int, ...]:
    """Ranks to sort by; keys of equal rank stay in the network's order, which is upstream's there."""
    first = _PARTS.index(parts[0])
    if parts[0] == "dec":
        return (first, _DECODER.index(parts[1]))
    if parts[0] != "flow":
        return (first,)
    if parts[1] == "wn":  # the coupling that all share comes again after them
        return (first, 1, 0, 0, _gate_place(parts[2], transformer))
    inner = _gate_place(parts[4], transformer) if parts[3] == "enc" else 0
    return (first, 0, int(parts[2]), _COUPLING.index(parts[3]), inner)


def _gate_place(name: str, transformer: bool) -> int:
    return _GATE.index(name) if transformer and name in _GATE else len(_GATE)
