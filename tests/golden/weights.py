"""Made-up weights drawn by rule, so that a network of full size weighs nothing in the repository.

Each tensor is a normal draw seeded by its key, then one transform chosen by the key. All of it is float64 and
cast to float32 once, so that a checksum of the bytes can prove that the rule was followed.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Drawn = NDArray[np.float64]
Rule = Callable[[str, tuple[int, ...]], Drawn]

FORK_NORMS = (
    ("dec.ups.0.", 2.5),
    ("dec.ups.1.", 2.5),
    ("dec.ups.", 1.2),
    ("dec.resblocks.", 0.6),
    ("dec.conv_post.", 0.3),
    ("dec.subband_conv_post.", 0.7),
    ("encoder.pos_conv_embed.", 2.0),
    ("discriminators.", 1.4),
    ("dec.multistream_conv_post.", 0.5),
)
FORK_GAINS = (
    (lambda key: key == "f0_decoder.proj.weight", 0.3),
    (lambda key: key == "enc_q.proj.weight", 0.1),
    (lambda key: key == "enc_p.proj.weight", 0.5),
    (lambda key: key.startswith("dec.noise_convs."), 2.0),
    (lambda key: key == "dec.m_source.l_linear.weight", 4.0),
    (lambda key: key.startswith("feature_extractor."), 1.7),
    (lambda key: key.endswith(("attention.out_proj.weight", "output_dense.weight")), 0.4),
    (lambda key: key.endswith(("conv_q.weight", "conv_k.weight")), 1.7),
    (lambda key: key.endswith(("q_proj.weight", "k_proj.weight")), 2.0),
    (lambda key: ".post." in key, 0.5),
)
SV41_GAINS = (
    ("denoise_fn.output_projection.weight", 4.0),
    ("denoise_fn.mlp.2.weight", 2.0),
    ("conditioner_projection.weight", 0.7),
    ("aug_shift_embed.weight", 0.5),
    ("volume_embed.weight", 1.0),
    ("enc_p.proj.weight", 0.6),
    (".post.weight", 0.5),
    ("f0_decoder.proj.weight", 0.2),
    ("conv_post.weight_g", 0.35),
    ("dec.conv_pre.weight_g", 1.5),
    ("conv_pre.weight_g", 0.5),
    ("ups.0.weight_g", 2.0),
    ("ups.1.weight_g", 2.0),
    ("m_source.l_linear.weight", 3.0),
)
EMBEDDINGS = ("f0_emb.weight", "emb_uv.weight", "emb_g.weight", "spk_embed.weight")


def draw(
    drawing: Mapping[str, Any],
    entries: Iterable[Mapping[str, Any]],
    computed: Callable[[str, tuple[int, ...]], NDArray[Any]] | None,
) -> dict[str, NDArray[np.float32]]:
    """Tensors of a manifest by key; a checksum that differs is an `AssertionError` naming the key."""
    rule = _rule(drawing)
    tensors: dict[str, NDArray[np.float32]] = {}
    for entry in entries:
        key, shape = entry["key"], tuple(entry["shape"])
        if entry.get("init", "rule") == "computed":
            assert computed is not None, f"{key} is computed, and the runner computes nothing"
            made = np.asarray(computed(key, shape), np.float32)
            assert made.shape == shape, f"{key} is {made.shape}, the manifest says {shape}"
            tensors[key] = made
            continue
        made = np.ascontiguousarray(rule(entry.get("alias_of") or key, shape), np.float32)
        assert zlib.crc32(made.tobytes()) == entry["crc32"], f"{key} was not drawn as the rule says"
        tensors[key] = made
    return tensors


def _rule(drawing: Mapping[str, Any]) -> Rule:
    if drawing["rule"] == "fork":
        return lambda key, shape: fork(key, shape, int(drawing["weight_seed"]))
    if drawing["rule"] == "sv41":
        return lambda key, shape: sv41(key, shape, drawing["salt"])
    raise AssertionError(f"no rule is called '{drawing['rule']}'")


def fork(key: str, shape: tuple[int, ...], seed: int) -> Drawn:
    """A tensor of so-vits-svc-fork, its content encoder or its discriminator."""
    if key == "dec.updown_filter":
        return np.eye(shape[0])[:, :, None] * (np.arange(shape[2]) == 0)
    x = np.random.default_rng([seed, zlib.crc32(key.encode())]).standard_normal(shape)
    last = key.rpartition(".")[2]
    if last == "gamma" or key.endswith("layer_norm.weight"):
        return 1.0 + 0.1 * x
    if key == "f0_decoder.proj.bias":
        return np.full(shape, 0.7)
    plain = {"masked_spec_embed": 0.1, "beta": 0.1, "bias": 0.05, "emb_rel_k": 0.5, "emb_rel_v": 0.5}
    if last in plain:
        return plain[last] * x
    if key in ("emb_g.weight", "emb_uv.weight", "enc_p.f0_emb.weight"):
        return 0.5 * x
    if last == "weight_g":
        return next((b for prefix, b in FORK_NORMS if key.startswith(prefix)), 1.0) * np.abs(1.0 + 0.1 * x)
    if last == "weight_v":
        return x / np.sqrt(np.prod(shape[1:]))
    if key.startswith("feature_extractor.") and shape[1] > 1:
        x = x - x.mean(axis=(1, 2), keepdims=True)
    return next((g for matches, g in FORK_GAINS if matches(key)), 1.0) * x / np.sqrt(np.prod(shape[1:]))


def sv41(key: str, shape: tuple[int, ...], salt: str) -> Drawn:
    """A tensor of so-vits-svc 4.1, its diffusion model or its vocoder."""
    x = np.random.default_rng(zlib.crc32((salt + key).encode())).standard_normal(shape)
    last = key.rpartition(".")[2]
    gain = next((g for suffix, g in SV41_GAINS if key.endswith(suffix)), 1.0)
    if last == "weight_g":
        return gain * (1.0 + 0.2 * np.tanh(x))
    if last == "weight_v":
        return x
    if last == "gamma":
        return 1.0 + 0.1 * x
    if key == "f0_decoder.proj.bias":
        return 0.6 + 0.05 * x
    if key.endswith("act.beta"):
        return 1.5 + 0.1 * x
    plain = {"bias": 0.05, "beta": 0.05, "alpha": 0.2}
    if last in plain:
        return plain[last] * x
    if last in ("emb_rel_k", "emb_rel_v"):
        return x / np.sqrt(shape[-1])
    if key.endswith(EMBEDDINGS):
        return 0.5 * x
    if last == "weight":
        return gain * x / np.sqrt(max(1.0, float(np.prod(shape[1:]))))
    raise AssertionError(f"the rule says nothing of {key}")
