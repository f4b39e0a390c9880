"""Files in, and what is drawn and heard of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from numpy.typing import NDArray

from svcfx import audio, report
from svcfx.dsp.peaks import peaks as peaks_of
from svcfx.time_map import TimeMap
from svcfx.ui import uploads
from svcfx.ui.access import Opened
from svcfx.ui.session_routes import FileNames
from svcfx.ui.views import PeaksView, PitchView

routes = APIRouter(prefix="/api", tags=["audio"])
PEAKS_A_SECOND = 50
_BLOCK_SECONDS = 10
_EVERY = 2  # of the pitch frames of 10 ms


@routes.put("/files/{name}")
async def upload(name: str, request: Request, studio: Opened) -> FileNames:
    """Put an audio or MIDI file, sent as the body, into the session's folder; answers its name there."""
    kept = await uploads.take_sound(name, request.stream(), studio.folder, studio.own / "uploads")
    return FileNames([kept.name])


@routes.get("/strips/{strip}/peaks")
def source_peaks(strip: str, studio: Opened) -> PeaksView:
    """What the waveform of a strip's source is drawn from."""
    stem = studio.stem(strip)
    found = studio.once("peaks", stem.path, _peaks)
    pairs = np.array(found.peaks).reshape(-1, 2)
    return replace(found, peaks=_in_time(pairs, found.seconds_each, stem.time).ravel().tolist())


@routes.get("/strips/{strip}/pitch")
def source_pitch(strip: str, studio: Opened) -> PitchView:
    """The pitch of a strip's source."""
    stem = studio.stem(strip)
    found = studio.once("pitch", stem.path, _pitch)
    notes = np.array(found.notes, object)
    return replace(found, notes=_in_time(notes, found.seconds_each, stem.time).tolist())


@routes.get("/strips/{strip}/audio")
def source_audio(strip: str, studio: Opened) -> FileResponse:
    """A strip's source as WAV, from its own first sample on, at the song's tempo; answers ranges."""
    return FileResponse(studio.playable(studio.stem(strip)), media_type="audio/wav")


@routes.get("/jobs/{number}/mix")
def mix_audio(number: int, studio: Opened) -> FileResponse:
    """The mix of a render; answers ranges."""
    return FileResponse(studio.jobs.find(number).file(None), media_type="audio/wav")


@routes.get("/jobs/{number}/mix/peaks")
def mix_peaks(number: int, studio: Opened) -> PeaksView:
    """What the mix's meter shows, from the render's first sample on."""
    return studio.once("peaks", studio.jobs.find(number).file(None), _peaks)


@routes.get("/jobs/{number}/strips/{strip}/peaks")
def result_peaks(number: int, strip: str, studio: Opened) -> PeaksView:
    """What the meter of a strip shows as it sounds in the mix, from the render's first sample on."""
    return studio.once("peaks", studio.jobs.find(number).file(strip), _peaks)


@routes.get("/jobs/{number}/strips/{strip}/audio")
def result_audio(number: int, strip: str, studio: Opened) -> FileResponse:
    """A strip as it sounds in the mix; answers ranges."""
    return FileResponse(studio.jobs.find(number).file(strip), media_type="audio/wav")


@routes.get("/jobs/{number}/strips/{strip}/pitch")
def result_pitch(number: int, strip: str, studio: Opened) -> PitchView:
    """The pitch of a strip's result, from the render's first sample on."""
    return studio.once("pitch", studio.jobs.find(number).file(strip), _pitch)


def _in_time(rows: NDArray[Any], seconds_each: float, time: TimeMap | None) -> NDArray[Any]:
    """Rows of a recording, one each `seconds_each`, as it is played."""
    if time is None or not len(rows):
        return rows
    count = round(time.played(len(rows) * seconds_each) / seconds_each)
    places = time.recorded_at(np.asarray((np.arange(count) + 0.5) * seconds_each, np.float64)) / seconds_each
    return np.asarray(rows[np.clip(places.astype(int), 0, len(rows) - 1)])


def _peaks(path: Path) -> PeaksView:
    info = audio.probe(path)
    each = max(info.sample_rate // PEAKS_A_SECOND, 1)
    found = peaks_of(audio.blocks(path, each * PEAKS_A_SECOND * _BLOCK_SECONDS), each)
    whole = np.clip(np.round(found * 100.0), -100, 100).astype(int)
    return PeaksView(each / info.sample_rate, whole.ravel().tolist())


def _pitch(path: Path) -> PitchView:
    line = report.sung(audio.read(path))
    notes = [None if np.isnan(note) else round(float(note), 2) for note in line.notes[::_EVERY]]
    return PitchView(0.0, 0.01 * _EVERY, notes)
