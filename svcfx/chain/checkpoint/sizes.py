"""The config.json of so-vits-svc read into `VitsConfig`, every number checked before it sizes anything."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from svcfx.chain.checkpoint.family import FORK_DECODERS, is_newer
from svcfx.chain.vits.config import DecoderName, VitsConfig
from svcfx.errors import VoiceError, nearest

LARGEST = 8192
"""No channel count, rate or kernel of a real voice comes near it; a config beyond it is damaged."""
MOST_SPEAKERS = 100_000
Chosen = TypeVar("Chosen", bound=str)


class ConfigSection:
    """One section of a config, whose values are asked for by key, kind and range."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name, self.values = name, values

    def whole(self, key: str, default: int | None = None, high: int = LARGEST, low: int = 1) -> int:
        """An integer from `low` to `high`; without a default the key must be there."""
        value = self._value(key, default)
        if value is None:
            raise VoiceError(
                f"{self.name} has no '{key}'", hint="Use the config that lay beside the weights."
            )
        return self._whole(key, value, high, low)

    def choice(self, key: str, allowed: Sequence[Chosen], default: Chosen) -> Chosen:
        """One of `allowed`."""
        value = self._value(key, default)
        for known in allowed:
            if value == known:
                return known
        near = nearest(str(value), allowed)
        raise VoiceError(f"{self.name}: {key} is {value!r}{near}, allowed are {', '.join(allowed)}")

    def wholes(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """A list of 1 to 16 integers."""
        return self._wholes(key, self._value(key, default))

    def tables(self, key: str, default: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        """A list of such lists."""
        rows = self._value(key, default)
        if not isinstance(rows, (list, tuple)) or not 1 <= len(rows) <= 16:
            raise VoiceError(f"{self.name}: {key} is {rows!r}, allowed is a list of lists")
        return tuple(self._wholes(key, row) for row in rows)

    def flag(self, key: str, default: bool) -> bool:
        """True or false; an empty value counts as false."""
        value = self.values.get(key, default)
        if value not in (True, False, None):
            raise VoiceError(f"{self.name}: {key} is {value!r}, allowed are true and false")
        return bool(value)

    def _value(self, key: str, default: object) -> object:
        """What stands there; an empty value is as good as none."""
        value = self.values.get(key)
        return default if value is None else value

    def _wholes(self, key: str, values: object) -> tuple[int, ...]:
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= 16:
            raise VoiceError(f"{self.name}: {key} is {values!r}, allowed is a list of whole numbers")
        return tuple(self._whole(key, value, LARGEST) for value in values)

    def _whole(self, key: str, value: object, high: int, low: int = 1) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise VoiceError(
                f"{self.name}: {key} is {value!r}, allowed are whole numbers from {low} to {high}"
            )
        return value


def section(name: str, document: Mapping[str, Any], key: str, *, required: bool = True) -> ConfigSection:
    """A section of a document by its key; one that is not required may be absent."""
    values = document.get(key)
    if isinstance(values, Mapping):
        return ConfigSection(f"{name}: {key}", values)
    if required or values is not None:
        raise VoiceError(f"{name} has no '{key}' section", hint="Is this a so-vits-svc config?")
    return ConfigSection(f"{name}: {key}", {})


def vits_config(name: str, document: Mapping[str, Any]) -> VitsConfig:
    """Sizes and options that a config.json asks for; raises `VoiceError` naming key and value.

    Args:
        name: The config in messages, such as "mei/config.json".
        document: The parsed JSON.
    """
    model = section(name, document, "model")
    newer = is_newer(model.values)
    rate = section(name, document, "data", required=False)
    transformer = newer and model.flag("use_transformer_flow", False)
    config = VitsConfig(
        content=model.whole("ssl_dim"),
        speakers=model.whole("n_speakers", high=MOST_SPEAKERS),
        speaker_width=model.whole("gin_channels"),
        inter=model.whole("inter_channels", 192),
        hidden=model.whole("hidden_channels", 192),
        filter=model.whole("filter_channels", 768),
        heads=model.whole("n_heads", 2),
        layers=model.whole("n_layers", 6, 64),
        kernel=model.whole("kernel_size", 3),
        flow_layers=model.whole("n_flow_layer", 4, 64) if newer else 4,
        flow_depthwise=newer and model.flag("use_depthwise_conv", False),
        flow_shared=newer and model.flag("flow_share_parameter", False),
        flow_transformer_layers=model.whole("n_layers_trans_flow", 3, 64) if transformer else 0,
        f0_decoder=model.flag("use_automatic_f0_prediction", True) if newer else True,
        volume=newer and model.flag("vol_embedding", False),
        pitch_bins="wrapped" if newer else "clamped",
        decoder=_decoder(model, newer=newer),
        block_kernels=model.wholes("resblock_kernel_sizes", (3, 7, 11)),
        block_dilations=model.tables("resblock_dilation_sizes", ((1, 3, 5),) * 3),
        rates=model.wholes("upsample_rates", (8, 8, 2, 2, 2)),
        rate_kernels=model.wholes("upsample_kernel_sizes", (16, 16, 4, 4, 4)),
        initial=model.whole("upsample_initial_channel", 512),
        istft_size=model.whole("gen_istft_n_fft", 16),
        istft_hop=model.whole("gen_istft_hop_size", 4),
        bands=model.whole("subbands", 4, 64),
        sample_rate=rate.whole("sampling_rate", 44100, 192_000),
    )
    _check_together(model, config)
    return config


def _decoder(model: ConfigSection, *, newer: bool) -> DecoderName:
    if newer:
        return model.choice("vocoder_name", ("nsf-hifigan", "nsf-snake-hifigan"), "nsf-hifigan")
    return FORK_DECODERS[model.choice("type_", tuple(FORK_DECODERS), "hifi-gan")]


def _check_together(model: ConfigSection, config: VitsConfig) -> None:
    """Refuse values that are fine alone and impossible together."""
    if str(model.values.get("resblock", "1")) != "1":
        raise VoiceError(f"{model.name}: resblock is {model.values['resblock']!r}, svcfx plays '1' only")
    problems = {
        "n_heads does not divide hidden_channels": config.hidden % config.heads != 0,
        "inter_channels is odd": config.inter % 2 != 0,
        "upsample_rates and upsample_kernel_sizes differ in length": len(config.rates)
        != len(config.rate_kernels),
        "an upsample kernel is smaller than its rate, or odd beyond it": any(
            kernel < rate or (kernel - rate) % 2
            for rate, kernel in zip(config.rates, config.rate_kernels, strict=False)
        ),
        "resblock_kernel_sizes and resblock_dilation_sizes differ in length": len(config.block_kernels)
        != len(config.block_dilations),
        "a resblock kernel is even": any(kernel % 2 == 0 for kernel in config.block_kernels),
        "upsample_initial_channel is halved to nothing": config.stage_width(len(config.rates) - 1) < 1,
    }
    for problem, there in problems.items():
        if there:
            raise VoiceError(f"{model.name}: {problem}")
