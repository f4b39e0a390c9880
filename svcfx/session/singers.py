"""Who sings on a board: what a recipe says of them, what licences forbid, the octave that suits them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from svcfx import scratch
from svcfx.audio import Samples
from svcfx.errors import VoiceError
from svcfx.events import Events, Note
from svcfx.keeping import Keeper, afresh
from svcfx.lanes import Curve, Values
from svcfx.render import keys
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import contents
from svcfx.session.recipe import VoiceUsed

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.node import VoiceConversion
    from svcfx.session.clip import Clip

FRAME_SECONDS = 0.01
"""Time between two frames of a pitch track."""
_BLOCK = 1 << 20
TRANSPOSE = "transpose_semitones"
AUTO = "auto"


def used(board: "Board | None", lanes: Mapping[str, Curve] = MappingProxyType({})) -> list[VoiceUsed]:
    """Each singer at work on a board that `lanes` move, once, with the files and licences behind it."""
    if board is None:
        return []
    found = {}
    for address in contents.voices(board, lanes):
        node = contents.voice(board, address)
        found[node.voice] = _used(node)
    return list(found.values())


def _used(node: "VoiceConversion") -> VoiceUsed:
    from svcfx.voices import licence, shelf

    card, singer = shelf.find(node.voice), shelf.singer(node.voice)
    parts = {
        name: {key: licence.shortened(str(value)) for key, value in part.model_dump().items() if value}
        for name, part in card.parts.items()
    }
    details = {
        "voice": card.name,
        "singer": singer,
        "family": card.family,
        "consent": card.consent,
        "pitch": node.pitch,
        "precision": node.precision,
        "device": node.placed_on or AUTO,
        "parts": parts,
    }
    return VoiceUsed(name=str(node.voice), licence=card.licence, sha256=card.sha256, details=details)


@dataclass(frozen=True, slots=True)
class Shelved:
    """Singers by name, whose weights are looked up on the shelf of whichever machine is asked."""

    names: tuple[str, ...]

    def __call__(self) -> dict[str, str]:
        """What each is called, and the beginning of the hash of the weights; "missing" where nobody is."""
        from svcfx.voices import shelf

        found = {}
        for name in self.names:
            try:
                found[f"voice '{name}'"] = shelf.find(name).sha256[:12]
            except VoiceError:
                found[f"voice '{name}'"] = "missing"
        return found


def placed(voice: VoiceUsed) -> VoiceUsed:
    """`voice` with the device that it runs on, which loads torch where a card does not say it."""
    from svcfx.voices import identity, shelf

    if voice.details.get("device") != AUTO:
        return voice
    device = identity.device_of(shelf.find(voice.name))
    return voice.model_copy(update={"details": {**voice.details, "device": device}})


def licence_notes(voices: Sequence[VoiceUsed]) -> list[Note]:
    """A sentence for each voice with a part that may not be used commercially."""
    from svcfx.voices import licence, shelf

    said = []
    for voice in voices:
        card = shelf.find(voice.name)
        said += [
            f"voice '{card.name}': before commercial use, mind the licence{whose}: {text}"
            for whose, text in licence.not_for_sale(card).items()
        ]
    return [Note("licence", text) for text in dict.fromkeys(said)]


def singer_range(board: "Board", voice: str) -> tuple[str, float, float] | None:
    """The singer of the voice at an address, and the range in Hz that the card gives, if it does."""
    from svcfx.voices import shelf

    name = contents.voice(board, voice).voice
    singer = shelf.find(name).singer(name)
    if singer.low_hz is None or singer.high_hz is None:
        return None
    return name, singer.low_hz, singer.high_hz


def melody(
    board: "Board", voice: str, samples: Samples, sample_rate: int, keep: Keeper
) -> tuple[Values, Values]:
    """Seconds and pitch in Hz of the frames of `samples`, as the voice at an address hears them; 0 where
    unvoiced."""
    mono = scratch.zeros((samples.shape[1],))
    for start in range(0, len(mono), _BLOCK):
        mono[start : start + _BLOCK] = samples[:, start : start + _BLOCK].mean(axis=0, dtype=np.float64)
    found = contents.voice(board, voice).analyse(mono, sample_rate, keep)
    seconds = np.asarray(np.arange(len(found.f0_hz)) * FRAME_SECONDS, np.float64)
    return seconds, np.where(found.voiced, found.f0_hz, 0.0)


def octaves(
    board: "Board",
    voices: Sequence[str],
    takes: Iterable[tuple[Samples, int]],
    who: str = "it is",
    keep: Keeper = afresh,
) -> tuple[dict[str, float], list[Note]]:
    """The transposition, by its address, that brings takes into the range of each of these voices, and why.

    Args:
        board: It stays as it is.
        voices: Addresses on it.
        takes: Samples (channels, frames) and rate of each; together they are one melody, and decide once.
        who: What is said to be sung so high, with its verb.
        keep: May know some of what is heard already.

    Raises:
        VoiceError: The range of a singer is not known.
    """
    nodes = {voice: contents.voice(board, voice) for voice in voices}
    for node in nodes.values():
        node.require_range()
    heard = [next(iter(nodes.values())).sung(*take, keep) for take in takes] if nodes else []
    chosen: dict[str, float] = {}
    notes = []
    for voice, node in nodes.items():
        found = node.suggest_octave(heard, who)
        chosen[f"{voice}.{TRANSPOSE}"] = found.semitones
        notes.append(Note("octave", f"transpose auto: {found.reason}"))
    return chosen, notes


def chosen_octaves(
    board: "Board", voices: Sequence[str], clip: "Clip", label: str, steps: Steps, events: Events
) -> dict[str, float]:
    """As `octaves` for the clip of a stem, whose samples are only read when nobody listened to it before."""

    def listened() -> Entry:
        chosen, notes = octaves(board, voices, [(clip.samples, clip.plan.sample_rate)], keep=steps.part)
        said = tuple(replace(note, text=f"{label}: {note.text}") for note in notes)
        return Entry(facts={"chosen": chosen}, notes=said)

    ranges = [(voice, singer_range(board, voice)) for voice in voices]
    key = keys.key("octave", 1, clip.key, label, ranges) if clip.key else ""
    found = steps.kept(Step("octave", clip.strip.name, key), listened, events, lambda: clip.changed)
    return {str(where): float(value) for where, value in found.facts["chosen"].items()}


def parted(settings: Mapping[str, str], board: "Board") -> tuple[dict[str, str], list[str]]:
    """Settings by address without those that say "auto", and the addresses of the voices that these name."""
    from svcfx.node import VoiceConversion

    automatic = [
        where.rpartition(".")[0]
        for where, text in settings.items()
        if text == AUTO and where.rpartition(".")[2] == TRANSPOSE
    ]
    voices = [where for where in automatic if isinstance(contents.node(board, where), VoiceConversion)]
    rest = {
        where: text for where, text in settings.items() if where.removesuffix(f".{TRANSPOSE}") not in voices
    }
    return rest, voices
