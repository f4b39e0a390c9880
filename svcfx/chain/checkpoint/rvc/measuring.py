"""Sizes of an RVC generator read off its tensors; what its config claims fills in what no tensor says.

Source: the published facts of RVC (sections on its config, its tensors and its decoders).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from svcfx.chain.checkpoint.rvc.listed import Listed, Wholes
from svcfx.chain.checkpoint.rvc.renaming import CONTENT, PITCH
from svcfx.chain.vits.config import VitsConfig
from svcfx.errors import VoiceError

Shapes = Mapping[str, tuple[int, ...]]
FRAMES_PER_SECOND = 100
KNOWN: tuple[tuple[Wholes, Wholes], ...] = (
    ((10, 4, 2, 2, 2), (16, 16, 4, 4, 4)),
    ((10, 10, 2, 2), (16, 16, 4, 4)),
    ((10, 6, 2, 2, 2), (16, 16, 4, 4, 4)),
    ((10, 8, 2, 2), (20, 16, 4, 4)),
    ((12, 10, 2, 2), (24, 20, 4, 4)),
    ((10, 6, 2, 2), (20, 12, 4, 4)),
)
"""Rates and kernels of the decoders that are trained: v1 at 32, 40, 48 kHz, v2 at 32, 48 kHz, Applio's 24."""
_USUAL_DILATIONS = (1, 3, 5)
_MEND = "Extract it again from its G_*.pth, or ask its maker for another file."
_NAMED = 3


@dataclass
class _Measured:
    """One look at the shapes of a file, weight norm folded."""

    name: str
    shapes: Shapes
    listed: Listed
    differences: list[str] = field(default_factory=list)

    def size(self, key: str, axis: int) -> int:
        """A tensor's size along an axis."""
        shape = self.shapes.get(key)
        if shape is None or len(shape) <= axis:
            found = "missing" if shape is None else f"{shape}"
            raise VoiceError(f"voice '{self.name}' is no whole RVC voice: {key} is {found}", hint=_MEND)
        return shape[axis]

    def count(self, pattern: str) -> int:
        """Numbers from 0 on that keys have where `pattern` has (\\d+), without a gap."""
        matches = (re.match(pattern, key) for key in self.shapes)
        numbers = {int(match[1]) for match in matches if match}
        return next((n for n in range(len(numbers) + 1) if n not in numbers), 0)

    def kernels(self, pattern: str, count: int) -> Wholes:
        return tuple(self.size(pattern.format(index), 2) for index in range(count))

    def claimed(self, key: str, measured: int) -> int:
        """The measured size; a claim that differs is remembered."""
        claim = (self.listed.sizes or {}).get(key, measured)
        if claim != measured:
            self.differences.append(f"{key} is {measured}, config says {claim}")
        return measured


