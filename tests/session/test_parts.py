"""Harmonies and doubles of a stem: at their pitch and place, and heard once for all of them."""

import os

import mido
import numpy as np
import pytest
from voices import checkpoints

from svcfx import VoiceConversion, audio
from svcfx.errors import SessionError
from svcfx.render.steps import Steps
from svcfx.render.store import Memory
from svcfx.session import document, plan, recipe, strip_render
from svcfx.session.bounce import bounce
from svcfx.voices import adding, encoder, shelf

RATE = 44_100
NOTES = (55, 57, 59)


@pytest.fixture
def lead(song, synthetic_voice):
    """A song whose lead sings G, A and B for 0.8 s each, with rests; writes sessions with more on it."""
    when = np.arange(int(0.8 * RATE)) / RATE
    swell = np.hanning(len(when)) ** 0.25
    hertz = [440.0 * 2 ** ((note - 69) / 12) for note in NOTES]
    notes = [swell * sum(np.sin(2 * np.pi * k * hz * when) / k for k in range(1, 12)) for hz in hertz]
    rest = np.zeros(int(0.7 * RATE))
    song.stem("lead.wav", 0.1 * np.concatenate([part for note in notes for part in (note, rest)])[None])
    song.preset(
        "sing.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\nscale = "C major"\n'
    )

    def session(more, head=""):
        stem = f'[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sing.toml"\n{more}\n'
        return song.session(f'{head}{stem}[output]\nstems = true\nencoding = "float"\n')

    return session


def files(done):
    return {path.stem: audio.read(path).samples for path in done.stems}


def sung(samples):
    """The middle of each note's pitch, in MIDI numbers."""
    found = VoiceConversion("vela").analyse(samples.mean(0), RATE).f0_hz
    middles = [np.median(found[start : start + 40]) for start in (20, 170, 320)]
    return 69 + 12 * np.log2(np.array(middles) / 440.0)


def decibels(samples):
    return 10 * np.log10(np.mean(samples**2))


def test_each_part_sings_its_interval_as_long_and_where_the_lead_does(lead, tmp_path):
    wanted = {"+3 diatonic": (59, 60, 62), "-5": (50, 52, 54), "octave": (67, 69, 71)}
    written = ", ".join(f'"{interval}"' for interval in wanted)
    done = bounce(lead(f"harmony = [{written}]"), tmp_path / "out")
    made = files(done)
    assert set(made) == {"lead", *(f"lead {interval}" for interval in wanted)}
    for interval, notes in wanted.items():
        part = made[f"lead {interval}"]
        np.testing.assert_allclose(sung(part), notes, atol=0.15)
        assert part.shape == made["lead"].shape
        assert decibels(part) == pytest.approx(decibels(made["lead"]) - 6.0, abs=1.5)
        assert np.abs(part[:, int(0.9 * RATE) : int(1.4 * RATE)]).max() < 1e-4
    mix = audio.read(done.mix[0]).samples
    assert np.abs(mix - sum(made.values())).max() < 1e-5


def test_parts_lie_to_both_sides_and_where_they_are_put(lead, tmp_path):
    done = bounce(
        lead('harmony = ["-5", "octave", { interval = "+7", pan = -1.0, gain_db = -12.0 }]'), tmp_path / "o"
    )
    made = files(done)
    left, right = (made[f"lead {name}"] for name in ("-5", "octave"))
    assert decibels(left[0]) > decibels(left[1]) + 3
    assert decibels(right[1]) > decibels(right[0]) + 3
    assert not made["lead +7"][1].any()


@pytest.mark.bytes
@pytest.mark.parametrize("family", [pytest.param("parametric", marks=pytest.mark.slow), "so-vits-svc"])
def test_what_was_heard_of_the_lead_is_heard_once_for_all_parts(lead, song, tmp_path, svc_voice, family):
    if family == "so-vits-svc":
        text = f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{svc_voice}"\nscale = "C major"\n'
        song.preset("sing.toml", text)

    def made(more, store):
        steps = bounce(lead(more), tmp_path / "out", on_exists="overwrite", store=store).steps
        heard = sum(
            n
            for (kind, there), n in steps.parts.items()
            if kind in ("pitch", "content", "heard") and not there
        )
        return heard, sum(step.kind == "voice" for step in steps.made)

    alone, once = made("", Memory())
    assert once == 1
    several = 'harmony = ["+3 diatonic", "-5", "octave"]\ndoubles = { count = 2 }'
    for store in (Memory(), None):
        heard, voices = made(several, store)
        assert heard == alone > 0
        assert voices == (0 if store is None else 6)


