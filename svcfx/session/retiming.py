"""The song at another tempo: where its bars lie then, and where each moment of the recording goes.

What a session writes in seconds, and where its files begin, is the recording's time, and goes along.
"""

from dataclasses import dataclass
from itertools import pairwise

from svcfx import midi
from svcfx.errors import SessionError
from svcfx.midi import TempoMap
from svcfx.session.model import FASTEST, SLOWEST, Tempo
from svcfx.time_map import TimeMap

MOST_QUARTERS_APART = 4.0
"""By how much the ends of two maps of one song may differ: the last bar is held now and then."""


@dataclass(frozen=True, slots=True)
class Retimed:
    """A song's new time.

    Attributes:
        time: Recorded seconds against those of the song, which both begin at 0.
        tempo_map: Where bars are, in seconds before `offset_seconds`; None where nothing counts them.
        said: What changes, for a person.
    """

    time: TimeMap
    tempo_map: TempoMap | None
    offset_seconds: float
    said: str


def retimed(
    tempo: Tempo | None, recorded: TempoMap | None, offset_seconds: float, other: midi.MidiSong | None
) -> Retimed | None:
    """What `tempo` makes of a song; None where it changes nothing.

    Args:
        tempo: What the session says.
        recorded: The song's own bars, which begin at `offset_seconds` of the recording.
        other: What `tempo.to` names.

    Raises:
        SessionError: A bar would be played at less than half or more than twice its tempo.
    """
    if tempo is None or not tempo.is_another:
        return None
    if recorded is None:
        return Retimed(TimeMap.of_ratio(tempo.ratio), None, 0.0, _at(tempo.ratio))
    if other is None:
        played, said = recorded.faster(tempo.ratio), _at(tempo.ratio)
    else:
        played, said = recorded.at_tempos_of(other.tempo_map), f"at the tempos of '{tempo.to}'"
    time, begins = _between(recorded, played, offset_seconds)
    if time.is_identity:
        return None
    _refuse_beyond(time, recorded, offset_seconds, tempo)
    return Retimed(time, played, begins, said)


def check_length(song: midi.MidiSong, other: midi.MidiSong) -> None:
    """Refuse the tempo map of another song, as far as its length tells.

    Raises:
        SessionError: It is longer or shorter in beats.
    """
    if abs(song.quarters - other.quarters) > MOST_QUARTERS_APART:
        raise SessionError(
            f"tempo.to is '{other.name}', which has {other.quarters:g} beats to its end, and '{song.name}' "
            f"{song.quarters:g}: is it a map of another song?",
            hint="export both from one arrangement, so that they end at the same bar",
        )


def _at(ratio: float) -> str:
    return f"at {ratio:g} of its tempo"


def _between(recorded: TempoMap, played: TempoMap, offset_seconds: float) -> tuple[TimeMap, float]:
    """The map of times from one map of bars to another, and where the second begins in the song."""
    ticks = sorted({at.tick for at in (*recorded.tempos, *played.tempos)})
    ticks.append(ticks[-1] + recorded.ticks_per_quarter)
    places = [(recorded.seconds(tick) + offset_seconds, played.seconds(tick)) for tick in ticks]
    begins = -TimeMap(tuple(places)).played(0.0)
    return TimeMap(tuple((before, after + begins) for before, after in places)), begins


def _refuse_beyond(time: TimeMap, recorded: TempoMap, offset_seconds: float, tempo: Tempo) -> None:
    """Refuse a tempo that the stretcher cannot follow; the first such bar is named."""
    for (first, early), (second, late) in pairwise(time.points):
        ratio = (second - first) / (late - early)
        if not SLOWEST * 0.999 <= ratio <= FASTEST * 1.001:
            bar = recorded.bar_beat(first - offset_seconds)
            raise SessionError(
                f"tempo.to is '{tempo.to}', which plays bar {bar} at {ratio:.3g} of its tempo, allowed are "
                f"{SLOWEST:g} to {FASTEST:g}"
            )
