"""Knobs: attributes, parameter objects of a VST3's shape, refusals, copies, pickles."""

import copy
import pickle
import threading

import numpy as np
import pytest

import svcfx
from svcfx.errors import AudioTypeError, ParamError, UnknownAttributeError, VoiceError
from svcfx.lanes import Lane, SampledLane

RATE = 44100


def test_constructor_keywords_are_attributes(synthetic_voice):
    node = svcfx.VoiceConversion(synthetic_voice, transpose_semitones=3, mix=0.5, stereo="dual_mono")
    assert (node.voice, node.transpose_semitones, node.mix, node.stereo) == ("tess", 3.0, 0.5, "dual_mono")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transpose_semitones", 36.5),
        ("transpose_semitones", float("nan")),
        ("formant_semitones", -12.1),
        ("mix", 1.01),
        ("output_gain_db", -61),
        ("loudness_follow", -0.1),
    ],
)
def test_out_of_range_is_a_value_error_with_the_range_and_keeps_the_value(node, name, value):
    before = getattr(node, name)
    with pytest.raises(ValueError, match=rf"{name} is .* outside "):
        setattr(node, name, value)
    assert getattr(node, name) == before


def test_another_type_is_a_type_error(node):
    with pytest.raises(TypeError, match="must be a number"):
        node.mix = [1]
    with pytest.raises(TypeError, match="True or False"):
        node.octave_repair = "yes"


def test_an_unknown_attribute_is_an_attribute_error_with_the_nearest(node):
    with pytest.raises(AttributeError, match="did you mean 'transpose_semitones'"):
        node.transpose_semitone = 3
    with pytest.raises(UnknownAttributeError, match="did you mean 'mix'"):
        _ = node.mixx
    with pytest.raises(ParamError, match="did you mean 'formant_semitones'"):
        svcfx.VoiceConversion("tess", formant_semitone=3)


def test_an_unknown_choice_names_the_nearest(node):
    with pytest.raises(ValueError, match="did you mean 'dual_mono'"):
        node.stereo = "dualmono"
    with pytest.raises(ValueError, match="did you mean 'crepe-tiny'"):
        node.pitch = "crepe-tine"


def test_an_unknown_voice_names_the_nearest_and_the_list(clear_node):
    with pytest.raises(VoiceError, match=r"did you mean 'tess'\?\)\nHint: there are .*tess, tom"):
        clear_node.voice = "tesss"
    assert clear_node.voice == "tess"


def test_texts_may_carry_the_unit(node):
    node.transpose_semitones = "3.5 st"
    node.output_gain_db = "-6dB"
    node.mix = "0.25"
    assert (node.transpose_semitones, node.output_gain_db, node.mix) == (3.5, -6.0, 0.25)
    with pytest.raises(ValueError, match="optional suffix 'st'"):
        node.transpose_semitones = "3 dB"


def test_parameters_have_the_shape_of_a_vst3_s(node):
    node.transpose_semitones = 12
    knob = node.parameters["transpose_semitones"]
    assert (knob.python_name, knob.name, knob.label, knob.units) == (
        "transpose_semitones",
        "Transpose semitones",
        "st",
        "st",
    )
    assert (knob.min_value, knob.max_value, knob.range, knob.type) == (
        -36.0,
        36.0,
        (-36.0, 36.0, None),
        float,
    )
    assert knob.step_size is None
    assert (knob.valid_values[0], knob.valid_values[-1]) == (-36.0, 36.0)
    assert (knob.string_value, knob.raw_value) == ("12", pytest.approx(2 / 3))
    assert knob.get_raw_value_for(0) == 0.5
    assert knob.get_raw_value_for("-36 st") == 0.0
    with pytest.raises(ValueError, match="outside -36 to 36 st"):
        knob.get_raw_value_for(40)


def test_a_raw_value_sets_the_knob(node):
    node.parameters["mix"].raw_value = 0.25
    assert node.mix == 0.25
    node.parameters["stereo"].raw_value = 1.0
    assert node.stereo == "mid_with_side"
    assert node.parameters["stereo"].type is str
    assert node.parameters["stereo"].valid_values == ["mid", "dual_mono", "mid_with_side"]


def test_the_dict_of_parameters_says_what_to_write(node):
    with pytest.raises(TypeError, match=r"my_node\.mix = 0\.5"):
        node.parameters["mix"] = 0.5
    assert list(node.parameters)[:2] == ["transpose_semitones", "formant_semitones"]


def test_is_effect_is_instrument_and_parameters_are_read_only(node):
    assert node.is_effect is True
    assert node.is_instrument is False
    for name in ("parameters", "latency_samples", "inert"):
        with pytest.raises(AttributeError):
            setattr(node, name, 1)


def test_repr_names_class_voice_and_knobs(clear_node):
    clear_node.transpose_semitones = 3
    assert repr(clear_node).startswith("<svcfx.VoiceConversion voice=tess ")
    assert " transpose_semitones=3 " in repr(clear_node)
    assert repr(clear_node).endswith(f" at {id(clear_node):#x}>")


