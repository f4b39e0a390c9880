"""The state of a VST3 from outside, a .vstpreset or raw bytes: looked at before the plugin is given any.

A plugin is not made for bytes that are not its own, and may crash on them. A .vstpreset is "VST3", a version,
the plugin's class in 32 hexadecimal digits, and the place of a list of chunks, whose entries are name, place
and size, all little-endian. Source: Steinberg, VST 3 Developer Portal, preset format.
"""

import hashlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svcfx.errors import PresetError

SUFFIX = ".vstpreset"
LARGEST_BYTES = 64 << 20
"""Of a .vstpreset: those with samples in them have some megabytes."""
_HEADER = struct.Struct("<4si32sq")
_LIST, _ENTRY = struct.Struct("<4si"), struct.Struct("<4sqq")
_MOST_CHUNKS = 128
_CLASS = re.compile(rb"[0-9A-Fa-f]{32}")
_RAW_MAGIC, _RAW = b"VC2!", struct.Struct("<4sI")


@dataclass(frozen=True, slots=True)
class PluginState:
    """Bytes that say how a VST3 stands: the whole .vstpreset called `file`, or raw state where that is "".

    `identifier` and `version` are those of the plugin that gave them, "" where nobody wrote them down.
    """

    data: bytes
    file: str = ""
    identifier: str = ""
    version: str = ""

    @property
    def known_by(self) -> tuple[str, str, str]:
        """What tells it from another in a few words: file, SHA-256 of the bytes, whose they are."""
        return self.file, hashlib.sha256(self.data).hexdigest(), self.identifier


def is_file(written: str) -> bool:
    """Whether a state that is written names a file: base64 has no full stop."""
    return written.lower().endswith(SUFFIX)


def read(path: Path, called: str) -> PluginState:
    """The .vstpreset at `path`; `called` is what messages call it.

    Raises:
        PresetError: It cannot be read, is too large, or no .vstpreset.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise PresetError(f"state is '{called}' of {size:,} bytes, at most {LARGEST_BYTES:,} are read")
        data = path.read_bytes()
    except OSError as error:
        raise PresetError(f"state is '{called}', which cannot be read: {error.strerror}") from error
    if why := _broken(data):
        raise PresetError(f"state is '{called}', which is no {SUFFIX}: {why}")
    return PluginState(data, called)


def raw(data: bytes, identifier: str = "", version: str = "") -> PluginState:
    """Raw state, as pedalboard gives it of a plugin.

    Raises:
        PresetError: It is none of a VST3.
    """
    magic, size = _RAW.unpack_from(data) if len(data) >= _RAW.size else (b"", 0)
    if magic != _RAW_MAGIC or size + _RAW.size + 1 != len(data):
        raise PresetError("state is no state of a VST3", hint="copy it whole, or name a .vstpreset file")
    return PluginState(data, "", identifier, version)


def restore(plugin: Any, state: PluginState) -> None:
    """Bring an open VST3 to a state.

    Raises:
        PresetError: It is another plugin's, or this one does not take it.
    """
    if state.identifier and _core(state.identifier) != _core(str(plugin.identifier)):
        raise PresetError(f"state is of the VST3 '{state.identifier}', and this is '{plugin.identifier}'")
    if state.file:
        theirs, ours = class_of(state.data), class_of(bytes(plugin.preset_data))
        if theirs != ours:
            raise PresetError(
                f"state is '{state.file}', which is of another VST3 (class {theirs}) "
                f"than {plugin.name} ({ours})"
            )
    try:
        if state.file:
            plugin.preset_data = state.data
        else:
            plugin.raw_state = state.data
    except (RuntimeError, ValueError) as error:
        raise PresetError(f"{plugin.name} does not take the state that is given") from error


def class_of(data: bytes) -> str:
    """The class of the plugin that a .vstpreset is for."""
    return data[8:40].decode("ascii", "replace").upper()


def _core(identifier: str) -> tuple[str, str]:
    """Name and number of a plugin: between them stands what depends on where its file lies."""
    name, _, rest = identifier.rpartition("-")
    return name.rpartition("-")[0], rest


def _broken(data: bytes) -> str:
    """Why these bytes are no .vstpreset; "" where they are."""
    if len(data) < _HEADER.size:
        return "it is too short"
    magic, _, kind, place = _HEADER.unpack_from(data)
    if magic != b"VST3" or not _CLASS.fullmatch(kind):
        return "it does not begin as one"
    if not _HEADER.size <= place <= len(data) - _LIST.size:
        return "its list of chunks lies outside"
    name, count = _LIST.unpack_from(data, place)
    first = place + _LIST.size
    if name != b"List" or not 1 <= count <= _MOST_CHUNKS or first + count * _ENTRY.size > len(data):
        return "its list of chunks is none"
    return _misplaced(list(_ENTRY.iter_unpack(data[first : first + count * _ENTRY.size])), place)


def _misplaced(chunks: list[tuple[bytes, int, int]], end: int) -> str:
    for name, place, size in chunks:
        if not (_HEADER.size <= place <= end and 0 <= size <= end - place):
            return f"its chunk {name.decode('ascii', 'replace')!r} lies outside"
    return "" if any(name == b"Comp" for name, _, _ in chunks) else "it has no state of a component"
