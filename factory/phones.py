"""The 39 CMU phones plus pause, and the table that brings espeak-ng's mnemonics to them.

Source of the inventory: CMU Pronouncing Dictionary (ARPAbet without stress). espeak-ng mnemonics
are those its English voices report as phoneme events; the table was filled from what they emit.
"""

PAUSE = "pau"
_VOWELS = "aa ae ah ao aw ay eh er ey ih iy ow oy uh uw"
_CONSONANTS = "b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh"
_SONORANTS = "l m n ng r w y"

PHONES: tuple[str, ...] = (PAUSE, *_VOWELS.split(), *_CONSONANTS.split())
INDEX: dict[str, int] = {name: index for index, name in enumerate(PHONES)}
VOWELS = frozenset(_VOWELS.split())
SONORANTS = frozenset(_SONORANTS.split())

_FLITE = {"ax": "ah", "axr": "er", "ix": "ih", "sil": "pau", "h#": "pau", "ssil": "pau", "hv": "hh"}

# Written as "mnemonic:phone" words; several mnemonics are accent variants of one phone.
_TABLE = """
pau _ _: _! _|
aa A A: A@ A# 0 0:
ae a aa
ah V @ @2 @# @5 @L a# @-
ao 0# O O: O2 O@ o@
aw aU aU@
ay aI aI@ aI2 aI3
eh E E2 E# e e@ E@
er 3 3: @r @3 VR IR 3:r
ey e: eI
ih I I2 I# I@
iy i i: i@ i@3
ow o: o oU @U
oy OI
uh U U@ U2
uw u u:
b b
ch tS
d d
dh D
f f
g g
hh h C
jh dZ
k k x
l l l- l# L
m m m-
n n n-
ng N
p p
r r r- R
s s
sh S
t t t2 t# ? t[
th T
v v
w w w#
y j
z z z#
zh Z
"""
"""A CMU phone and the mnemonics that become it; several are variants of an accent."""
_ESPEAK = {name: row.split()[0] for row in _TABLE.strip().splitlines() for name in row.split()[1:]}


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
