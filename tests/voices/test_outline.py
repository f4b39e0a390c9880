"""What a voice's card and headers say of it is what its opened weights say."""

import json

import pytest

from svcfx.chain.knobs import TABLE, Choice, Knob
from svcfx.errors import VoiceError
from svcfx.voices import outline, shelf
from svcfx.voices.outline import Outline


@pytest.fixture(params=["vela", "tess", "duo"])
def both(request, svc_voice, synthetic_voice):
    """A voice as an outline, and opened: one that ships, one of random nets, one of so-vits-svc."""
    return Outline(shelf.find(request.param)), shelf.load(request.param)


def settings():
    """Rows of the table of knobs, and values that they may be asked to stand at."""
    for row in TABLE:
        values = (True, 1, 3.0, "mei", "mei:2, alto", "nobody", None)
        if isinstance(row, Choice):
            values = row.choices
        elif isinstance(row, Knob):
            values = (row.low, row.high, 0.1)
        yield from ((row.name, value) for value in values)


def test_an_outline_says_what_the_opened_voice_says(both):
    seen, opened = both
    assert (seen.have, dict(seen.defaults)) == (opened.have, dict(opened.defaults))
    assert (seen.name, seen.singers, seen.matched_to_source) == (
        opened.name, opened.singers, opened.matched_to_source,
    )  # fmt: skip
    assert [seen.cost(refined=way) for way in (False, True)] == [
        opened.cost(refined=way) for way in (False, True)
    ]
    for knob, value in settings():
        assert seen.lacks(knob, value) == opened.lacks(knob, value)


def test_an_outline_sings_with_the_weights_once_it_is_asked_to(both):
    seen, opened = both
    assert seen.opened is opened
    assert (seen.identity, seen.device) == (opened.identity, opened.device)
    assert seen.latency_seconds(44_100.0) == opened.latency_seconds(44_100.0)


@pytest.mark.parametrize(
    "header",
    [b"", b"\xff" * 8, (20).to_bytes(8, "little") + b"{", (2).to_bytes(8, "little") + b"[]",
     len(deep := b"[" * 100_000).to_bytes(8, "little") + deep],
)  # fmt: skip
def test_a_header_that_is_none_is_refused(tmp_path, header):
    path = tmp_path / "g.safetensors"
    path.write_bytes(header)
    with pytest.raises(VoiceError, match=r"'g\.safetensors' cannot be read"):
        outline.facts(path)


def test_facts_are_what_the_header_says(tmp_path):
    said = json.dumps({"__metadata__": {"svcfx": '{"a": 1}'}, "x": {}}).encode()
    (tmp_path / "g.safetensors").write_bytes(len(said).to_bytes(8, "little") + said)
    assert outline.facts(tmp_path / "g.safetensors") == {"a": 1, "tensors": ["x"]}
