"""What a file's name says of its role in the song, and by which word."""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePath

from svcfx.session.strip_model import Role

_SUNG = r"vox|vocals?|voc|voices?|sing(ing|er)?|sung|acapp?ellas?|gesang|stimme|voix|voz|voce"
_HINTS: tuple[tuple[Role, str], ...] = (
    (
        "drums",
        r"drums?|drm|dr|drumkit|perc(ussion)?|kicks?|bd|snares?|sd|sn|hi ?hats?|hats?|hh|cymbals?|ride",
    ),
    (
        "drums",
        r"crash|toms?|overheads?|oh|shaker|claps?|tamb(ourine)?|conga|bongo|cajon|beats?|loops?|batterie",
    ),
    (
        "backing",
        r"b(ac)?k(ing|ground)?|bgs?|bgvs?|bvs?|bvox|choirs?|chor(us)?|ooh|aah|oohs|aahs|gang|adlibs?",
    ),
    ("backing", rf"(b(ac)?k(ing|ground)?|bg)({_SUNG})"),
    ("harmony", r"harm(on(y|ies))?|doubles?|dbl|dubs?|thirds?|fifths?|octaves?"),
    ("lead", rf"(lead|ld|main)?({_SUNG})"),
    (
        "accompaniment",
        r"guitars?|gtrs?|git|ac(oustic)?g(tr)?|e(lectric)?g(tr)?|bass|sub|banjo|ukulele|uke|harp",
    ),
    (
        "accompaniment",
        r"keys?|keyboards?|pianos?|pno|rhodes|wurli|organ|synths?|syn|pads?|arps?|strings?|str",
    ),
    (
        "accompaniment",
        r"brass|horns?|trumpets?|sax(ophone)?|flutes?|violins?|viola|cello|orch(estra)?|bells?",
    ),
    (
        "accompaniment",
        r"band|instr(umental)?s?|inst|music|backtrack|playback|karaoke|accomp(animent)?|fx|sfx",
    ),
    ("accompaniment", r"pluck|mallets?|vibes|marimba|clav|lute|gitarre|guitare|guitarra|klavier"),
    ("lead", r"lead|ld|main"),
)
_MIXES = re.compile(r"(full|rough)?mix(down|ed)?|(pre)?master(ed)?")
_PARTS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words(name: str) -> tuple[str, ...]:
    """The words of a file's name, folded.

    >>> words("verse/01_LeadVox take-2.wav")
    ('lead', 'vox', 'take')
    """
    stem = PurePath(name.replace("\\", "/")).name.rsplit(".", 1)[0]
    return tuple(word.casefold() for word in _PARTS.findall(_CAMEL.sub(" ", stem)))


def said(name: str, unsaid: Collection[str] = ()) -> tuple[Role, str] | None:
    """The role that a file's name says and the word that says it, or None; words in `unsaid` say nothing.

    >>> said("Lead Gtr.wav"), said("BV 2.wav"), said("Audio 3.wav")
    (('accompaniment', 'gtr'), ('backing', 'bv'), None)
    """
    heard = [word for word in words(name) if word not in unsaid]
    for role, pattern in _HINTS:
        for word in heard:
            if re.fullmatch(pattern, word):
                return role, word
    return None


def common(names: Sequence[str]) -> frozenset[str]:
    """Words of all of several names, such as the song's title: they tell no file from another."""
    shared = [set(words(name)) for name in names]
    return frozenset(set.intersection(*shared)) if len(shared) > 1 else frozenset()


def mixed(name: str, unsaid: Collection[str] = ()) -> str:
    """The word that says that a file is the whole song, or ""."""
    heard = [word for word in words(name) if word not in unsaid]
    return next((word for word in heard if _MIXES.fullmatch(word)), "") if said(name, unsaid) is None else ""
