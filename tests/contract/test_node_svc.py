"""A node with a so-vits-svc voice: the knobs that only such voices have, and what is refused."""

import copy
import pickle

import numpy as np
import pytest

import svcfx
from svcfx.errors import ParamError, VoiceError
from svcfx.lanes import Lane

RATE = 44_100


@pytest.fixture
def duo(svc_voice):
    return svcfx.VoiceConversion(svc_voice)


@pytest.mark.parametrize("name", ["duo", "duo/mei", "duo/alto", "alto"])
def test_singers_are_named_with_their_voice_or_without(svc_voice, name):
    assert svcfx.VoiceConversion(name).voice == name


@pytest.mark.bytes
def test_each_singer_sounds_another_way(svc_voice, stem):
    first, mei, alto = (svcfx.VoiceConversion(name)(stem, RATE) for name in ("duo", "duo/mei", "duo/alto"))
    np.testing.assert_array_equal(first, mei)
    assert np.abs(alto - mei).max() > 0.01


@pytest.mark.parametrize(
    "moved",
    [
        {"transpose_semitones": 5.0},
        {"noise": 0.0},
        {"index_rate": 1.0},
        {"blend_with": "alto", "blend": 0.5},
        {"diffusion_depth": 0.05},
        {"diffusion_depth": 0.05, "diffusion_steps": 3},
        {"diffusion_depth": 0.05, "diffusion_method": "ddim"},
        {"diffusion_depth": 0.05, "second_encoding": True},
        {"enhancer_key": 2.0},
        {"loudness_follow": 1.0},
        {"seed": 1},
    ],
)
def test_every_knob_is_heard(duo, stem, moved):
    less = dict(list(moved.items())[:-1])
    before = svcfx.VoiceConversion("duo", **less)(stem, RATE)
    after = svcfx.VoiceConversion("duo", **moved)(stem, RATE)
    assert after.shape == before.shape
    assert np.isfinite(after).all()
    assert np.abs(after - before).max() > 1e-4


EVERYTHING = {
    "index_rate": 0.5, "protect": 0.5, "blend_with": "alto", "blend": 0.3, "diffusion_depth": 0.02,
    "diffusion_steps": 3, "second_encoding": True, "loudness_follow": 0.5, "transpose_semitones": -3.0,
}  # fmt: skip


@pytest.mark.bytes
def test_a_stream_with_everything_on_is_the_one_shot_with_the_card_s_level(svc_voice, stem):
    node = svcfx.VoiceConversion("duo", level="card", **EVERYTHING)
    whole = node(stem, RATE)
    for block in (700, 30_000):
        pieces = [node(stem[i : i + block], RATE, reset=False) for i in range(0, len(stem), block)]
        streamed = np.concatenate([*pieces, node.flush()])
        assert 20 * np.log10(np.abs(streamed - whole).max() + 1e-12) < -100
    assert np.abs(whole).max() > 0.01


@pytest.mark.bytes
def test_each_channel_is_sung_by_itself_with_everything_on(svc_voice, stem):
    node = svcfx.VoiceConversion("duo", stereo="dual_mono", **EVERYTHING)
    both = node(np.stack([stem, stem[::-1]]), RATE)
    np.testing.assert_array_equal(both[0], node(stem, RATE))
    np.testing.assert_array_equal(both[1], node(stem[::-1].copy(), RATE))


def test_protect_keeps_the_index_away_from_unvoiced_sounds(svc_voice, stem):
    hiss = (0.1 * np.random.default_rng(1).standard_normal(RATE)).astype(np.float32)

    def drawn(sound, **knobs):
        return svcfx.VoiceConversion("duo", **knobs)(sound, RATE)

    plain, bent = drawn(hiss), drawn(hiss, index_rate=1.0)
    kept = drawn(hiss, index_rate=1.0, protect=1.0)
    assert np.abs(kept - plain).max() < 0.1 * np.abs(bent - plain).max()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"diffusion_depth": 0.2}, "so diffusion_depth must be at most 0.1, not 0.2"),
        ({"formant_semitones": 1.0}, "has no formant control"),
        ({"blend_with": "tenor"}, "blend_with names 'tenor', the voice has "),
        ({"diffusion_only": True}, "has no refiner that was trained from pure noise"),
    ],
)
def test_what_the_voice_lacks_is_refused_with_its_name(svc_voice, options, sentence):
    with pytest.raises(VoiceError, match=f"voice 'duo' .*{sentence}"):
        svcfx.VoiceConversion("duo", **options)


def test_a_depth_lane_is_refused_before_anything_is_rendered(duo, monkeypatch):
    monkeypatch.setattr(type(duo._voice), "render", None)
    lane = Lane(((0.0, 0.0), (0.5, 0.3)))
    with pytest.raises(VoiceError, match=r"diffusion_depth must be at most 0\.1, not 0\.3"):
        duo.process_automated(np.zeros(RATE, np.float32), RATE, {"diffusion_depth": lane})


