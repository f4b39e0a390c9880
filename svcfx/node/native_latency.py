"""How late a native plugin's stream is. pedalboard knows and does not say, so it is measured."""

import math

import numpy as np
import pedalboard

from svcfx.node import native

_PROBE_FRAMES, _PROBE_BLOCK = 65_536, 1024
_WITHHELD: dict[tuple[str, float], int] = {}  # by settings and rate
_PITCH_SHIFT_SECONDS = 1.1  # measured: 1.07 to 1.09 s at 8, 44.1 and 192 kHz, any interval

# Measured: these give back as many frames as they get, at any rate and block size.
_PROMPT = frozenset(
    (
        "Bitcrush",
        "Chorus",
        "Clipping",
        "Compressor",
        "Convolution",
        "Delay",
        "Distortion",
        "Gain",
        "HighShelfFilter",
        "HighpassFilter",
        "Invert",
        "LadderFilter",
        "Limiter",
        "LowShelfFilter",
        "LowpassFilter",
        "NoiseGate",
        "PeakFilter",
        "Phaser",
        "Reverb",
    )
)


def latency_of(plugin: object, sample_rate: float) -> int:
    """Frames that a stream through `plugin` is late at `sample_rate` Hz; for `PitchShift` an upper bound.

    A plugin of a class not known to be prompt is fed silence and reset, so ask before a stream begins.
    """
    if plugin is None:
        return 0
    if native.is_container(plugin):
        each = [latency_of(child, sample_rate) for child in native.children(plugin)]
        return max(each, default=0) if native.is_mix(plugin) else sum(each)
    if isinstance(plugin, pedalboard.ExternalPlugin):
        return int(plugin.reported_latency_samples)  # type: ignore[attr-defined]
    if isinstance(plugin, pedalboard.PitchShift):
        return math.ceil(_PITCH_SHIFT_SECONDS * sample_rate)
    if type(plugin).__name__ in _PROMPT:
        return 0
    assert isinstance(plugin, pedalboard.Plugin)
    return _measured(plugin, sample_rate)


def _measured(plugin: pedalboard.Plugin, sample_rate: float) -> int:
    settings = repr(plugin).rsplit(" at 0x", 1)[0]
    key = (settings, float(sample_rate))
    if key not in _WITHHELD:
        _WITHHELD[key] = _probe(plugin, sample_rate)
    return _WITHHELD[key]


def _probe(plugin: pedalboard.Plugin, sample_rate: float) -> int:
    """The most frames that a stream of silence owes at any time: codecs give theirs in bursts."""
    silence = np.zeros(_PROBE_BLOCK, np.float32)
    plugin.reset()
    owed = most = 0
    for _ in range(_PROBE_FRAMES // _PROBE_BLOCK):
        given = plugin.process(silence, sample_rate, reset=False)
        owed += _PROBE_BLOCK - given.shape[0]
        most = max(most, owed)
    plugin.reset()
    return most
