"""The bundled song as a score: "Auld Lang Syne", one verse and the chorus, 50 seconds.

Words: Robert Burns, 1788, sung here in English spelling. Tune: Scottish, printed with these words in 1799
(Thomson, A Select Collection of Original Scottish Airs). Both are in the public domain everywhere: the author
died in 1796. The arrangement was written for svcfx.

Time is counted in quarter notes from bar 1, beat 1. Pitches are MIDI numbers in the key in which the stems
are played, D major; the MIDI file asks svcfx to move the key up at the chorus.
"""

from dataclasses import dataclass

TICKS = 480
BEATS_PER_BAR = 4
BARS = 20
TEMPOS = ((0.0, 92.0), (40.0, 100.0))
"""(quarter, beats a minute): the chorus, from bar 11, is faster."""
KEYS = ((0.0, 0), (39.0, 2))
"""(quarter, semitones): up a tone on the last beat of bar 10, where the dominant leads to the chorus."""
MARKERS = ((0.0, "intro"), (8.0, "verse"), (40.0, "chorus"), (72.0, "ending"))
BRIGHTNESS = ((0.0, 64), (40.0, 74), (56.0, 88), (64.0, 74), (72.0, 64))
"""(quarter, value) of CC 74 on the track `lead`: the formant opens at the height of the chorus."""


SYMBOLS = {
    "should": "ʃʊd", "old": "ˈOld", "acquaintance": "ʌkwˈAntɪns", "be": "bi", "forgot": "fəɹɡˈɑt",
    "and": "ænd", "never": "nˈɛvəɹ", "brought": "bɹˈɔt", "to": "tu", "mind": "mˈInd", "days": "dˈAz",
    "of": "ʌv", "lang": "lˈæŋ", "syne": "sˈIn", "for": "fɔɹ", "my": "mI", "dear": "dˈɪɹ", "we'll": "wil",
    "take": "tˈAk", "a": "ə", "cup": "kˈʌp", "kindness": "kˈIndnəs", "yet": "jˈɛt", "ooh": "ˈu", "aah": "ˈɑ",
}  # fmt: skip
"""Every word as Kokoro writes sounds; weak vowels that are held are written as full ones."""


@dataclass(frozen=True, slots=True)
class Note:
    """A pitch (MIDI number), where it starts and how long it lasts, in quarters."""

    pitch: int
    start: float
    quarters: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of `SYMBOLS` and, for each of their vowels, the notes it is sung on."""

    words: str
    start: float
    syllables: tuple[tuple[Note, ...], ...]


def seconds(quarter: float) -> float:
    """When `quarter` comes, by the tempo map."""
    total = 0.0
    for index, (start, bpm) in enumerate(TEMPOS):
        end = TEMPOS[index + 1][0] if index + 1 < len(TEMPOS) else float("inf")
        total += max(0.0, min(quarter, end) - start) * 60.0 / bpm
    return total


def _phrase(words: str, start: float, melody: str) -> Phrase:
    """A melody as written: `D4:1.5` a syllable, and `A4:1.5+F#4:.5` where two notes share a vowel."""
    sung, at = [], start
    for syllable in melody.split():
        notes = []
        for part in syllable.split("+"):
            name, length = part.split(":")
            notes.append(Note(_pitch(name), at, float(length)))
            at += float(length)
        sung.append(tuple(notes))
    return Phrase(words, start, tuple(sung))


def _pitch(name: str) -> int:
    step = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name[0]]
    return 12 * (int(name[-1]) + 1) + step + name.count("#")


LEAD = (
    _phrase(
        "should old acquaintance be forgot",
        7.0,
        "A2:1 D3:1.5 D3:.5 D3:1 F#3:1 E3:1.5 D3:.5 E3:.85",
    ),
    _phrase("and never brought to mind", 15.0, "F#3:1 D3:1.5 D3:.5 F#3:1 A3:1 B3:2.6"),
    _phrase(
        "should old acquaintance be forgot",
        23.0,
        "B3:1 A3:1.5 F#3:.5 F#3:1 D3:1 E3:1.5 D3:.5 E3:.85",
    ),
    _phrase("and days of old lang syne", 31.0, "F#3:1 D3:1.5 B2:.5 B2:1 A2:1 D3:2.6"),
    _phrase("for old lang syne my dear", 39.0, "B3:1 A3:1.5+F#3:.5 F#3:1+D3:1 E3:1.5 D3:.5 E3:.85"),
    _phrase("for old lang syne", 47.0, "B3:1 A3:1.5+F#3:.5 F#3:1+A3:1 B3:2.6"),
    _phrase(
        "we'll take a cup of kindness yet",
        55.0,
        "B3:1 A3:1.5 F#3:.5 F#3:1 D3:1 E3:1.5 D3:.5 E3:.85",
    ),
    _phrase("for old lang syne", 63.0, "F#3:1 D3:1.5+B2:.5 B2:1+A2:1 D3:4.5"),
)

BACKING = (
    _phrase("ooh", 16.0, "D3:4+F#3:3.5"),
    _phrase("ooh", 24.0, "F#3:2+D3:2+C#3:3.5"),
    _phrase("ooh", 32.0, "B2:2+A2:2+A2:3.5"),
    _phrase("aah", 40.0, "F#3:2+D3:2+C#3:3.5"),
    _phrase("aah", 48.0, "F#3:2+D3:2+G3:3.5"),
    _phrase("aah", 56.0, "F#3:2+D3:2+C#3:3.5"),
    _phrase("ooh", 64.0, "G2:2+C#3:2+A2:4.5"),
)
"""A low line under the lead, one note at a time, so that it can be converted like the lead."""

_BARS = (
    "D A7",
    "D A7",
    *("D", "A7", "D", "G", "D", "A7", "G A7", "D D A7"),
    *("D", "A7", "D", "G", "D", "A7", "G A7", "D"),
    *("G D", "D"),
)


def chords() -> tuple[tuple[str, float, float], ...]:
    """(chord, start, quarters) of every chord; a bar of three holds two beats and then one and one."""
    shapes = {1: (4.0,), 2: (2.0, 2.0), 3: (2.0, 1.0, 1.0)}
    found = []
    for bar, names in enumerate(_BARS):
        at = float(bar * BEATS_PER_BAR)
        for name, length in zip(names.split(), shapes[len(names.split())], strict=True):
            found.append((name, at, length))
            at += length
    return tuple(found)


SHAPES = {
    "D": (38, (50, 57, 62, 66, 69)),
    "G": (43, (50, 55, 59, 62, 67)),
    "A7": (45, (52, 55, 61, 64, 69)),
}
"""Bass note and strings of each chord, as MIDI numbers."""
