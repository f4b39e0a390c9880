"""A session for a folder of stems: what is in it, measured and guessed, with a reason for each line."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svcfx import midi
from svcfx.chain.scales import note_of
from svcfx.errors import InputError, MidiError, SessionError, SvcfxError, printable
from svcfx.events import UNHEARD, Events, Progress, go_on
from svcfx.session import document, proposing, roles, sounding, sources
from svcfx.session.document import Document
from svcfx.session.proposing import Lines, Proposal, ProposedLine
from svcfx.session.sounding import Sounding
from svcfx.session.strip_model import VOCAL_ROLES, Role, name_of

MIDI_SUFFIXES = (".mid", ".midi", ".rmi")
MOST_STEMS = 256
STAGE = "listen"
_SHORT = 0.6
"""A file shorter than this share of the longest may begin later than the others."""
_CEILING_DBTP = -1.0


@dataclass(frozen=True, slots=True)
class Proposed:
    """A session that was let in, not yet written, and each file that was left out with why."""

    document: Document
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A file as the session names it, what it sounds like, and what its name says."""

    written: str
    sound: Sounding
    said: tuple[Role, str] | None
    whole: str


def propose(
    folder: Path,
    target: Path,
    *,
    with_results: bool = False,
    allow_paths: Sequence[Path] = (),
    events: Events = UNHEARD,
) -> Proposed:
    """Look through a folder and propose the session that would stand in the file `target`.

    Args:
        folder: Where the stems lie, sub-folders too.
        target: The session's file; what it may not read is left out (see `svcfx.documents.paths`).
        with_results: Take files that svcfx made too.
        allow_paths: Further folders that the session may read.
        events: Told how far the listening is, and asked whether to stop.

    Raises:
        InputError: It is no folder, or holds nothing that a session could play.
        Cancelled: `events` asked to stop.
    """
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder", hint="name the folder that the stems lie in")
    found = sources.collect([folder], with_results=with_results)
    left = [(one.source.label, one.why) for one in found.left_out]
    unsaid = roles.common([source.path.name for source in found.sources])
    kept: list[_Found] = []
    for number, source in enumerate(found.sources):
        go_on(events)
        events.progress(Progress(STAGE, source.label, number / len(found.sources)))
        try:
            if len(kept) == MOST_STEMS:
                raise SessionError(f"a session holds {MOST_STEMS} stems")
            kept.append(_looked_at(source.path, target, allow_paths, unsaid))
        except SvcfxError as error:
            left.append((source.label, error.message))
    if not kept:
        raise InputError(f"'{folder}' holds no file that a session can play: {left[0][0]}, {left[0][1]}")
    songs, lost = _songs(folder, target, allow_paths)
    text = _proposal(folder, kept, songs).text
    return Proposed(document.parse(text, target, allow_paths=allow_paths), (*left, *lost))


def _looked_at(path: Path, target: Path, allow_paths: Sequence[Path], unsaid: frozenset[str]) -> _Found:
    written = _written(path, target, allow_paths)
    said = roles.said(path.name, unsaid)
    sound = sounding.of(path, listen=said is None or said[0] in VOCAL_ROLES)
    if sound.info.channels > 2:
        raise SessionError(f"it has {sound.info.channels} channels, a stem has 1 or 2")
    return _Found(written, sound, said, roles.mixed(path.name, unsaid))


def _written(path: Path, target: Path, allow_paths: Sequence[Path]) -> str:
    """How a session in the file `target` names a file; refused where it may not or cannot."""
    written = Path(os.path.relpath(path.absolute(), target.absolute().parent)).as_posix()
    try:
        written.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SessionError("its name is no UTF-8, which a session cannot write") from error
    document.reach_of(target, allow_paths).find(written, "file")
    return written


def _proposal(folder: Path, found: Sequence[_Found], songs: Sequence[tuple[str, midi.MidiSong]]) -> Proposal:
    longest = max(file.sound.seconds for file in found)
    chosen = [_role(file, found) for file in found]
    names = [name_of(None, file.written) for file in found]
    stems = []
    for number, (file, role) in enumerate(zip(found, chosen, strict=True)):
        lines = {"file": ProposedLine(file.written, _measured(file.sound, longest))}
        if names.count(names[number]) > 1 or not 0 < len(names[number]) <= 120:
            lines["name"] = ProposedLine(_own_name(file.written, number), "two files are called alike")
        lines["role"] = role
        if role.value == "lead":
            lines["role"] = replace(role, more='preset = "lead-vela"  # another singer: svcfx voices list')
        stems.append({**lines, **_muted(file, found)})
    tempo = {} if songs else {"bpm": proposing.tempo([file.written for file in found])}
    title = printable(Path(folder.resolve().name))[:200]
    return Proposal(stems, title, _midi(songs), tempo, _master(found))


