"""What a vocoder's config.json says: the sizes of its network and the mel that it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from svcfx.chain.vocoder.agreement import LogBase, MelFormat
from svcfx.errors import VoiceError

_N = TypeVar("_N", int, float)

_FOREIGN = ("pc_aug", "mini_nsf", "noise_sigma")
"""Keys of the pitch-controllable successor, whose network is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VocoderConfig:
    """Sizes of an NSF-HiFiGAN and the format of its mel."""

    upsample_rates: tuple[int, ...]
    upsample_kernels: tuple[int, ...]
    channels: int
    block_kernels: tuple[int, ...]
    block_dilations: tuple[tuple[int, ...], ...]
    mel: MelFormat

    @classmethod
    def read(cls, document: Mapping[str, Any], *, log_base: LogBase = "natural") -> "VocoderConfig":
        """Take the keys that build the network and its mel; training keys beside them are of no concern.

        Raises:
            VoiceError: A key is missing or of another kind, or the file describes another network.
        """
        foreign = [key for key in _FOREIGN if document.get(key)]
        if foreign:
            raise VoiceError(
                f"vocoder config has {foreign[0]}: a pitch-controllable NSF-HiFiGAN, another network",
                hint="Use an NSF-HiFiGAN release of 2022-12 or 2024-02.",
            )
        kind = _get(document, "resblock")
        if str(kind) != "1":
            raise VoiceError(f"vocoder config says resblock {kind!r}; only '1' is supported")
        made = cls(
            upsample_rates=_integers(document, "upsample_rates"),
            upsample_kernels=_integers(document, "upsample_kernel_sizes"),
            channels=_number(document, "upsample_initial_channel", int),
            block_kernels=_integers(document, "resblock_kernel_sizes"),
            block_dilations=_rows(document, "resblock_dilation_sizes"),
            mel=_mel(document, log_base),
        )
        made._check()
        return made

    @property
    def hop_samples(self) -> int:
        """Samples that one mel frame becomes."""
        hop = 1
        for rate in self.upsample_rates:
            hop *= rate
        return hop

    def _check(self) -> None:
        if len(self.upsample_rates) != len(self.upsample_kernels):
            raise VoiceError(
                f"vocoder config has {len(self.upsample_rates)} upsample_rates "
                f"and {len(self.upsample_kernels)} upsample_kernel_sizes"
            )
        if len(self.block_kernels) != len(self.block_dilations):
            raise VoiceError(
                f"vocoder config has {len(self.block_kernels)} resblock_kernel_sizes "
                f"and {len(self.block_dilations)} resblock_dilation_sizes"
            )
        if self.hop_samples != self.mel.hop_samples:
            raise VoiceError(
                f"vocoder config makes {self.hop_samples} samples a frame, and its hop_size is "
                f"{self.mel.hop_samples}"
            )


def _mel(document: Mapping[str, Any], log_base: LogBase) -> MelFormat:
    return MelFormat(
        sample_rate_hz=_number(document, "sampling_rate", int),
        hop_samples=_number(document, "hop_size", int),
        fft_samples=_number(document, "n_fft", int),
        window_samples=_number(document, "win_size", int),
        bins=_number(document, "num_mels", int),
        low_hz=_number(document, "fmin", float),
        high_hz=_number(document, "fmax", float),
        log_base=log_base,
    )


def _get(document: Mapping[str, Any], key: str) -> Any:
    if key not in document:
        raise VoiceError(f"vocoder config has no {key}", hint="Is this the config.json beside the vocoder?")
    return document[key]


def _number(document: Mapping[str, Any], key: str, kind: type[_N]) -> _N:
    value = _get(document, key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != kind(value) or value < 0:
        raise VoiceError(f"vocoder config: {key} is {value!r}, not a number that fits")
    return kind(value)


def _integers(document: Mapping[str, Any], key: str) -> tuple[int, ...]:
    return _row(_get(document, key), key)


def _rows(document: Mapping[str, Any], key: str) -> tuple[tuple[int, ...], ...]:
    value = _get(document, key)
    if not isinstance(value, list) or not value:
        raise VoiceError(f"vocoder config: {key} is {value!r}, not a list of lists")
    return tuple(_row(row, key) for row in value)


def _row(value: object, key: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not value or not all(type(item) is int and item > 0 for item in value):
        raise VoiceError(f"vocoder config: {key} is {value!r}, not a list of whole numbers above 0")
    return tuple(value)