def test_a_part_is_sung_by_another_singer_or_to_a_track(lead, song, tmp_path):
    events = [(0, mido.MetaMessage("track_name", name="alto"))]
    for start, note in ((0, 64), (1400, 60), (2800, 57)):
        events += [
            (start, mido.Message("note_on", note=note)),
            (start + 900, mido.Message("note_off", note=note)),
        ]
    song.midi("song.mid", events)
    more = 'harmony = ["track alto", { interval = "octave", voice = "tom" }]'
    done = bounce(lead(more, '[midi]\nfile = "song.mid"\n'), tmp_path / "out")
    made = files(done)
    np.testing.assert_allclose(sung(made["lead track alto"]), (64, 60, 57), atol=0.15)
    np.testing.assert_allclose(sung(made["lead octave"]), (67, 69, 71), atol=0.15)
    assert not [note for note in done.notes if note.code == "midi-ignored"]


@pytest.mark.slow
@pytest.mark.bytes
def test_doubles_are_the_line_a_little_off_and_the_same_each_time(lead, tmp_path):
    text = "doubles = { count = 3, timing_ms = 25, detune_cents = 10 }"
    one, two = (files(bounce(lead(text), tmp_path / name)) for name in ("one", "two"))
    doubles = [one[f"lead double {number}"] for number in (1, 2, 3)]
    for name, samples in one.items():
        np.testing.assert_array_equal(samples, two[name])
    for samples in doubles:
        assert np.abs(sung(samples) - sung(one["lead"])).max() < 0.13
        late = [onset(samples, at) - onset(one["lead"], at) for at in (0.0, 1.5, 3.0)]
        assert np.abs(late).max() < 0.035
    assert np.abs(doubles[0].mean(0) - doubles[1].mean(0)).max() > 0.01


