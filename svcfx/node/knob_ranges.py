"""What a parameter of any node may be: ours and VST3s say it themselves, for built-ins it stands here.

pedalboard's own setters check only some of these: a low-pass at 1 MHz gives infinity, feedback of 3 in
a Chorus gives 10^13, NaN is taken everywhere.
"""

import math
from dataclasses import dataclass
from typing import Any

from svcfx.errors import ParamError, nearest
from svcfx.node import choices, native

_TABLE = """
Bitcrush              bit_depth           0      32     bits
BrickwallLimiter      ceiling_db          -60    0      dB
BrickwallLimiter      release_ms          0.1    5000   ms
BrickwallLimiter      lookahead_ms        0.1    100    ms
Chorus                rate_hz             0      100    Hz
Chorus                depth               0      1      ratio
Chorus                centre_delay_ms     1      100    ms
Chorus                feedback            -1     1      ratio
Chorus                mix                 0      1      ratio
Clipping              threshold_db        -120   24     dB
Compressor            threshold_db        -120   24     dB
Compressor            ratio               1      1000   ratio
Compressor            attack_ms           0      5000   ms
Compressor            release_ms          0      10000  ms
Convolution           mix                 0      1      ratio
Delay                 delay_seconds       0      30     s
Delay                 feedback            0      1      ratio
Delay                 mix                 0      1      ratio
Distortion            drive_db            -60    100    dB
Gain                  gain_db             -200   100    dB
HighShelfFilter       cutoff_frequency_hz 1      96000  Hz
HighShelfFilter       gain_db             -60    60     dB
HighShelfFilter       q                   0.01   100    ratio
HighpassFilter        cutoff_frequency_hz 1      96000  Hz
LadderFilter          cutoff_hz           1      96000  Hz
LadderFilter          resonance           0      1      ratio
LadderFilter          drive               1      100    ratio
Limiter               threshold_db        -120   24     dB
Limiter               release_ms          0.1    10000  ms
LowShelfFilter        cutoff_frequency_hz 1      96000  Hz
LowShelfFilter        gain_db             -60    60     dB
LowShelfFilter        q                   0.01   100    ratio
LowpassFilter         cutoff_frequency_hz 1      96000  Hz
MP3Compressor         vbr_quality         0      9.999  quality
NoiseGate             threshold_db        -200   24     dB
NoiseGate             ratio               1      1000   ratio
NoiseGate             attack_ms           0      5000   ms
NoiseGate             release_ms          0      10000  ms
PeakFilter            cutoff_frequency_hz 1      96000  Hz
PeakFilter            gain_db             -60    60     dB
PeakFilter            q                   0.01   100    ratio
Phaser                rate_hz             0      100    Hz
Phaser                depth               0      1      ratio
Phaser                centre_frequency_hz 1      96000  Hz
Phaser                feedback            -1     1      ratio
Phaser                mix                 0      1      ratio
PitchShift            semitones           -72    72     st
Resample              target_sample_rate  1      384000 Hz
Reverb                room_size           0      1      ratio
Reverb                damping             0      1      ratio
Reverb                wet_level           0      1      ratio
Reverb                dry_level           0      1      ratio
Reverb                width               0      1      ratio
Reverb                freeze_mode         0      1      ratio
"""


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both allowed, in `unit`."""

    low: float
    high: float
    unit: str = ""

    @property
    def span(self) -> str:
        """In words: "-60 to 0 dB"."""
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()


def _read() -> dict[str, dict[str, Range]]:
    table: dict[str, dict[str, Range]] = {}
    for line in _TABLE.split("\n"):
        if line:
            kind, name, low, high, unit = line.split()
            unit = "" if unit == "ratio" else unit
            table.setdefault(kind, {})[name] = Range(float(low), float(high), unit)
    return table


BUILT_IN = _read()


def ranges_of(node: Any) -> dict[str, Range]:
    """The numeric parameters of a node by name."""
    kind = _built_in_kind(node)
    if kind:
        return BUILT_IN.get(kind, {})
    found = {}
    for name, knob in dict(getattr(node, "parameters", {}) or {}).items():
        if knob.type is float and knob.min_value is not None and getattr(knob, "is_automatable", True):
            found[name] = Range(float(knob.min_value), float(knob.max_value), str(knob.label or ""))
    return found


def range_of(node: Any, parameter: str, called: str, sample_rate: float = math.inf) -> Range:
    """What a lane may put into one parameter; a frequency stays below half of `sample_rate`, choices count.

    Raises:
        ParamError: The node has no such parameter, or it is no number that can move.
    """
    names = choices.names_of(node, parameter)
    if names:
        return Range(0.0, len(names) - 1.0)
    ranges = ranges_of(node)
    if parameter not in ranges:
        have = ", ".join(ranges) or "none that can move"
        raise ParamError(
            f"'{called}' has no parameter '{parameter}' that can move{nearest(parameter, ranges)}",
            hint=f"its parameters: {have}",
        )
    allowed = ranges[parameter]
    if parameter.endswith(("cutoff_hz", "frequency_hz")) and native.is_plugin(node):
        return Range(allowed.low, min(allowed.high, sample_rate / 2), allowed.unit)
    return allowed


def _built_in_kind(node: Any) -> str:
    if not native.is_plugin(node) or native.is_external(node):
        return ""
    return next((cls.__name__ for cls in type(node).__mro__ if cls.__name__ in BUILT_IN), "none")
