"""Which pieces are kept for validation: chosen by their sound, so that new recordings move few of them."""

from collections.abc import Mapping, Sequence

from svcfx.training.index import Part
from svcfx.training.prepare.hearing import Kept

SHARE = 0.05
MOST = 8


def parts(kept: Sequence[Kept], settled: Mapping[str, Part]) -> dict[str, Part]:
    """The part of each piece by the hash of its sound; `settled` ones stay what they are.

    Each singer gives a twentieth, one piece at least and eight at most; one with a single piece gives none.
    """
    found: dict[str, Part] = {}
    for singer in sorted({piece.recording.singer for piece in kept}):
        sounds = sorted(piece.heard.sha256 for piece in kept if piece.recording.singer == singer)
        wanted = min(max(round(SHARE * len(sounds)), 1), MOST, len(sounds) - 1)
        held = [sound for sound in sounds if settled.get(sound) == "validation"]
        free = [sound for sound in sounds if sound not in settled]
        held += free[: max(wanted - len(held), 0)]
        found |= {sound: "validation" if sound in held else "train" for sound in sounds}
    return found
