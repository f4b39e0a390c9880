"""A first session for a folder of stems: each file's role guessed from its name, everything else at rest."""

import re
from collections.abc import Sequence
from pathlib import PurePath

import tomlkit

from svcfx.session.strip_model import Role

_HINTS: tuple[tuple[Role, str], ...] = (
    ("drums", r"drum|perc|kick|snare|hi-?hat|cymbal|beat|loop|toms?\b"),
    ("backing", r"back(ing|ground)?[ _-]?v|bgv|bvox|choir|chorus|ooh|aah|backing"),
    ("harmony", r"harmon|double|dbl|third|fifth"),
    ("lead", r"lead|vocal|vox|voice|sing|acapp?ella|main"),
)
_ORDER: tuple[Role, ...] = ("lead", "backing", "harmony", "accompaniment", "drums", "pass")
_BPM = re.compile(r"(?<!\d)(\d{2,3})(?:[ _-]?bpm)", re.IGNORECASE)
DEFAULT_BPM = 120.0


def role_of(name: str) -> Role:
    """What a file's name says of its role; what says nothing is accompaniment.

    >>> role_of("01 Lead Vox.wav"), role_of("Drum Loop 90bpm.flac"), role_of("piano.wav")
    ('lead', 'drums', 'accompaniment')
    """
    stem = PurePath(name).stem.casefold()
    return next((role for role, words in _HINTS if re.search(words, stem)), "accompaniment")


def propose(files: Sequence[str], *, title: str = "") -> str:
    """The text of a session of these audio files, named as the session would write them, leads first.

    Its tempo is what a file's name says ("loop 96 bpm.wav"), else 120: there are bars at once.
    """
    tree = tomlkit.document()
    tree["svcfx_session"] = 1
    if title:
        tree["title"] = title
    stems = tomlkit.aot()
    for file in sorted(files, key=lambda name: _ORDER.index(role_of(name))):
        stems.append(stem_table(file))
    tempo = tomlkit.table()
    tempo["bpm"] = _bpm(files)
    tree["tempo"] = tempo
    tree["stems"] = stems
    return tomlkit.dumps(tree)


def stem_table(file: str) -> "tomlkit.items.Table":
    """The table of one stem."""
    table = tomlkit.table()
    table["file"] = file
    table["role"] = role_of(file)
    return table


def _bpm(files: Sequence[str]) -> float:
    said = [float(found[1]) for name in files if (found := _BPM.search(name))]
    return next((bpm for bpm in said if 20 <= bpm <= 400), DEFAULT_BPM)
