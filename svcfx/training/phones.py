"""The 39 CMU phones plus pause, and the table that brings espeak-ng's mnemonics to them.

Source of the inventory: CMU Pronouncing Dictionary (ARPAbet without stress). espeak-ng mnemonics
are those its English voices report as phoneme events; the table was filled from what they emit.
"""

PHONES: tuple[str, ...] = (
    "pau",
    *["aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"],
    *[
        "b",
        "ch",
        "d",
        "dh",
        "f",
        "g",
        "hh",
        "jh",
        "k",
        "l",
        "m",
        "n",
        "ng",
        "p",
        "r",
        "s",
        "sh",
        "t",
        "th",
        "v",
        "w",
        "y",
        "z",
        "zh",
    ],
)
INDEX: dict[str, int] = {name: index for index, name in enumerate(PHONES)}
VOWELS = frozenset(["aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "oy", "uh", "uw"])
SONORANTS = frozenset(["l", "m", "n", "ng", "r", "w", "y"])
PAUSE = "pau"

_FLITE = {"ax": "ah", "axr": "er", "ix": "ih", "sil": "pau", "h#": "pau", "ssil": "pau", "hv": "hh"}

# Written as "mnemonic:phone" words; several mnemonics are accent variants of one phone.
_ESPEAK = dict(
    pair.rsplit(":", 1)
    for pair in [
        "a:ae",
        "aa:ae",
        "A:aa",
        "A::aa",
        "A@:aa",
        "A#:aa",
        "0:aa",
        "0::aa",
        "0#:ao",
        "O:ao",
        "O::ao",
        "O2:ao",
        "O@:ao",
        "o@:ao",
        "o::ow",
        "o:ow",
        "V:ah",
        "@:ah",
        "@2:ah",
        "@#:ah",
        "@5:ah",
        "@L:ah",
        "a#:ah",
        "aI:ay",
        "aI@:ay",
        "aI2:ay",
        "aI3:ay",
        "aU:aw",
        "aU@:aw",
        "E:eh",
        "E2:eh",
        "E#:eh",
        "e:eh",
        "e::ey",
        "e@:eh",
        "E@:eh",
        "eI:ey",
        "3:er",
        "3::er",
        "@r:er",
        "I:ih",
        "I2:ih",
        "I#:ih",
        "I@:ih",
        "i:iy",
        "i::iy",
        "i@:iy",
        "i@3:iy",
        "oU:ow",
        "@U:ow",
        "OI:oy",
        "U:uh",
        "U@:uh",
        "u:uw",
        "u::uw",
        "b:b",
        "tS:ch",
        "d:d",
        "D:dh",
        "f:f",
        "g:g",
        "h:hh",
        "dZ:jh",
        "k:k",
        "l:l",
        "l-:l",
        "l#:l",
        "L:l",
        "m:m",
        "m-:m",
        "n:n",
        "N:ng",
        "p:p",
        "r:r",
        "r-:r",
        "R:r",
        "s:s",
        "S:sh",
        "t:t",
        "t2:t",
        "t#:t",
        "?:t",
        "T:th",
        "v:v",
        "w:w",
        "j:y",
        "z:z",
        "z#:z",
        "Z:zh",
        "x:k",
        "C:hh",
        "U2:uh",
        "@3:er",
        "@-:ah",
        "n-:n",
        "w#:w",
        "VR:er",
        "IR:er",
        "t[:t",
        "_:pau",
        "_::pau",
        "_!:pau",
        "_|:pau",
    ]
)
_ESPEAK["3:r"] = "er"


def from_flite(name: str) -> str:
    """CMU phone of a flite segment name; raises `KeyError` when it has none."""
    phone = _FLITE.get(name, name)
    if phone not in INDEX:
        raise KeyError(name)
    return phone


def from_espeak(mnemonic: str) -> str:
    """CMU phone of an espeak-ng mnemonic; raises `KeyError` when it has none."""
    bare = mnemonic.strip("'`,%=")
    if bare in _ESPEAK:
        return _ESPEAK[bare]
    return _ESPEAK[bare.rstrip(";:")]
