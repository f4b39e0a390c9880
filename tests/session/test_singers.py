"""What a session knows of its singers: recipes, licences, ranges, so-vits-svc voices in presets."""

import pickle

import numpy as np
import pytest

from svcfx import preset
from svcfx.board import Board, Slot
from svcfx.errors import PresetError, SessionError
from svcfx.lanes import Lane
from svcfx.node import VoiceConversion
from svcfx.render.job import Job
from svcfx.render.steps import Steps
from svcfx.session import contents, document, makeup, plan, recipe, singers, strip_render
from svcfx.session.bounce import bounce

VOICE = '[[nodes]]\nnode = "VoiceConversion"\nvoice = "{}"\n'
STEM = '[[stems]]\nfile = "a.wav"\nrole = "lead"\npreset = "{}"\n'


@pytest.fixture
def sung(song, make, svc_voice, synthetic_voice):
    """Writes a session of one low stem and the preset text of it; returns the session's path."""
    song.stem("a.wav", make["tone"](55.0, 1.0))

    def write(text, more=""):
        return song.session(STEM.format(song.preset("p.toml", text)) + more)

    return write


def test_a_recipe_names_singer_family_and_every_part(svc_voice):
    [used] = singers.used(Board([VoiceConversion("duo/alto", precision="bf16")]))
    assert (used.name, used.licence) == ("duo/alto", "none")
    facts = used.details
    assert (facts["voice"], facts["singer"], facts["family"]) == ("duo", "alto", "sovits41")
    assert (facts["consent"], facts["pitch"], facts["precision"]) == ("no person", "swift", "bf16")
    assert set(facts["parts"]) == {"generator", "refiner", "vocoder", "bank"}
    assert all(len(part["sha256"]) == 64 for part in facts["parts"].values())


def test_a_licence_that_forbids_commercial_use_is_said_once_for_all_singers(svc_voice, synthetic_voice):
    board = Board([VoiceConversion("duo/alto"), VoiceConversion("duo/mei"), VoiceConversion("tess")])
    [note] = singers.licence_notes(singers.used(board))
    assert note.text.startswith("voice 'duo': before commercial use, mind the licence of its vocoder: ")
    assert not note.is_warning


def test_a_bounce_says_it_once_and_its_recipe_holds_it(sung, tmp_path):
    done = bounce(sung(VOICE.format("duo")), tmp_path / "out")
    assert [note.code for note in done.notes].count("licence") == 1
    text = recipe.as_text(recipe.read(done.mix[0]))
    for said in ("duo, sovits41, licence none", "vocoder    nsf_hifigan", "which forbids commercial use"):
        assert said in text


def test_a_stem_takes_the_octave_that_suits_its_voice(sung, tmp_path):
    session = sung(VOICE.format("tess"))
    session.write_text(session.read_text() + 'transpose = "auto"\n')
    done = bounce(session, tmp_path / "out")
    [said] = [note.text for note in done.notes if note.code == "octave"]
    assert said.startswith("stem 'a': transpose auto: +12 semitones suits tess's 80 to 800 Hz")


def test_a_stem_without_a_voice_has_no_octave_to_take(sung, tmp_path):
    session = sung('[[nodes]]\nnode = "Gain"\n')
    session.write_text(session.read_text() + 'transpose = "auto"\n')
    with pytest.raises(SessionError, match=r"stems\[1\]\.transpose moves a voice"):
        bounce(session, tmp_path / "out")


