"""What no judge is trained on: voices, sentences and sung phrases kept for the benchmark.

Fixed before the first training run. Whoever makes material of engines calls `refuse` for every voice and
text, so a held-out source cannot slip in.
"""

from dataclasses import dataclass

from factory.engines.speech import EngineVoice
from svcfx.errors import InputError

SEED = 20261121

VOICES: tuple[EngineVoice, ...] = (
    EngineVoice("flite", "awb"),
    EngineVoice("espeak", "en-us+f4", words_per_minute=160),
    EngineVoice("espeak", "en-us+m3", words_per_minute=160),
    EngineVoice("espeak", "en-us+Mario", words_per_minute=160),
    EngineVoice("espeak", "en-us+Hugo", words_per_minute=160),
)
NAMES = frozenset({"awb", "awb_time", "f4", "female4", "m3", "male3", "Mario", "mario", "Hugo", "hugo"})

SENTENCES: tuple[str, ...] = (
    "The old harbor master counted seven boats before the storm.",
    "Please leave the yellow umbrella beside the kitchen window.",
    "Nobody knew why the orchestra stopped in the middle of the waltz.",
    "A thin layer of ice covered the pond where we used to fish.",
    "She borrowed three books about volcanoes and never gave them back.",
    "My brother fixes bicycles in a garage behind the church.",
    "They should have told us that the bridge was closed on Thursday.",
    "Fresh bread and strong coffee make every morning better.",
    "The judge asked the witness to point at the map again.",
    "We drove through the valley while the sun was going down.",
    "How much would you pay for a chair with only three legs?",
    "Children threw pebbles into the river and watched the rings grow.",
)


@dataclass(frozen=True, slots=True)
class SungPhrase:
    """Words, the middle of the melody in Hz, and the seed of its notes and vibrato."""

    words: str
    centre_hz: float
    seed: int


SUNG: tuple[SungPhrase, ...] = (
    SungPhrase("carry me over the silver sea", 147.0, 101),
    SungPhrase("morning will find us far away", 220.0, 102),
    SungPhrase("oh the lanterns are burning low", 330.0, 103),
    SungPhrase("sing to the mountain and sing to the rain", 262.0, 104),
    SungPhrase("never a shadow upon the road", 175.0, 105),
    SungPhrase("home is a whisper beneath the pine", 392.0, 106),
)


def is_held_out_voice(voice: EngineVoice) -> bool:
    """True for every accent, rate and pitch of a held-out voice."""
    return bool(NAMES & set(voice.name.replace("/", "+").split("+")))


def is_held_out_text(text: str) -> bool:
    """True when `text` shares four words in a row with a held-out sentence or phrase."""
    return not _runs(text).isdisjoint(_HELD_RUNS)


def refuse(text: str, voice: EngineVoice) -> None:
    """Raise `InputError` when training material would be made from a held-out voice or text."""
    if is_held_out_voice(voice):
        raise InputError(f"voice '{voice.key}' is held out for the benchmark and cannot be trained on")
    if is_held_out_text(text):
        raise InputError(f"text '{text}' is held out for the benchmark and cannot be trained on")


def _runs(text: str, words: int = 4) -> set[tuple[str, ...]]:
    plain = "".join(c if c.isalpha() else " " for c in text.lower()).split()
    return {tuple(plain[i : i + words]) for i in range(max(1, len(plain) - words + 1))}


_HELD_RUNS = set().union(*(_runs(text) for text in (*SENTENCES, *(p.words for p in SUNG))))
