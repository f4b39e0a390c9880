"""`svcfx midi`: what a MIDI file says, and what svcfx would do with it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svcfx.lanes import Lane
    from svcfx.midi import MidiSong, MidiTrack


_COLUMNS = 64
_MOST_ROWS = 80
ROWS = 9


@click.group()
def midi() -> None:
    """Show what a MIDI file says: tempo, bars, keys.

    \b
    svcfx midi show song.mid
    """


@midi.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key-from",
    default="track",
    show_default=True,
    metavar="track|signatures|none",
    help="Where the key is read from: a track named 'key', or the key signatures.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all of it.")
def show(file: Path, key_from: str, as_json: bool) -> None:
    """Print the tempo map, meters, keys, markers and tracks of FILE, and draw its key over its bars.

    The key is read from the notes of a track named 'key': MIDI note 60 is the key as played, 62 two
    semitones up. Programs call note 60 C3 (Ableton Live, Logic, Cubase, GarageBand), C4 (Reaper, MuseScore)
    or C5 (FL Studio, Cakewalk). What the file does not say and svcfx takes for granted is marked (assumed).

    The column USE says what svcfx can take from a track: the key, controllers with a usual target, the
    pitch wheel. Controllers and wheels move something only when a session names their track.

    \b
    svcfx midi show song.mid --key-from signatures
    """
    from svcfx.midi import doubts, key_lane, read

    song = read(file)
    lane = key_lane(song, key_from)
    remarks = [remark.text for remark in song.remarks] + list(doubts(song, key_from))
    if as_json:
        click.echo(json.dumps({**_facts(song, lane), "remarks": remarks}, ensure_ascii=False))
        return
    for remark in remarks:
        click.echo(f"Note: {remark}", err=True)
    click.echo(f"{_headline(song)}\n\n{_timeline(song, lane)}\n\n{_tracks(song)}\n\n{_picture(song, lane)}")


def _headline(song: "MidiSong") -> str:
    bars = _bars(song)
    return (
        f"{song.name}: type {song.form}, {song.ticks_per_quarter} ticks per quarter note, "
        f"{_clock(song.seconds)}, {bars} bar{'s' if bars != 1 else ''}"
    )


def _bars(song: "MidiSong") -> int:
    """Bars that have begun before the song's end; a song that ends on a bar line does not begin that bar."""
    return max(1, song.tempo_map.bar_beat(song.seconds - 0.001).bar)


def _semitones(value: float) -> str:
    return f"{value:+g} st" if value else "0 st"


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 60_000}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


def _happenings(song: "MidiSong", lane: "Lane") -> list[tuple[float, str, str]]:
    """(seconds, kind, words) of all that changes, in time order."""
    clock = song.tempo_map
    found = [
        (clock.seconds(item.tick), "tempo", f"{item.bpm:.6g} quarters a minute") for item in clock.tempos
    ]
    meters = [
        (clock.seconds(item.tick), "meter", f"{item.numerator}/{item.denominator}")
        for item in clock.time_signatures
    ]
    if clock.assumes_tempo:
        found[0] = (*found[0][:2], f"{found[0][2]} (assumed)")
    if clock.assumes_meter:
        meters[0] = (*meters[0][:2], f"{meters[0][2]} (assumed)")
    found += meters
    found += [(item.seconds, "signature", item.name) for item in song.key_signatures]
    found += [(item.seconds, "marker", item.text) for item in song.markers]
    found += [(item.seconds, "cue", item.text) for item in song.cues]
    found += [(seconds, "key", _semitones(semitones)) for seconds, semitones in lane.points]
    return sorted(found, key=lambda item: item[0])


def _timeline(song: "MidiSong", lane: "Lane") -> str:
    from svcfx.cli.table import table

    happenings = _happenings(song, lane)
    rows = [
        (str(song.tempo_map.bar_beat(seconds)), _clock(seconds), kind, words)
        for seconds, kind, words in happenings[:_MOST_ROWS]
    ]
    more = len(happenings) - len(rows)
    return table(("BAR", "TIME", "WHAT", "VALUE"), rows) + (f"\n... and {more} more" if more else "")


