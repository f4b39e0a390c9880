"""A document's text as editors on any machine save it, and TOML out of it."""

import codecs
import re
import tomllib
from pathlib import Path
from typing import Any

from svcfx.documents.form import Form
from svcfx.documents.paths import near_path
from svcfx.errors import InputError

_WIDE = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
_CURLY = re.compile("[“”„‘’«»]")
_LINE = re.compile(r"at line (\d+)")
_SAVE_AS = "save it as UTF-8: in Notepad by Save as, in PowerShell by -Encoding utf8"


def read_text(path: Path, form: Form) -> str:
    """The text of a document; a UTF-8 mark in front is passed over, and any line ending is "\\n".

    Raises:
        InputError: `form.error`; it is missing (a near name is told), no regular file, too long, may not
            be read, or is in another encoding, which is named where it can be known.
    """
    try:
        if path.is_dir():
            inside = path / f"{form.name}.toml"
            raise form.refused(path, "is a folder", hint=f"did you mean '{inside}'?" * inside.is_file())
        if not path.exists():
            near = near_path(path.parent, path.name) if path.parent.is_dir() else near_path(Path(), str(path))
            raise form.refused(path, f"does not exist{near}")
        if not path.is_file():
            raise form.refused(path, "is a device or pipe, not a file")
        if path.stat().st_size > form.max_bytes:
            size = f"{form.max_bytes // 1_000_000} MB"
            raise form.refused(path, f"is over {size}, no {form.name} is that long")
        return _decoded(path.read_bytes(), path, form)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        if isinstance(error, InputError):
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise form.refused(path, f"may not be read: {why.lower()}") from error


def one_line(text: str) -> str:
    """What a line of any file can hold of a stranger's text: blanks in place of the rest.

    >>> one_line("Verse 1\\n\\x00(lead)")
    'Verse 1  (lead)'
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _decoded(data: bytes, path: Path, form: Form) -> str:
    wide = next((name for mark, name in _WIDE if data.startswith(mark)), "")
    if not wide and 0 < len(data) <= 4 * (data[:200].count(0) + data[200:].count(0)):
        wide = "UTF-16"
    if wide:
        raise form.refused(path, f"is {wide} text, not UTF-8", hint=_SAVE_AS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = f"is not UTF-8 text: byte 0x{data[error.start]:02X} in line {line}"
        raise form.refused(path, said, hint=_SAVE_AS) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_toml(text: str, path: Path, form: Form) -> dict[str, Any]:
    """The tables of TOML text.

    Raises:
        InputError: `form.error`; it is no TOML, with line, column and, where a habit explains it, the fix.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a date such as 2024-02-31 is a plain ValueError
        raise form.refused(path, f"is no TOML: {str(error)[:200]}", hint=_habit(text, str(error))) from error


def _habit(text: str, said: str) -> str:
    """What explains a mistake that word processors and Windows paths make."""
    found = _LINE.search(said)
    lines = text.split("\n")
    line = lines[min(int(found[1]), len(lines)) - 1] if found else ""
    quoted = re.search(r'"([^"]*\\[^"]*)"', line)
    if quoted:
        right = quoted[1].replace("\\\\", "/").replace("\\", "/")
        return f'a backslash in double quotes begins an escape: write "{right}"'
    if _CURLY.search(line):
        return 'the quotes are a word processor\'s: write straight ones, "..."'
    return ""
