"""What was heard and sung before is asked of whoever keeps it: the same bytes, and only what changed anew."""

import dataclasses
import pickle

import numpy as np
import pytest
from chain.svc.singing import RATE, curves, song, stem
from voices.random_nets import random_network

from svcfx.chain.config import ChainSettings
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.chain.svc.voice import SvcVoice
from svcfx.lanes import Lane

GLIDE = Lane(((0.0, 0.0), (3.0, 4.0)), "linear")


class Book:
    """Keeps results by kind and facts, and counts what was made."""

    def __init__(self):
        self.known, self.made = {}, []

    def __call__(self, kind, version, facts, make):
        key = pickle.dumps((kind, version, facts))
        if key not in self.known:
            self.known[key] = {name: np.array(value) for name, value in make().items()}
            self.made.append(kind)
        return self.known[key]

    def counted(self):
        kinds, self.made = sorted(self.made), []
        return {kind: kinds.count(kind) for kind in kinds}


@pytest.fixture(params=["old", "parametric"])
def voice(request):
    if request.param == "parametric":
        return ParametricVoice("random", random_network(2), sha256="2")
    old = request.getfixturevalue("old")
    return SvcVoice(dataclasses.replace(old.parts, hashes={"generator": "g", "encoder": "e"}))


def sung(voice, audio, book, settings=None, **knobs):
    singer = voice.singers[0]
    asked = ChainSettings(singer, **(settings or {}))
    return np.concatenate(list(voice.render(stem(audio), asked, curves(**knobs), *book)))


@pytest.mark.bytes
def test_what_is_kept_gives_the_bytes_of_what_is_made(voice):
    audio, book = song(seconds=4.0), Book()
    fresh = sung(voice, audio, ())
    np.testing.assert_array_equal(sung(voice, audio, (book,)), fresh)
    assert book.counted()
    np.testing.assert_array_equal(sung(voice, audio, (book,)), fresh)
    assert not book.counted()


@pytest.mark.bytes
@pytest.mark.parametrize(
    "change",
    [
        {"transpose_semitones": GLIDE},
        {"index_rate": 0.5},
        {"loudness_follow": 0.3},
        {"retune": 1.0},
        {"scale_steps": 2.0},
    ],
)
def test_a_knob_of_the_score_hears_nothing_again(voice, change):
    audio, book = song(seconds=4.0), Book()
    sung(voice, audio, (book,))
    book.counted()
    again = sung(voice, audio, (book,), **change)
    assert not set(book.counted()) & {"heard", "pitch", "content"}
    np.testing.assert_array_equal(again, sung(voice, audio, (), **change))


@pytest.mark.bytes
def test_another_seed_hears_nothing_again(voice):
    audio, book = song(seconds=4.0), Book()
    sung(voice, audio, (book,))
    book.counted()
    sung(voice, audio, (book,), {"seed": 7})
    assert not set(book.counted()) & {"heard", "pitch", "content"}


@pytest.mark.bytes
def test_another_tracker_hears_again(voice):
    audio, book = song(seconds=4.0), Book()
    sung(voice, audio, (book,))
    book.counted()
    sung(voice, audio, (book,), {"pitch": "praat"})
    assert set(book.counted()) & {"heard", "pitch"}


@pytest.mark.bytes
def test_an_edit_sings_its_phrase_again_and_a_lane_the_phrases_under_it(old):
    voice = SvcVoice(dataclasses.replace(old.parts, hashes={"generator": "g", "encoder": "e"}))
    audio, book = song(seconds=8.0), Book()
    sung(voice, audio, (book,))
    assert book.counted() == {"heard": 4, "sung": 4}
    edited = audio.copy()
    edited[round(2.2 * RATE) : round(2.9 * RATE)] *= 0.5
    np.testing.assert_array_equal(sung(voice, edited, (book,)), sung(voice, edited, ()))
    assert book.counted() == {"heard": 1, "sung": 1}
    late = Lane(((0.0, 0.0), (6.5, 2.0)), "step")
    np.testing.assert_array_equal(
        sung(voice, audio, (book,), transpose_semitones=late),
        sung(voice, audio, (), transpose_semitones=late),
    )
    assert book.counted() == {"sung": 1}


def test_another_generator_behind_one_encoder_hears_nothing_again(old):
    audio, book = song(seconds=4.0), Book()
    for weights in ("g", "h"):
        hashes = {"generator": weights, "encoder": "e"}
        sung(SvcVoice(dataclasses.replace(old.parts, hashes=hashes)), audio, (book,))
    assert book.counted() == {"heard": 2, "sung": 4}


def test_without_hashes_nothing_is_kept(old):
    book = Book()
    sung(old, song(seconds=2.0), (book,))
    assert not book.counted()