def test_a_depth_lane_moves_the_depth_from_phrase_to_phrase(duo, sung):
    sound = np.concatenate([sung(1.0, RATE), np.zeros(RATE, np.float32), sung(1.0, RATE)])
    lane = Lane(((0.0, 0.0), (1.5, 0.05)), "step")
    moved = duo.process_automated(sound, RATE, {"diffusion_depth": lane})
    plain, deep = duo(sound, RATE), svcfx.VoiceConversion("duo", diffusion_depth=0.05)(sound, RATE)
    np.testing.assert_allclose(moved[:RATE], plain[:RATE], atol=1e-5)
    np.testing.assert_allclose(moved[2 * RATE :], deep[2 * RATE :], atol=1e-5)
    assert np.abs(deep - plain)[2 * RATE :].max() > 0.01


def test_a_knob_that_nobody_moved_stands_where_the_voice_has_it(svc_voice, synthetic_voice):
    node = svcfx.VoiceConversion(svc_voice)
    assert node.loudness_follow == 0.0
    node.voice = synthetic_voice
    assert node.loudness_follow == 0.7
    node.loudness_follow = 0.2
    node.voice = svc_voice
    assert node.loudness_follow == 0.2
    assert svcfx.VoiceConversion(svc_voice, loudness_follow=0.7).loudness_follow == 0.7


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_leaves_to_the_voice_what_its_original_leaves(svc_voice, synthetic_voice, copied):
    node = copied(svcfx.VoiceConversion(svc_voice, noise=0.1))
    assert (node.noise, node.loudness_follow) == (0.1, 0.0)
    node.noise = 0.4
    node.voice = synthetic_voice
    assert node.loudness_follow == 0.7


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_device_that_is_asked_for_goes_with_copies_and_into_no_preset(svc_voice, monkeypatch, copied):
    monkeypatch.setenv("SVCFX_DEVICE", "cuda:77")
    node = copied(svcfx.VoiceConversion(svc_voice, device="cpu"))
    node.voice = "duo/alto"
    assert node.facts()["device"]["class"] == "cpu"
    assert "device" not in node.to_dict()
    with pytest.raises(ParamError, match="device is 'cuda:77', this machine has"):
        svcfx.VoiceConversion(svc_voice).facts()


def test_a_voice_that_lacks_what_is_set_is_refused_and_nothing_changes(svc_voice, synthetic_voice):
    node = svcfx.VoiceConversion(svc_voice, index_rate=0.5, loudness_follow=0.1)
    before = node.to_dict()
    with pytest.raises(VoiceError, match="voice 'tess' has no index, so index_rate must be 0"):
        node.voice = synthetic_voice
    assert node.to_dict() == before
    node = svcfx.VoiceConversion(svc_voice, blend_with="alto")
    with pytest.raises(VoiceError, match="voice 'tess' has no second singer, so blend_with must be left out"):
        node.voice = synthetic_voice
    assert node.voice == "duo"


def test_what_is_written_out_makes_the_same_node(svc_voice):
    node = svcfx.VoiceConversion(svc_voice, enhancer_key=2, blend_with="alto:2, mei", second_encoding=True)
    written = node.to_dict()
    assert (written["loudness_follow"], written["enhancer_key"], written["diffusion_steps"]) == (
        0.0,
        2.0,
        10.0,
    )
    assert svcfx.VoiceConversion.from_dict(written).to_dict() == written


def test_steps_are_whole_and_no_lane_moves_them(duo):
    with pytest.raises(ParamError, match="must be a whole number from 1 to 1000 steps"):
        duo.diffusion_steps = 2.5
    duo.parameters["diffusion_steps"].raw_value = 0.5
    assert duo.diffusion_steps == 500.0
    with pytest.raises(ParamError, match="diffusion_steps cannot be automated"):
        duo.process_automated(np.zeros(9, np.float32), RATE, {"diffusion_steps": Lane.constant(3.0)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blend_with", 3),
        ("second_encoding", "yes"),
        ("enhancer_key", "high"),
        ("enhancer_key", True),
        ("diffusion_only", 1),
        ("predict_f0", None),
    ],
)
def test_a_switch_of_another_type_is_a_type_error(duo, name, value):
    with pytest.raises(TypeError, match=f"{name} must be "):
        setattr(duo, name, value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"blend": 0.5}, "blend reaches 0.5, and blend_with names no singer"),
        ({"enhancer_key": 0, "diffusion_depth": 0.05}, "so enhancer_key enhances nothing"),
    ],
)
def test_what_excludes_each_other_is_refused_before_it_sings(svc_voice, stem, options, sentence):
    node = svcfx.VoiceConversion("duo", **options)
    with pytest.raises(ParamError, match=sentence):
        node(stem, RATE)
    with pytest.raises(ParamError, match=sentence):
        node(stem, RATE, reset=False)


def test_a_lane_of_blend_needs_somebody_to_blend_with(duo):
    with pytest.raises(ParamError, match="blend_with names no singer"):
        duo.process_automated(np.zeros(RATE, np.float32), RATE, {"blend": Lane(((0.0, 0.0), (1.0, 1.0)))})
