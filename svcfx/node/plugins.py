"""VST3 plugins: where they are installed, and which file an open one came from."""

import re
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import pedalboard

from svcfx.errors import BoardError, PresetError, nearest
from svcfx.node import float_mode
from svcfx.node.native import External
from svcfx.node.opening import opening

_FORMAT: Any = pedalboard.VST3Plugin
_LOAD: Any = pedalboard.load_plugin  # type: ignore[attr-defined]
_LEFT_OUT: Any = getattr(pedalboard._pedalboard, "PARAMETER_NAME_REGEXES_TO_IGNORE", None)
_CONTROLLERS = re.compile(r"MIDI Ch\. \d+ CC \d+$")
"""How DISTRHO's plug-ins call 2,080 parameters that stand for MIDI controllers and are none to turn.
pedalboard leaves JUCE's out, by name, and would try a thousand values on each of these: 22 s a plug-in."""
_PATHS: weakref.WeakKeyDictionary[External, Path] = weakref.WeakKeyDictionary()

if isinstance(_LEFT_OUT, set):
    _LEFT_OUT.add(_CONTROLLERS)
_TURNED: weakref.WeakKeyDictionary[External, dict[str, None]] = weakref.WeakKeyDictionary()


def installed() -> list[Path]:
    """VST3 files in the system's own folders, in the order of their names."""
    return sorted(Path(path) for path in _FORMAT.installed_plugins)


def is_installed(name: str) -> bool:
    """Whether a file named for this plugin is installed and holds it; it is not opened."""
    return _file_called(name) is not None


def load(path: str | Path, name: str = "") -> External:
    """Open the plugin called `name` in a file; the only one when `name` is empty.

    Raises:
        PresetError: The file is missing or no plugin, or holds several and none was named.
    """
    try:
        with float_mode.kept(), opening(name or Path(path).stem):
            plugin: External = _LOAD(str(path), plugin_name=name or None)
    except (ImportError, ValueError, OSError) as error:
        raise PresetError(f"'{path}' is no plugin that can be opened: {_said(error)}") from error
    _PATHS[plugin] = Path(path)
    return plugin


def find(wanted: str) -> External:
    """Open an installed VST3 by its identifier (`VST3-ZamCompX2-55171d9a-ee6a0c5`) or its name.

    Raises:
        PresetError: None has it; the nearest is named.
    """
    near = _file_called(wanted)
    if near is not None:
        return load(near, wanted)
    known = names()
    if wanted in known:
        return load(known[wanted], wanted)
    for name, path in known.items():
        if wanted.startswith(f"VST3-{name}-"):
            have = identifier_of(path, name)
            if have == wanted:
                return load(path, name)
            raise PresetError(
                f"the VST3 '{wanted}' is not installed, another {name} is", hint=f"write '{have}'"
            )
    raise PresetError(
        f"no VST3 '{wanted}' is installed{nearest(wanted, known)}",
        hint="install it into the system's VST3 folder, or give its file with `allow_plugin` PATH",
    )


@cache
def names() -> dict[str, Path]:
    """Installed VST3s: the name each gives itself, and its file."""
    found: dict[str, Path] = {}
    for path in installed():
        for name in names_in(path):
            found.setdefault(name, path)
    return found


@cache
def identifier_of(path: Path, name: str) -> str:
    """The identifier of one plugin in a file: opens it once."""
    return str(load(path, name).identifier)


def path_of(plugin: External) -> Path:
    """The file that an open VST3 came from; pedalboard does not keep it.

    Raises:
        BoardError: It was opened from outside the system's folders, and not through svcfx.
    """
    known = _PATHS.get(plugin)
    if known is not None:
        return known
    path = _file_called(str(plugin.name)) or names().get(str(plugin.name))
    if path is None or identifier_of(path, str(plugin.name)) != plugin.identifier:
        raise BoardError(
            f"the VST3 {plugin.name} cannot be copied or saved: its file is not known",
            hint="open it with svcfx.node.plugins.load(path), which remembers the file",
        )
    return path


def put(plugin: External, name: str, value: Any) -> None:
    """Set a parameter of an open VST3, which tells of that only when it has played: `turned` knows."""
    setattr(plugin, name, value)
    _TURNED.setdefault(plugin, {})[name] = None


def turned(plugin: External) -> tuple[str, ...]:
    """Names of the parameters that `put` set, each once."""
    return tuple(sorted(_TURNED.get(plugin, ())))


def _file_called(name: str) -> Path | None:
    """The installed file named for a plugin, when it does hold that plugin: the rest stay closed."""
    for path in installed():
        if path.stem == name and name in names_in(path):
            return path
    return None


def names_in(path: Path) -> list[str]:
    """Names of the plugins in a file; none of a broken one."""
    try:
        with float_mode.kept(), opening(path.stem):
            return list(_FORMAT.get_plugin_names_for_file(str(path)))
    except (ImportError, ValueError, OSError):  # a broken bundle is not offered
        return []


def _said(error: Exception) -> str:
    """All that pedalboard said, in one line: its reason stands in the second."""
    lines = [line.strip().removeprefix("VST3Plugin: ") for line in str(error).splitlines()]
    return " ".join(line for line in lines if line)[:300] or type(error).__name__
