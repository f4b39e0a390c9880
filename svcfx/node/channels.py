"""Which channels a VST3 takes, and what is done where the audio has others: the one place for that.

A plugin for stereo hears a mono take in both channels, and the mean of what it gives is the mono result. A
plugin for mono plays every channel by itself, each with its own state. What neither serves is refused.
"""

import weakref
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np

from svcfx.audio import Samples
from svcfx.errors import BoardError
from svcfx.node import frozen, native
from svcfx.node.native import External

_PROBE_FRAMES, _PROBE_RATE = 512, 44_100.0
_TAKES: weakref.WeakKeyDictionary[External, frozenset[int]] = weakref.WeakKeyDictionary()


class Part(Protocol):
    """What plays one plugin, as every part of a board's row does; samples are (channels, frames)."""

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples: ...
    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples: ...
    def reset(self) -> None: ...
    def latency(self, sample_rate: float) -> int: ...


MakePart = Callable[[Any], Part]


def taken(plugin: External) -> frozenset[int]:
    """Channel counts, of 1 and 2, that a VST3 plays. It cannot be asked, so it is given silence, once."""
    if plugin not in _TAKES:
        _TAKES[plugin] = frozenset(channels for channels in (1, 2) if plays(plugin, channels))
    return _TAKES[plugin]


def plays(plugin: External, channels: int) -> bool:
    """Whether a VST3 plays that many channels; it loses its state, so ask before a stream begins."""
    try:
        plugin.process(np.zeros((channels, _PROBE_FRAMES), np.float32), _PROBE_RATE)
    except ValueError:  # pedalboard has no other way to tell
        return False
    plugin.reset()
    return True


def misfit(node: object, channels: int) -> bool:
    """Whether `node` is a VST3 that does not itself play audio of that many channels (0: not known yet)."""
    if channels == 0 or not native.is_external(node):
        return False
    return channels not in taken(node) if channels <= 2 else not plays(node, channels)


def lack(node: object, channels: int) -> str:
    """One sentence on why a VST3 cannot be played for that many channels, or ""."""
    if not native.is_external(node) or not misfit(node, channels):
        return ""
    if 1 in taken(node) or (channels == 1 and 2 in taken(node)):
        return ""
    able = " or ".join(str(count) for count in sorted(taken(node)))
    takes = f"takes {able} channels" if able else "takes neither mono nor stereo"
    return f"plug-in '{node.name}' {takes}, the audio has {channels}"


def told(node: External) -> str:
    """What a VST3 does with channels that it does not take, in words; "" when it takes mono and stereo."""
    takes = taken(node)
    if takes == {1}:
        return "takes mono; in stereo it plays each channel by itself"
    if takes == {2}:
        return "takes stereo; a mono take goes into both channels and comes back mono"
    return "" if takes else "takes neither mono nor stereo, and is refused"


def check(nodes: Iterable[object], channels: int) -> None:
    """Refuse VST3s among `nodes` that cannot be played for audio of that many channels.

    Raises:
        BoardError: There is one; its name, what it takes, and what there is.
    """
    for node in nodes:
        sentence = lack(node, channels)
        if sentence:
            raise BoardError(sentence, hint="leave it out, or use a version of it for these channels")


def fitted(plugin: Any, channels: int, make: MakePart) -> Part:
    """The part that plays a misfit; `make` gives the part that plays a plugin as it is.

    Raises:
        BoardError: Nothing can be done for that many channels.
    """
    check([plugin], channels)
    return EachChannel(plugin, channels, make) if 1 in taken(plugin) else BothChannels(make(plugin))


class BothChannels:
    """A plugin for stereo, and mono audio."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        return _mean(self._part.one_shot(_doubled(samples), sample_rate, buffer_size))

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        return _mean(self._part.push(_doubled(samples), sample_rate, buffer_size))

    def reset(self) -> None:
        self._part.reset()

    def latency(self, sample_rate: float) -> int:
        return self._part.latency(sample_rate)


class EachChannel:
    """A plugin for mono, and audio of several channels. One-shot, the plugin itself plays one after the
    other; in a stream each channel beyond the first has a copy of it, made when the stream begins."""

    def __init__(self, plugin: Any, channels: int, make: MakePart) -> None:
        self._plugin, self._channels, self._make = plugin, channels, make
        self._first = make(plugin)
        self._copies: list[tuple[Any, Part]] = []

    def one_shot(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        made = [
            self._first.one_shot(samples[at : at + 1], sample_rate, buffer_size) for at in range(len(samples))
        ]
        return np.concatenate(made)

    def push(self, samples: Samples, sample_rate: float, buffer_size: int) -> Samples:
        self._follow()
        parts = [self._first, *(part for _, part in self._copies)]
        made = [part.push(samples[at : at + 1], sample_rate, buffer_size) for at, part in enumerate(parts)]
        return np.concatenate(made)

    def reset(self) -> None:
        self._first.reset()
        self._copies = []

    def latency(self, sample_rate: float) -> int:
        return self._first.latency(sample_rate)

    def _follow(self) -> None:
        """Make what copies are missing, and turn their knobs to where the plugin's stand."""
        while len(self._copies) < self._channels - 1:
            copy = frozen.thaw(frozen.freeze(self._plugin))
            self._copies.append((copy, self._make(copy)))
        for name, parameter in self._plugin.parameters.items():
            for copy, _ in self._copies:
                if copy.parameters[name].raw_value != parameter.raw_value:
                    copy.parameters[name].raw_value = parameter.raw_value


def _doubled(samples: Samples) -> Samples:
    return np.repeat(samples, 2, axis=0)


def _mean(samples: Samples) -> Samples:
    return np.asarray(samples.mean(axis=0, keepdims=True), np.float32)
