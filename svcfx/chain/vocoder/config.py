"""What a vocoder's config.json says: the sizes of its network and the mel that it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from svcfx.chain.vocoder.agreement import LogBase, MelFormat
from svcfx.errors import VoiceError

_LARGEST, _LONGEST_FFT, _HIGHEST_RATE, _MOST_STAGES = 8192, 1 << 16, 192_000, 16
"""No channel count, transform, rate or list of a real vocoder comes near; a config beyond is damaged."""
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
            channels=_whole(document, "upsample_initial_channel"),
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
        """Refuse values that are fine alone and impossible together."""
        rates, kernels, mel = self.upsample_rates, self.upsample_kernels, self.mel
        pairs = list(zip(rates, kernels, strict=False))
        problems = (
            (len(rates) != len(kernels), f"{len(rates)} upsample_rates and {len(kernels)} kernels for them"),
            (
                len(self.block_kernels) != len(self.block_dilations),
                f"{len(self.block_kernels)} resblock_kernel_sizes and {len(self.block_dilations)} dilations",
            ),
            (any(k < r or (k - r) % 2 for r, k in pairs), "an upsample kernel that its rate does not allow"),
            (any(kernel % 2 == 0 for kernel in self.block_kernels), "an even resblock kernel"),
            (self.channels >> len(rates) < 1, f"{self.channels} channels, which are halved to nothing"),
            (
                self.hop_samples != mel.hop_samples,
                f"rates that make {self.hop_samples} samples a frame, and a hop_size of {mel.hop_samples}",
            ),
            (mel.window_samples > mel.fft_samples, "a win_size beyond its n_fft"),
            (
                not mel.low_hz < mel.high_hz <= mel.sample_rate_hz / 2,
                f"a mel from {mel.low_hz:g} to {mel.high_hz:g} Hz at {mel.sample_rate_hz} Hz",
            ),
        )
        for there, problem in problems:
            if there:
                raise VoiceError(f"vocoder config has {problem}")


def _mel(document: Mapping[str, Any], log_base: LogBase) -> MelFormat:
    return MelFormat(
        sample_rate_hz=_whole(document, "sampling_rate", _HIGHEST_RATE),
        hop_samples=_whole(document, "hop_size"),
        fft_samples=_whole(document, "n_fft", _LONGEST_FFT),
        window_samples=_whole(document, "win_size", _LONGEST_FFT),
        bins=_whole(document, "num_mels"),
        low_hz=_hertz(document, "fmin"),
        high_hz=_hertz(document, "fmax"),
        log_base=log_base,
    )


def _get(document: Mapping[str, Any], key: str) -> Any:
    if document.get(key) is None:
        raise VoiceError(f"vocoder config has no {key}", hint="Is this the config.json beside the vocoder?")
    return document[key]


def _whole(document: Mapping[str, Any], key: str, high: int = _LARGEST) -> int:
    value = _get(document, key)
    if type(value) is not int or not 1 <= value <= high:
        raise VoiceError(f"vocoder config: {key} is {value!r}, allowed are whole numbers from 1 to {high}")
    return value


def _hertz(document: Mapping[str, Any], key: str) -> float:
    value = _get(document, key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _HIGHEST_RATE:
        raise VoiceError(f"vocoder config: {key} is {value!r}, allowed is 0 to {_HIGHEST_RATE} Hz")
    return float(value)


def _integers(document: Mapping[str, Any], key: str) -> tuple[int, ...]:
    return _row(_get(document, key), key)


def _rows(document: Mapping[str, Any], key: str) -> tuple[tuple[int, ...], ...]:
    value = _get(document, key)
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_STAGES:
        raise VoiceError(f"vocoder config: {key} is {value!r}, allowed is a list of lists")
    return tuple(_row(row, key) for row in value)


def _row(value: object, key: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_STAGES:
        raise VoiceError(f"vocoder config: {key} is {value!r}, allowed is a list of whole numbers")
    if not all(type(item) is int and 1 <= item <= _LARGEST for item in value):
        raise VoiceError(
            f"vocoder config: {key} is {value!r}, allowed are whole numbers from 1 to {_LARGEST}"
        )
    return tuple(value)