def measured(name: str, shapes: Shapes, listed: Listed) -> tuple[VitsConfig, list[str]]:
    """The config that tensors have, and where the file's own says something else.

    Args:
        shapes: By RVC's keys, weight norm folded, the posterior encoder left out.

    Raises:
        VoiceError: A tensor that sizes something is missing, or the sample rate cannot be told.
    """
    look = _Measured(name, shapes, listed)
    if listed.resblock != "1":
        raise VoiceError(f"voice '{name}': resblock is '{listed.resblock}', svcfx plays '1' only", hint=_MEND)
    hidden = look.claimed("hidden_channels", look.size(f"{CONTENT}weight", 0))
    per_head = look.size("enc_p.encoder.attn_layers.0.emb_rel_k", 2)
    layers = look.count(r"enc_p\.encoder\.attn_layers\.(\d+)\.")
    pitch = f"{PITCH}weight" in shapes
    rates, kernels = _rates(look)
    block_kernels, block_dilations = _blocks(look, len(kernels))
    config = VitsConfig(
        entry="mapped",
        pitch=pitch,
        content=look.size(f"{CONTENT}weight", 1),
        speakers=look.size("emb_g.weight", 0),
        speaker_width=look.claimed("gin_channels", look.size("emb_g.weight", 1)),
        inter=look.claimed("inter_channels", look.size("enc_p.proj.weight", 0) // 2),
        hidden=hidden,
        filter=look.claimed("filter_channels", look.size("enc_p.encoder.ffn_layers.0.conv_1.weight", 0)),
        heads=look.claimed("n_heads", max(hidden // max(per_head, 1), 1)),
        layers=look.claimed("n_layers", layers),
        kernel=look.claimed("kernel_size", look.size("enc_p.encoder.ffn_layers.0.conv_1.weight", 2)),
        window=(look.size("enc_p.encoder.attn_layers.0.emb_rel_k", 1) - 1) // 2,
        flow_layers=sum(f"flow.flows.{2 * j}.pre.weight" in shapes for j in range(64)),
        flow_wavenet_layers=look.count(r"flow\.flows\.0\.enc\.in_layers\.(\d+)\."),
        f0_decoder=False,
        pitch_bins="even",
        decoder="nsf-hifigan" if "dec.m_source.l_linear.weight" in shapes else "hifigan",
        partials=look.size("dec.m_source.l_linear.weight", 1) if pitch else 1,
        last_bias=False,
        block_kernels=block_kernels,
        block_dilations=block_dilations,
        rates=rates,
        rate_kernels=kernels,
        initial=look.claimed("upsample_initial_channel", look.size("dec.conv_pre.weight", 0)),
        sample_rate=math.prod(rates) * FRAMES_PER_SECOND,
    )
    return config, look.differences[:_NAMED]


def _rates(look: _Measured) -> tuple[Wholes, Wholes]:
    """Upsampling rates and kernels; the tensors' own where they alone decide, else as the config says."""
    kernels = look.kernels("dec.ups.{}.weight", look.count(r"dec\.ups\.(\d+)\.weight"))
    known = [rates for rates, usual in KNOWN if usual == kernels and _fits(look, rates, kernels)]
    claim, rate = look.listed.rates, look.listed.rate
    fits = claim is not None and _fits(look, claim, kernels)
    if fits and claim is not None and math.prod(claim) * FRAMES_PER_SECOND == rate:
        return claim, kernels
    chosen = [rates for rates in known if math.prod(rates) * FRAMES_PER_SECOND == rate]
    chosen = chosen or (known if len(known) == 1 else [])
    if not chosen:
        raise VoiceError(_undecided(look, known, claim if fits else None), hint=_MEND)
    for what, said, found in (
        ("upsample_rates", claim, chosen[0]),
        ("upsample_kernel_sizes", look.listed.rate_kernels, kernels),
        ("sample rate", rate, math.prod(chosen[0]) * FRAMES_PER_SECOND),
    ):
        if said is not None and said != found:
            look.differences.append(f"{what} is {_listed(found)}, config says {_listed(said)}")
    return chosen[0], kernels


def _fits(look: _Measured, rates: Wholes, kernels: Wholes) -> bool:
    """Whether a decoder with these rates has such kernels, and hears its excitation as this one does."""
    if len(rates) != len(kernels) or any(k < u or (k - u) % 2 for u, k in zip(rates, kernels, strict=True)):
        return False
    if "dec.noise_convs.0.weight" not in look.shapes:
        return True
    strides = [math.prod(rates[stage + 1 :]) for stage in range(len(rates))]
    heard = tuple(1 if stride == 1 else 2 * stride for stride in strides)
    return heard == look.kernels("dec.noise_convs.{}.weight", look.count(r"dec\.noise_convs\.(\d+)\.weight"))


def _undecided(look: _Measured, known: list[Wholes], claim: Wholes | None) -> str:
    """The sentence for a rate that cannot be told."""
    rate = look.listed.rate
    if claim is not None:
        made = math.prod(claim) * FRAMES_PER_SECOND
        said = "no sample rate" if rate is None else f"{rate} Hz"
        return f"voice '{look.name}': its config says {said}, its decoder makes {made} Hz"
    if known:
        ways = " or ".join(str(math.prod(rates) * FRAMES_PER_SECOND) for rates in known)
        return f"voice '{look.name}' may be one of {ways} Hz: neither its config nor its tensors say which"
    kernels = look.kernels("dec.ups.{}.weight", look.count(r"dec\.ups\.(\d+)\.weight"))
    return (
        f"voice '{look.name}': its decoder has upsampling kernels {_listed(kernels)}, its config says kernels"
        f" {_listed(look.listed.rate_kernels)}, rates {_listed(look.listed.rates)} and {rate} Hz,"
        " which do not belong together"
    )


def _blocks(look: _Measured, stages: int) -> tuple[Wholes, tuple[Wholes, ...]]:
    """Kernels and dilations of the residual blocks; no tensor says a dilation."""
    count = look.count(r"dec\.resblocks\.(\d+)\.") // max(stages, 1)
    kernels = look.kernels("dec.resblocks.{}.convs1.0.weight", count)
    pairs = [look.count(rf"dec\.resblocks\.{j}\.convs1\.(\d+)\.weight") for j in range(count)]
    claim = look.listed.block_dilations
    if claim is not None and [len(row) for row in claim] == pairs:
        return kernels, claim
    if any(pair > len(_USUAL_DILATIONS) for pair in pairs):
        raise VoiceError(
            f"voice '{look.name}' has {max(pairs)} convolutions a residual block, its config says"
            f" dilations {claim}",
            hint=_MEND,
        )
    return kernels, tuple(_USUAL_DILATIONS[:pair] for pair in pairs)


def _listed(values: object) -> str:
    return ",".join(map(str, values)) if isinstance(values, tuple) else str(values)