def test_equality_is_identity(node):
    assert node != copy.copy(node)
    assert len({node, copy.copy(node)}) == 2


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_copies_have_their_own_knobs_over_shared_weights(node, copied):
    node.transpose_semitones, node.seed, node.octave_repair = -2.5, 7, False
    other = copied(node)
    assert other.to_dict() == node.to_dict()
    other.transpose_semitones = 1.0
    assert node.transpose_semitones == -2.5
    assert other._voice.opened is node._voice.opened


def test_from_dict_undoes_to_dict(node):
    node.transpose_semitones, node.level = 1.5, "card"
    again = svcfx.VoiceConversion.from_dict(node.to_dict())
    assert again.to_dict() == node.to_dict()
    with pytest.raises(ParamError, match="node is 'Reverb'"):
        svcfx.VoiceConversion.from_dict({"node": "Reverb"})


def test_diffusion_is_refused_by_a_voice_that_has_none(clear_node):
    with pytest.raises(VoiceError, match="'tess' has no diffusion refiner, so diffusion_depth must be 0"):
        clear_node.diffusion_depth = 0.3
    assert clear_node.diffusion_depth == 0.0
    with pytest.raises(VoiceError, match="no diffusion refiner"):
        svcfx.VoiceConversion("tess", diffusion_depth=0.1)
    with pytest.raises(VoiceError, match="no diffusion refiner"):
        clear_node.process_automated(
            np.zeros(44100, np.float32), RATE, {"diffusion_depth": Lane(((0, 0), (0.5, 1)))}
        )


def test_a_lane_that_leaves_the_range_is_refused_with_its_second(node):
    lane = Lane(((0.0, 0.0), (1.0, 0.0), (1.0, 50.0)), "step")
    with pytest.raises(ParamError, match=r"transpose_semitones is 50 st at 1\.00 s"):
        node.process_automated(np.zeros(2 * 44100, np.float32), RATE, {"transpose_semitones": lane})
    with pytest.raises(UnknownAttributeError, match="did you mean 'mix'"):
        node.process_automated(np.zeros(100, np.float32), RATE, {"mixx": lane})
    with pytest.raises(ParamError, match="stereo cannot be automated"):
        node.process_automated(np.zeros(100, np.float32), RATE, {"stereo": lane})


@pytest.mark.bytes
def test_constant_lanes_equal_knobs(node, stem):
    sound = stem[:30_000]
    lanes = {"transpose_semitones": Lane.constant(2.0), "output_gain_db": SampledLane(np.full(9, -6.0), RATE)}
    moved = node.process_automated(sound, RATE, lanes)
    node.transpose_semitones, node.output_gain_db = 2.0, -6.0
    np.testing.assert_array_equal(moved, node(sound, RATE))


def test_a_transposition_lane_moves_the_pitch_where_it_says(node, sung):
    sound = sung(2.0, RATE, 200.0)
    lane = Lane(((0.0, 0.0), (1.0, 7.0)), "step")
    out = node.process_automated(sound, RATE, {"transpose_semitones": lane})
    here, there = node.analyse(sound, RATE), node.analyse(out, RATE)
    cents = 1200 * np.log2(
        np.where(there.voiced & here.voiced, there.f0_hz / np.maximum(here.f0_hz, 1), np.nan)
    )
    assert abs(np.nanmedian(cents[:97])) < 5
    assert abs(np.nanmedian(cents[103:]) - 700) < 5


@pytest.mark.bytes
def test_nodes_may_be_called_from_several_threads(node, stem):
    """One node in two threads, two nodes over one voice: results do not mix."""
    other = svcfx.VoiceConversion("tess", transpose_semitones=5)
    wanted = {id(n): n(stem[:15_000], RATE) for n in (node, other)}
    same: list[bool] = []

    def work(which):
        for _ in range(2):
            same.append(np.array_equal(which(stem[:15_000], RATE), wanted[id(which)]))  # noqa: PERF401

    threads = [threading.Thread(target=work, args=(n,)) for n in (node, node, other, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 8


def test_the_global_random_state_is_untouched_and_the_seed_moves_only_breath(node, stem):
    import random

    import torch

    states = (random.getstate(), np.random.get_state()[1].copy(), torch.random.get_rng_state())
    first = node(stem[:15_000], RATE)
    assert random.getstate() == states[0]
    np.testing.assert_array_equal(np.random.get_state()[1], states[1])
    assert torch.equal(torch.random.get_rng_state(), states[2])
    node.seed = 1
    assert not np.array_equal(node(stem[:15_000], RATE), first)


def test_type_errors_of_switches(synthetic_voice):
    with pytest.raises(AudioTypeError, match="whole number"):
        svcfx.VoiceConversion(synthetic_voice, seed=1.5)
    with pytest.raises(ParamError, match="outside 0 to"):
        svcfx.VoiceConversion(synthetic_voice, seed=-1)
