"""The stages of a voice: a stem is its phrases, each sung by itself, and a lane hears nothing again."""

from dataclasses import replace

import numpy as np
import pytest
from chain.svc.singing import RATE, curves, song, stem, sung

from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import phrases
from svcfx.chain.svc.heard import Hearing
from svcfx.lanes import Lane

SETTINGS = ChainSettings("mei")
GLIDE = Lane(((0.0, 0.0), (3.0, 4.0)), "linear")


def joined(cut, made, total):
    out = np.zeros(total, np.float32)
    for phrase, audio in zip(cut, made, strict=True):
        span = phrases.PhraseSpan(phrase.start, phrase.stop, phrase.start, phrase.stop)
        first, gains = phrases.gains(span, total, RATE)
        out[first : first + len(gains)] += gains * audio[first - phrase.first :][: len(gains)]
    return out


def scored(voice, audio, **knobs):
    cut = voice.phrases(stem(audio))
    heard = [voice.hear(phrase, SETTINGS) for phrase in cut]
    return cut, voice.score(heard, curves(**knobs), SETTINGS)


@pytest.mark.bytes
def test_a_stem_is_its_phrases_heard_scored_and_sung(old):
    audio = song(seconds=4.0)
    cut, scores = scored(old, audio, transpose_semitones=GLIDE)
    assert len(cut) == 2
    whole = sung(old, audio, knobs={"transpose_semitones": GLIDE})
    np.testing.assert_array_equal(joined(cut, old.sing(scores, SETTINGS), len(audio)), whole)


@pytest.mark.bytes
def test_phrases_are_sung_by_themselves_in_any_order(old):
    _, scores = scored(old, song(seconds=4.0), transpose_semitones=GLIDE)
    together = old.sing(scores, SETTINGS)
    alone = [old.sing([score], SETTINGS)[0] for score in reversed(scores)][::-1]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.bytes
def test_phrases_that_were_cut_go_on_with_the_phase_and_are_scored_in_groups_or_at_once(old, monkeypatch):
    monkeypatch.setattr(phrases, "LONGEST_SECONDS", 1.5)
    audio = song(seconds=4.0, rests=False)
    cut, scores = scored(old, audio, transpose_semitones=GLIDE)
    assert len(cut) >= 3
    assert [phrase.start for phrase in cut[1:]] == [phrase.stop for phrase in cut[:-1]]
    assert all(score.start_cycles > 0 for score in scores[1:])
    first, *rest = [old.hear(phrase, SETTINGS) for phrase in cut]
    knobs = curves(transpose_semitones=GLIDE)
    before = old.score([first], knobs, SETTINGS)
    after = old.score(rest, knobs, SETTINGS, before[-1])
    assert [score.start_cycles for score in (*before, *after)] == [score.start_cycles for score in scores]


def test_what_is_drawn_to_notes_is_then_transposed_and_breaths_stay(voice):
    """220 Hz with a vibrato of 30 cents and 40 cents more: A3, an octave up, and its vibrato."""
    audio = song(seconds=4.0, hz=220.0 * 2 ** (40 / 1200))
    _, plain = scored(voice, audio)
    _, tuned = scored(voice, audio, retune=1.0, retune_ms=0.0, transpose_semitones=12.0)
    for before, after in zip(plain, tuned, strict=True):
        sung = before.voiced.numpy() > 0
        up = 2.0 * before.f0_hz.numpy()
        np.testing.assert_allclose(after.f0_hz.numpy()[~sung], up[~sung], rtol=1e-6)
        cents = 1200 * np.log2(after.f0_hz.numpy()[sung] / 440.0)
        assert abs(np.median(cents)) < 8
        assert np.percentile(np.abs(cents), 80) > 20


def test_where_nothing_was_cut_the_phase_begins_anew(old):
    _, scores = scored(old, song(seconds=4.0))
    assert [score.start_cycles for score in scores] == [0.0, 0.0]


@pytest.mark.bytes
def test_at_retune_0_the_score_is_the_same(voice):
    audio = song(seconds=2.0)
    (one,), (other,) = (
        scored(voice, audio, **knobs)[1] for knobs in ({}, {"bias_cents": 30.0, "humanize": 1.0})
    )
    np.testing.assert_array_equal(one.f0_hz.numpy(), other.f0_hz.numpy())


@pytest.mark.bytes
def test_a_lane_changes_the_score_and_what_is_heard_stays(old):
    audio = song(seconds=2.0)
    (phrase,) = old.phrases(stem(audio))
    heard = old.hear(phrase, SETTINGS)
    up, down = (
        old.score([heard], curves(transpose_semitones=semitones), SETTINGS)[0] for semitones in (12.0, -12.0)
    )
    np.testing.assert_allclose(up.f0_hz.numpy(), 4.0 * down.f0_hz.numpy(), rtol=1e-6)
    assert up.content is down.content is heard.content
    assert up.audio is heard.audio


def test_phrases_depend_on_the_stem_and_not_on_its_blocks(old):
    audio = song(seconds=4.0)
    whole, pieces = (old.phrases(stem(audio, block=block)) for block in (len(audio), 1000))
    assert [(p.first, p.start, p.stop) for p in whole] == [(p.first, p.start, p.stop) for p in pieces]


def test_an_identity_is_the_files_family_and_device_and_moves_with_each(old):
    known = replace(old.parts, hashes={"generator": "a" * 64})
    voice = type(old)
    same, other = voice(known), voice(replace(known, hashes={"generator": "b" * 64}))
    assert same.identity == voice(replace(known)).identity
    assert same.identity != other.identity
    assert hash(same.identity) != hash(other.identity)
    assert dict(same.identity.stages) == {"hear": 1, "score": 1, "sing": 1}


def test_hearing_takes_no_curves():
    """What reads no lane cannot depend on one: the signature has no place for it."""
    import inspect

    assert "curves" not in inspect.signature(Hearing).parameters
