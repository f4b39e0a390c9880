"""A voice sings a recording at another tempo: it hears the recording, and each phrase is in its new place."""

import dataclasses

import numpy as np
import pytest
import torch
from chain.svc.singing import CHANGES, RATE, TIMES, displaced, played, song, sung

from svcfx.chain.svc.heard import Heard
from svcfx.chain.svc.phrases import PhraseSpan
from svcfx.chain.svc.played import RetimedStem
from svcfx.chain.svc.voice import SvcVoice
from svcfx.render import keys
from svcfx.time_map import NO_CHANGE, TimeMap

HOP, PAD = 512, 22_050


@pytest.mark.bytes
def test_in_its_own_time_it_sings_the_same_bytes(voice):
    audio = song(seconds=2.5)
    assert played(voice, audio, NO_CHANGE).tobytes() == sung(voice, audio).tobytes()


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_phrases_begin_and_end_where_the_tempo_has_them(old, time):
    assert np.abs(displaced(old, time)).max() < 0.01


def test_what_was_heard_is_not_heard_again_at_another_tempo(old):
    known, heard = {}, []

    def keep(kind, version, facts, make):
        if kind != "heard":
            return make()
        key = keys.digest(version, facts)
        heard.append(key in known)
        return known[key] if key in known else known.setdefault(key, make())

    voice = SvcVoice(dataclasses.replace(old.parts, hashes={"generator": "g", "encoder": "e"}))
    for ratio in (0.9, 0.8):
        played(voice, song(seconds=2.0), TimeMap.of_ratio(ratio), keep=keep)
    assert heard == [False, True]


@pytest.mark.parametrize("time", TIMES.values(), ids=TIMES)
def test_content_pitch_and_volume_are_read_where_they_lie_in_the_recording(time):
    """All rise in a straight line through the recording, so that what is read says where it was read."""
    start, stop = 1 * RATE, 3 * RATE
    frames = (stop - start + 2 * PAD) // HOP
    ramp = (start - PAD + HOP * np.arange(frames)) / RATE
    heard = Heard(
        first=start - PAD,
        start=start,
        stop=stop,
        audio=torch.zeros(stop - start + 2 * PAD),
        content=torch.from_numpy(np.stack([ramp, -ramp])).float(),
        f0_hz=100.0 * 2.0**ramp,
        voiced=(ramp > 2.0).astype(np.float64),
        volume=torch.from_numpy(ramp).float(),
    )
    at = RetimedStem(np.zeros(round(time.played(5.0) * RATE), np.float32), RATE, HOP, time)
    moved = at.heard(heard, PAD)
    assert (moved.start, moved.stop) == (round(time.played(1.0) * RATE), round(time.played(3.0) * RATE))
    assert len(moved.audio) == moved.stop - moved.start + 2 * PAD
    seconds = (moved.first + HOP * np.arange(moved.frames)) / RATE
    inside = (seconds > time.played(1.0)) & (seconds < time.played(3.0))
    want = time.recorded_at(seconds)[inside]
    np.testing.assert_allclose(moved.content.numpy()[:, inside], [want, -want], atol=1e-3)
    np.testing.assert_allclose(moved.f0_hz[inside], 100.0 * 2.0**want, rtol=1e-3)
    np.testing.assert_allclose(moved.volume.numpy()[inside], want, atol=1e-3)
    assert abs(seconds[np.argmax(moved.voiced > 0)] - time.played(2.0)) < 2 * HOP / RATE
    before = seconds < time.played(1.0)  # what lies around it keeps its pace
    np.testing.assert_allclose(
        moved.volume.numpy()[before], 1.0 + seconds[before] - time.played(1.0), atol=1e-3
    )


def test_phrases_that_were_cut_from_one_another_still_meet():
    at = RetimedStem(np.zeros(10 * RATE, np.float32), RATE, HOP, CHANGES)
    first, second = (at.span(PhraseSpan(*cut, 1000, 90_000)) for cut in ((1000, 40_001), (40_001, 90_000)))
    assert first.stop == second.start
    assert (first.low, second.high) == (first.start, second.stop)
