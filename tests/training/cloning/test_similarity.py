"""Likeness is judged by Resemblyzer, or said not to be measured."""

import sys

import pytest
from training.cloning.test_reference import RATE, sung

from svcfx.errors import MissingPartError
from svcfx.training.cloning import similarity


def test_without_resemblyzer_it_is_said_how_to_get_it(monkeypatch):
    similarity._encoder.cache_clear()
    monkeypatch.setitem(sys.modules, "resemblyzer", None)
    with pytest.raises(MissingPartError, match="was not measured: Resemblyzer is not installed") as error:
        similarity.similarity(sung(), sung(), RATE)
    assert error.value.hint == 'pip install "svcfx[clone]"'


def test_a_recording_is_like_itself_at_any_level():
    pytest.importorskip("resemblyzer", reason="the clone extra is not installed")
    assert similarity.similarity(sung(), 0.1 * sung(), RATE) == pytest.approx(1.0, abs=1e-3)
