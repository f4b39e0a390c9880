from dataclasses import replace

import pytest

from svcfx.chain.knobs import RESTS
from svcfx.chain.svc.limits import lacks, reach


@pytest.mark.parametrize(
    ("knob", "value", "says"),
    [
        ("diffusion_depth", 0.2, "has no diffusion refiner, so diffusion_depth must be 0"),
        ("second_encoding", True, "has no diffusion refiner, so second_encoding must be off"),
        ("enhancer_key", 2.0, "has no vocoder behind a generator, so enhancer_key must be left out"),
        ("formant_semitones", 1.0, "has no formant control"),
        ("blend_with", "tom", "blend_with names 'tom', the voice has mei, tess"),
    ],
)
def test_what_a_voice_has_no_part_for_is_said(old, knob, value, says):
    assert says in lacks(reach(old.parts), knob, value)
    assert not lacks(reach(old.parts), knob, RESTS[knob])


def test_a_refiner_is_not_asked_for_more_than_it_knows(new):
    assert lacks(reach(new.parts), "diffusion_depth", 0.1) == ""
    assert "knows 100 of 1000 noise levels, so diffusion_depth must be at most 0.1, not 0.2" in lacks(
        reach(new.parts), "diffusion_depth", 0.2
    )
    assert "trained from pure noise" in lacks(reach(new.parts), "diffusion_only", True)


def test_a_voice_of_one_singer_blends_with_nobody(old):
    generator = replace(old.parts.generator, singers={"mei": 0})
    alone = reach(replace(old.parts, generator=generator, bank=None))
    assert lacks(alone, "blend", 0.5) == "has no second singer, so blend must be 0"
    assert lacks(alone, "index_rate", 0.5) == "has no index, so index_rate must be 0"
