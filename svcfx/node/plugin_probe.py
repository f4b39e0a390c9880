"""Open the plugins of one file and say what they are: `python -m svcfx.node.plugin_probe FILE`.

Runs in a process of its own, which a plugin may crash or hang without harm to anybody. One JSON list goes to
stdout; what plugins print goes nowhere.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from svcfx.node import channels, native_latency, plugins
from svcfx.node.plugin_facts import MANY, ParameterFacts, PluginFacts

RATE_HZ = 44_100.0


def main() -> None:
    """Answer, and end at once: some plugins crash while they close."""
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    path = Path(sys.argv[1])
    found = [facts(plugins.load(path, name)).plain() for name in plugins.names_in(path)]
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(found, out)
    os._exit(0)


def facts(plugin: Any) -> PluginFacts:
    """What an open VST3 says of itself."""
    parameters = tuple(
        _parameter(name, each, getattr(plugin, name)) for name, each in plugin.parameters.items()
    )
    instrument = bool(plugin.is_instrument)
    return PluginFacts(
        str(plugin.name),
        str(plugin.identifier),
        str(plugin.manufacturer_name or ""),
        str(plugin.version or ""),
        str(plugin.category or ""),
        instrument,
        () if instrument else tuple(sorted(channels.taken(plugin))),
        native_latency.latency_of(plugin, RATE_HZ),
        parameters,
    )


def _parameter(name: str, parameter: Any, value: Any) -> ParameterFacts:
    unit = str(parameter.label or "")
    if parameter.type is bool:
        return ParameterFacts(name, unit, bool(value))
    if parameter.type is str:
        choices = tuple(str(each) for each in parameter.valid_values[: MANY + 1])
        return ParameterFacts(name, unit, str(value), choices=choices if len(choices) <= MANY else ())
    low, high = float(parameter.min_value), float(parameter.max_value)
    return ParameterFacts(name, unit, float(value), low, high)


if __name__ == "__main__":
    main()