def _tracks(song: "MidiSong") -> str:
    from svcfx.cli.table import table

    rows = [
        (
            track.name,
            str(track.events),
            str(len(track.notes)),
            str(len(track.bends)),
            ", ".join(map(str, track.controllers)) or "-",
            _use(track),
        )
        for track in song.tracks[:_MOST_ROWS]
    ]
    more = len(song.tracks) - len(rows)
    header = ("TRACK", "EVENTS", "NOTES", "BENDS", "CONTROLLERS", "USE")
    return table(header, rows) + (f"\n... and {more} more" if more else "")


def _use(track: "MidiTrack") -> str:
    from svcfx.midi import DEFAULTS

    uses = ["the song's key"] if track.name.casefold() == "key" else []
    uses += [f"CC {n}: {DEFAULTS[n].target}" for n in track.controllers if n in DEFAULTS]
    uses += ["bend: pitch"] if track.bends else []
    return "; ".join(uses) or "-"


def _picture(song: "MidiSong", lane: "Lane") -> str:
    """The key over the bars; each column is an equal share of the song's bars."""
    import numpy as np

    if lane.is_constant:
        return f"Key: {_semitones(lane.points[0][1])} throughout"
    bars = _bars(song)
    columns = min(_COLUMNS, bars * 8)
    places = [1 + bars * (column + 0.5) / columns for column in range(columns)]
    values = lane.at(np.array([_seconds(song, place) for place in places]))
    every = max(1, -(-bars // 8))
    marks = [(round((bar - 1) * columns / bars), str(bar)) for bar in range(1, bars + 1, every)]
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    line = "━" if "utf" in encoding else "="
    return f"Key in semitones over bars:\n{draw_lane(list(values), marks, line=line)}"


def _seconds(song: "MidiSong", place: float) -> float:
    bar = int(place)
    start, end = song.tempo_map.seconds_of_bar(bar), song.tempo_map.seconds_of_bar(bar + 1)
    return start + (place - bar) * (end - start)


def _facts(song: "MidiSong", lane: "Lane") -> dict[str, Any]:
    def place(seconds: float) -> dict[str, float]:
        bar, beat = song.tempo_map.bar_beat(seconds)
        return {"bar": bar, "beat": beat, "seconds": round(seconds, 6)}

    return {
        "file": song.name,
        "type": song.form,
        "ticks_per_quarter": song.ticks_per_quarter,
        "seconds": round(song.seconds, 6),
        "bars": _bars(song),
        "timeline": [
            {**place(seconds), "what": kind, "value": words}
            for seconds, kind, words in _happenings(song, lane)
        ],
        "tracks": [
            {
                "name": track.name,
                "events": track.events,
                "notes": len(track.notes),
                "bends": len(track.bends),
                "controllers": list(track.controllers),
                "use": _use(track),
            }
            for track in song.tracks
        ],
        "key": [list(point) for point in lane.points],
    }


def draw_lane(values: Sequence[float], marks: Sequence[tuple[int, str]], *, line: str = "━") -> str:
    """Draw one column a value, the highest row first, each with its value in semitones at the left.

    Args:
        values: One value a column.
        marks: (column, label) written under the picture, such as bar numbers, in order.
        line: What a value is drawn with.
    """
    low, high = min(values), max(values)
    step = max(1.0, -(-(high - low) // (ROWS - 1)))
    count = int((high - low) / step + 0.5) + 1
    rows = [round((value - low) / step) for value in values]
    lines = []
    for row in reversed(range(count)):
        drawn = "".join(line if at == row else " " for at in rows)
        value = low + row * step
        lines.append(f"{value:{'+' if value else ''}6.3g} |{drawn}".rstrip())
    return "\n".join([*lines, _ruler(marks)])


def _ruler(marks: Sequence[tuple[int, str]]) -> str:
    ruler = ""
    for column, label in marks:
        at = column + 8  # the width of a value and its rule
        if at > len(ruler) or not ruler:
            ruler = ruler.ljust(at) + label
    return ruler