def test_a_lane_deeper_than_the_diffusion_model_is_refused_before_anything_is_rendered(sung, tmp_path):
    lane = '[stems.automation]\n"voice.diffusion_depth" = [[0, 0], [0.5, 0.3]]\n'
    with pytest.raises(SessionError, match=r"stems\[1\]\.automation: voice 'duo' .* at most 0\.1, not 0\.3"):
        bounce(sung(VOICE.format("duo"), lane), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (VOICE.format("doo"), r"nodes\[1\]: no voice is called 'doo' \(did you mean 'duo"),
        (VOICE.format("duo/tenor"), r"nodes\[1\]: voice 'duo' has no singer 'tenor'"),
        (VOICE.format("tess") + "index_rate = 0.5\n", r"nodes\[1\]: voice 'tess' has no index"),
        (VOICE.format("duo") + "diffusion_steps = 2.5\n", r"nodes\[1\]: diffusion_steps is 2\.5"),
        (VOICE.format("duo") + 'blend_with = "bass"\n', r"nodes\[1\]: voice 'duo' cannot blend so"),
        (VOICE.format("duo") + "blend = 0.5\n", r"nodes\[1\]: blend reaches 0\.5, and blend_with names no"),
    ],
)
def test_a_preset_is_refused_by_file_and_key_path(sung, tmp_path, text, sentence):
    with pytest.raises(PresetError, match=rf"p\.toml': {sentence}"):
        bounce(sung(text), tmp_path / "out")


def test_a_preset_with_all_that_a_voice_can_have_is_saved_and_read_as_it_is(svc_voice, tmp_path):
    node = VoiceConversion("duo/alto", index_rate=0.3, diffusion_depth=0.1, diffusion_steps=20, blend=0.2,
                           blend_with="mei", second_encoding=True)  # fmt: skip
    made = preset.from_board(Board([node]), "mine")
    preset.save(made, tmp_path / "mine.toml")
    [again] = [slot.node for slot in preset.load(tmp_path / "mine.toml").build().slots]
    assert again.to_dict() == node.to_dict()


def test_a_bypassed_voice_neither_sings_nor_is_named_nor_moves_the_loudness(synthetic_voice, make):
    singing = VoiceConversion(synthetic_voice)
    resting = VoiceConversion(synthetic_voice, output_gain_db=-9.0)
    alone, both = Board([singing]), Board([Slot(resting, "rest", True), singing])
    assert contents.voices(both) == ("voice",)
    assert contents.first_voices(both) == ("voice",)
    samples = make["tone"](220.0, 2.0, channels=2)
    heard = [
        makeup.matched(Job("stem", samples, 44_100, board), 0.1 * samples, Steps())[0]
        for board in (alone, both)
    ]
    np.testing.assert_array_equal(*heard)
    resting_alone = Board([Slot(resting, "rest", True)])
    assert singers.used(resting_alone) == []


def test_a_voice_whose_mix_is_moved_is_at_work(synthetic_voice):
    board = Board([VoiceConversion(synthetic_voice, mix=0.0)])
    assert contents.voices(board) == ()
    assert contents.voices(board, {"voice.mix": Lane(((0.0, 0.0), (1.0, 1.0)))}) == ("voice",)
    assert contents.voices(board, {"voice.mix": Lane.constant(0.0)}) == ()


def test_a_plan_is_plain_data_that_a_render_does_not_change(sung, tmp_path):
    session = sung(VOICE.format("tess"))
    session.write_text(session.read_text() + 'transpose = "auto"\n')
    planned = plan.make(document.load(session))
    before = pickle.dumps(planned)
    assert len(before) < 100_000  # no weights in it
    again = pickle.loads(before)
    first = strip_render.render(planned, planned.stems[0])
    assert pickle.dumps(planned) == before
    for other in (planned, again):
        np.testing.assert_array_equal(strip_render.render(other, other.stems[0]).samples, first.samples)


@pytest.mark.usefixtures("small_crepe")
def test_equal_renders_of_a_slow_tracker_have_equal_recipes_and_pass_strict(sung, tmp_path):
    session = sung(VOICE.format("tess") + 'pitch = "crepe"\n')
    made = [bounce(session, tmp_path / name) for name in ("one", "two")]
    assert recipe.read(made[0].mix[0]) == recipe.read(made[1].mix[0])
    [slow] = [note for note in made[0].notes if note.code == "slow-tracker"]
    assert not slow.is_warning
    assert not [note for note in made[0].notes if note.code == "mid-dropped"]