def _own_name(written: str, number: int) -> str:
    """A name that no other file has: folders and all, or its number where that is too long."""
    whole = " ".join(part for part in written.rsplit(".", 1)[0].split("/") if part not in ("..", ""))
    return f"{whole[:100]} {number + 1}"


def _role(file: _Found, found: Sequence[_Found]) -> ProposedLine:
    sound = file.sound
    heard = f"{sound.pitched:.0%} of it pitched" if sound.pitched else ""
    if sound.middle_hz:
        heard += f", about {note_of(sound.middle_hz)}"
    if file.said is not None:
        role, word = file.said
        doubt = ", though it does not sound like one voice" if role == "lead" and not sound.is_sung else ""
        return ProposedLine(role, "; ".join(part for part in (f"'{word}' in its name{doubt}", heard) if part))
    if not sound.is_sung:
        return ProposedLine(
            "accompaniment", "; ".join(part for part in ("its name says nothing", heard) if part)
        )
    others = any(other.said is not None and other.said[0] == "lead" for other in found)
    first = next(other for other in found if other.said is None and other.sound.is_sung)
    role = "lead" if first is file and not others else "backing"
    return ProposedLine(
        role, f"one voice, by its pitch: {heard}, wandering by {sound.wander_cents:.0f} cents"
    )


def _measured(sound: Sounding, longest: float) -> str:
    peak = "silent" if sound.is_silent else f"peak {sound.peak_dbfs:.1f} dBFS"
    said = f"{sound.seconds:.1f} s, {peak}"
    if sound.seconds < _SHORT * longest:
        said += "; shorter than others: start_seconds or start_bar where it begins later"
    return said


def _muted(file: _Found, found: Sequence[_Found]) -> Lines:
    """What is not to sound: silence, and the whole song beside its stems."""
    others = [other for other in found if not other.sound.is_silent and not other.whole]
    if not others:
        return {}
    if file.sound.is_silent:
        return {"mute": ProposedLine(True, "nothing is on it")}
    return (
        {"mute": ProposedLine(True, f"'{file.whole}' in its name: all would sound twice")}
        if file.whole
        else {}
    )


def _master(found: Sequence[_Found]) -> Lines:
    """A ceiling where the peaks of what sounds might add up beyond full scale."""
    sounding_ = [file for file in found if not _muted(file, found)]
    reach = sum(10.0 ** (file.sound.peak_dbfs / 20.0) for file in sounding_)
    if reach <= 10.0 ** (_CEILING_DBTP / 20.0):
        return {}
    return {"ceiling_dbtp": ProposedLine(_CEILING_DBTP, "peaks may add up beyond full scale")}


def _songs(
    folder: Path, target: Path, allow_paths: Sequence[Path]
) -> tuple[list[tuple[str, midi.MidiSong]], list[tuple[str, str]]]:
    """The MIDI files that can be read, the one with a key track first, and the others with why."""
    songs, lost = [], []
    for path in _midi_files(folder):
        label = printable(path.relative_to(folder))
        try:
            songs.append((_written(path, target, allow_paths), midi.read(path)))
        except SvcfxError as error:
            lost.append((label, error.message))
    songs.sort(key=lambda song: not song[1].has_track("key"))
    lost += [(printable(Path(written)), "a session has one MIDI file") for written, _ in songs[1:]]
    return songs[:1], lost


def _midi_files(folder: Path) -> Iterator[Path]:
    found = [path for path in folder.iterdir() if path.suffix.lower() in MIDI_SUFFIXES and path.is_file()]
    yield from sorted(
        (path for path in found if path.name[0] != "."), key=lambda path: sources.natural(path.name)
    )


def _midi(songs: Sequence[tuple[str, midi.MidiSong]]) -> Lines:
    for written, song in songs:
        tempos = sorted({round(tempo.bpm, 2) for tempo in song.tempo_map.tempos})
        span = " to ".join(f"{bpm:g}" for bpm in dict.fromkeys((tempos[0], tempos[-1])))
        lines = {"file": ProposedLine(written, f"{span} bpm, {len(song.markers)} markers")}
        return {**lines, "key_from": _key(song)}
    return {}


def _key(song: midi.MidiSong) -> ProposedLine:
    """Where the key comes from: a key track that makes sense, or nowhere."""
    try:
        if not song.has_track("key"):
            return ProposedLine("none", "it has no track 'key': nothing is transposed")
        doubts = midi.doubts(song, "track")
        if doubts:
            return ProposedLine(
                "none", f"its track 'key' is doubtful, see svcfx midi show: {len(doubts)} doubts"
            )
        lane = midi.key_lane(song, "track")
    except MidiError as error:
        return ProposedLine("none", error.message)
    moves = sorted({value for _, value in lane.points})
    return ProposedLine("track", f"its track 'key' says {', '.join(f'{value:+g}' for value in moves[:8])} st")
