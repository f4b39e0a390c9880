"""Who sings in an RVC file: one singer, whatever rows its table has, unless the file says of more."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svcfx.errors import VoiceError

_STEP = re.compile(r"(?i)([_-](e\d+|s\d+|\d+e|\d+s))+$")
_TRAINING = re.compile(r"(?i)^[GD]_\d+$")
_ODD = re.compile(r"[^\w .()+-]+")
_LONGEST = 64


def singers(path: Path, said: Mapping[str, Any], rows: int) -> dict[str, int]:
    """Row of each singer.

    Raises:
        VoiceError: A singer's row is beyond the table's.
    """
    named = _said(said.get("speaker_info")) or _numbered(said.get("speakers_id"), rows)
    if not named:
        return {called(path, said): 0}
    for name, row in named.items():
        if not 0 <= row < rows:
            raise VoiceError(
                f"voice '{path.name}': singer '{name}' is row {row}, the voice has 0 to {rows - 1}"
            )
    return named


def called(path: Path, said: Mapping[str, Any]) -> str:
    """What a file's only singer is called: as Applio says, or as the file is without epoch and step.

    A training state is called as the folder that it lies in.
    """
    said_name = said.get("model_name")
    stem = path.absolute().parent.name if _TRAINING.match(path.stem) else path.stem
    text = said_name if isinstance(said_name, str) and said_name.strip() else _STEP.sub("", stem)
    name = _ODD.sub(" ", text)[:_LONGEST].strip(" .-_")
    return name or "voice"


def _said(table: object) -> dict[str, int]:
    """Names of `speaker_info`: a list by row, or a table either way round; else {}."""
    if isinstance(table, (list, tuple)):
        return {str(name): row for row, name in enumerate(table) if isinstance(name, str)}
    if not isinstance(table, Mapping):
        return {}
    found = {}
    for key, value in table.items():
        if isinstance(value, int) and not isinstance(value, bool):
            found[str(key)] = value
        elif isinstance(value, str) and str(key).isdigit():
            found[value] = int(key)
    return found


def _numbered(count: object, rows: int) -> dict[str, int]:
    """Applio's number of singers, who are called by their rows; none where there is one."""
    several = isinstance(count, int) and not isinstance(count, bool) and 1 < count <= rows
    return {f"singer {row}": row for row in range(int(str(count)))} if several else {}
