"""What a VST3 says of itself, as plain data: kept between runs, handed over by what opened it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Value = float | bool | str
MANY = 64
"""Choices of a parameter that are kept; of more, only their number is known."""


@dataclass(frozen=True, slots=True)
class ParameterFacts:
    """One parameter: a number from `low` to `high`, a switch where both are None, or one of `choices`.

    Attributes:
        name: As presets, lanes and addresses spell it.
        unit: In the plugin's own words, such as "dB"; "" where it has none.
        value: Where it stands when the plugin is opened.
        choices: Words that it takes, as many as `MANY`.
    """

    name: str
    unit: str
    value: Value
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PluginFacts:
    """One plugin of a file.

    Attributes:
        channels: Counts of 1 and 2 that it plays; () of an instrument.
        latency_samples: At 44.1 kHz, as it reports.
    """

    name: str
    identifier: str
    maker: str
    version: str
    category: str
    instrument: bool
    channels: tuple[int, ...]
    latency_samples: int
    parameters: tuple[ParameterFacts, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "PluginFacts":
        """Out of JSON.

        Raises:
            KeyError, TypeError, ValueError: It is no such thing.
        """
        return cls(
            str(plain["name"]),
            str(plain["identifier"]),
            str(plain["maker"]),
            str(plain["version"]),
            str(plain["category"]),
            bool(plain["instrument"]),
            tuple(int(count) for count in plain["channels"]),
            int(plain["latency_samples"]),
            tuple(_parameter(dict(each)) for each in plain["parameters"]),
        )


def _parameter(plain: Mapping[str, Any]) -> ParameterFacts:
    low, high = (None if plain[key] is None else float(plain[key]) for key in ("low", "high"))
    value = plain["value"]
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"no value: {value!r}")
    choices = tuple(str(each) for each in plain["choices"])
    return ParameterFacts(str(plain["name"]), str(plain["unit"]), value, low, high, choices)