@pytest.fixture
def other_voice(svc_voice, tmp_path):
    """Another so-vits-svc voice, "solo", with the encoder of the first."""
    folder = checkpoints.write_sovits41(tmp_path / "written", singers=("solo",), step=200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SVCFX_HOME", str(tmp_path / "home"))
        encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
        said = adding.Declaration(
            name="solo", licence="none", consent="no person", ranges={"": (80.0, 800.0)}
        )
        card = adding.add(str(folder), said)
        shelf.load("solo")
    monkey = pytest.MonkeyPatch()
    monkey.setenv("SVCFX_VOICES", os.pathsep.join((os.environ["SVCFX_VOICES"], str(card.folder))))
    yield "solo"
    monkey.undo()


def heard_of(done):
    """How often something was heard of a recording, pitch or content, and not found."""
    parts = done.steps.parts.items()
    return sum(n for (kind, there), n in parts if kind in ("pitch", "content", "heard") and not there)


@pytest.mark.parametrize(
    "kept", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with a store", "without"]
)
def test_a_choir_of_voices_with_one_encoder_hears_the_lead_once(
    lead, song, tmp_path, svc_voice, other_voice, kept
):
    song.preset("sing.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{svc_voice}/mei"\n')
    choir = f'doubles = {{ voices = ["{svc_voice}/alto", "{other_voice}"] }}\n'
    choir += f'harmony = [{{ interval = "-5", voice = "{other_voice}" }}, "octave"]'
    alone, together = (
        bounce(lead(more), tmp_path / name, store=Memory() if kept else None)
        for name, more in (("alone", ""), ("together", choir))
    )
    if kept:
        assert heard_of(together) == heard_of(alone) > 0
        assert sum(step.kind == "voice" for step in together.steps.made) == 5
    assert heard_of(together) == heard_of(bounce(lead('harmony = ["-5"]'), tmp_path / "two")) > 0
    sung_by = {voice.name for voice in recipe.read(together.mix[0]).voices}
    assert sung_by == {f"{svc_voice}/mei", f"{svc_voice}/alto", other_voice}


def test_doubles_are_sung_by_their_voices_in_turn(lead, tmp_path):
    planned = plan.make(document.load(lead('doubles = { voices = ["tom", "tess"], count = 3 }')))
    singers = {stem.name: [voice.name for voice in stem.used] for stem in planned.stems}
    assert singers == {
        "lead": ["tess"],
        "lead double 1": ["tom"],
        "lead double 2": ["tess"],
        "lead double 3": ["tom"],
    }
    planned = plan.make(document.load(lead('doubles = { voices = ["tom", "tess", "tom"] }')))
    assert len(planned.stems) == 4
    plain = files(bounce(lead("doubles = { count = 1 }"), tmp_path / "own"))
    other = files(bounce(lead('doubles = { voices = ["tom"] }'), tmp_path / "other"))
    np.testing.assert_array_equal(plain["lead"], other["lead"])
    np.testing.assert_allclose(sung(other["lead double 1"]), NOTES, atol=0.2)
    assert np.abs(plain["lead double 1"] - other["lead double 1"]).max() > 0.001


def onset(samples, start):
    """Second from `start` on at which a note reaches half its height."""
    part = np.abs(samples[:, round(start * RATE) : round((start + 1.2) * RATE)]).max(0)
    smooth = np.convolve(part, np.ones(441) / 441, "same")
    return start + np.argmax(smooth > 0.5 * smooth.max()) / RATE


def test_parts_follow_the_lead_s_mute_and_lanes(lead, tmp_path):
    path = lead(
        'harmony = ["-5"]\nmute = true', '[[stems]]\nfile = "lead.wav"\nname = "dry"\nrole = "pass"\n'
    )
    assert set(files(bounce(path, tmp_path / "out"))) == {"dry"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('harmony = ["third"]', "'third' is no interval, allowed are semitones such as"),
        ('harmony = ["+3 diatonic"]\nset = { "voice.scale" = "" }', "voice.scale names no scale to count in"),
        ('harmony = ["track alto"]', "names a track, but the session names no MIDI file"),
        ('doubles = { voices = ["tam"] }', "no voice is called 'tam' (did you mean 'tom'?)"),
        ('doubles = { voices = ["tess", "", "tom"] }', "doubles.voices[2]"),
        ("doubles = { count = 9 }", "doubles.count is 9, must be a whole number from 1 to 8"),
        ('name = "a"\nharmony = ["-5"]\n[[stems]]\nfile = "lead.wav"\nname = "a -5"\nrole = "lead"',
         "are both named 'a -5'"),
        ('name = "a"\nharmony = ["-5"]\n[[buses]]\nname = "a -5"', "are both named 'a -5'"),
        ('harmony = ["+3 diatonic"]\n[stems.automation]\n"voice.scale_steps" = { points = [[0, 1]] }',
         "both a lane of 'voice.scale_steps' and a harmony move it"),
    ],
)  # fmt: skip
def test_what_cannot_be_sung_is_refused(lead, tmp_path, more, said):
    with pytest.raises(SessionError) as error:
        bounce(lead(more), tmp_path / "out")
    assert said in str(error.value)


def test_a_harmony_without_a_voice_is_refused(lead, song, tmp_path):
    song.preset("sing.toml", '[[nodes]]\nnode = "Gain"\n')
    with pytest.raises(SessionError, match=r"stems\[1\]\.harmony is sung by a voice"):
        bounce(lead('harmony = ["octave"]'), tmp_path / "out")


def test_a_part_above_its_singer_is_told_where_it_is_sung(lead, tmp_path):
    """The synthetic singers end at 800 Hz; two octaves and 4 semitones above G to B lie 988 to 1245 Hz."""
    more = 'harmony = ["+15 diatonic", "+2 diatonic"]\nset = { "voice.transpose_semitones" = 4.0 }'
    done = bounce(lead(more), tmp_path / "out")
    told = [note.text for note in done.notes if note.code == "out-of-range"]
    assert len(told) == 1
    assert told[0].startswith("stem 'lead +15 diatonic': ")


def test_the_octave_of_every_part_is_chosen_from_one_hearing(lead, song):
    song.stem("lead.wav", np.tile(audio.read(song.folder / "lead.wav").samples, 2))
    planned = plan.make(document.load(lead('transpose = "auto"\nharmony = ["+3 diatonic", "-5"]')))
    steps = Steps(heard=Memory())
    assert len(strip_render.of_plan(planned, steps)) == 3
    assert steps.parts["pitch", True] == 2 * steps.parts["pitch", False] > 0
