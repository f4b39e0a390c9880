"""The text of a first session: stems with their roles, everything else at rest, and why for each line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import tomlkit

from svcfx.documents import one_line
from svcfx.session import roles
from svcfx.session.strip_model import Role

_ORDER: tuple[Role, ...] = ("lead", "backing", "harmony", "accompaniment", "drums", "pass")
_BPM = re.compile(r"(?<!\d)(\d{2,3})(?:[ _-]?bpm)", re.IGNORECASE)
DEFAULT_BPM = 120.0


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A value of the session, why it stands there, and what else may be said in a line below it."""

    value: Any
    why: str = ""
    more: str = ""


Lines = Mapping[str, ProposedLine]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a session is to say: its title, its time (`midi` or `tempo`), its stems, its master."""

    stems: Sequence[Lines]
    title: str = ""
    midi: Lines = field(default_factory=dict)
    tempo: Lines = field(default_factory=dict)
    master: Lines = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The session, leads first, each reason a comment behind its line."""
        tree = tomlkit.document()
        tree["svcfx_session"] = 1
        if self.title:
            tree["title"] = self.title
        for name in ("midi", "tempo"):
            if lines := getattr(self, name):
                tree[name] = _table(lines)
        stems = tomlkit.aot()
        for lines in sorted(self.stems, key=lambda lines: _ORDER.index(lines["role"].value)):
            stems.append(_table(lines))
        tree["stems"] = stems
        if self.master:
            tree["master"] = _table(self.master)
        return tomlkit.dumps(tree)


def role_of(name: str) -> Role:
    """What a file's name says of its role; what says nothing is accompaniment.

    >>> role_of("01 Lead Vox.wav"), role_of("Drum Loop 90bpm.flac"), role_of("piano.wav")
    ('lead', 'drums', 'accompaniment')
    """
    found = roles.said(name)
    return found[0] if found else "accompaniment"


def propose(
    files: Sequence[str], *, title: str = "", known: Mapping[str, Role] = MappingProxyType({})
) -> str:
    """The text of a session of these audio files, named as the session would write them, by names alone but
    for roles that are `known`, by file."""
    stems = [{key: ProposedLine(value) for key, value in stem_table(file, known).items()} for file in files]
    return Proposal(stems, title, tempo={"bpm": ProposedLine(tempo(files).value)}).text


def stem_table(file: str, known: Mapping[str, Role]) -> dict[str, str]:
    """The table of one stem, its role as `known` or by its name."""
    return {"file": file, "role": known.get(file) or role_of(file)}


def tempo(files: Sequence[str]) -> ProposedLine:
    """Quarters a minute that a file's name says ("loop 96 bpm.wav"), else 120: there are bars at once."""
    for name in files:
        if (found := _BPM.search(name)) and 20 <= float(found[1]) <= 400:
            return ProposedLine(float(found[1]), f"'{found[0]}' in a file's name")
    return ProposedLine(DEFAULT_BPM, "nothing says it: bars are counted so until you do")


def _table(lines: Lines) -> "tomlkit.items.Table":
    table = tomlkit.table()
    for key, line in lines.items():
        item = tomlkit.item(line.value)
        if line.why:
            item.comment(one_line(line.why))
            item.trivia.comment_ws = "  "
        table.add(key, item)
        if line.more:
            table.add(tomlkit.comment(line.more))
    return table
