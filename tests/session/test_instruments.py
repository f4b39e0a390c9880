"""MIDI tracks that instruments play: at their time, pitch and level, moved by the song's key, and kept."""

import os
from pathlib import Path

import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError, MidiError, SessionError
from svcfx.node import plugins
from svcfx.render.store import Memory
from svcfx.session import differing, document, excerpt, overview, plan, preview
from svcfx.session.bounce import bounce
from svcfx.session.exchange import leaving

RATE = 44_100
BEAT = 480
FLOAT = '[master]\ntail_seconds = 0.2\n[output]\nencoding = "float"\n'
ZAM = Path("/usr/lib/vst3/ZamComp.vst3")
needs_zam = pytest.mark.skipif(
    not ZAM.exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
MIDI = '[midi]\nfile = "song.mid"\n'
ORGAN = 'instrument = { waveform = "sine", attack_ms = 0, sustain = 1.0, release_ms = 0 }'


def on(tick, number, length=BEAT, velocity=100, channel=0):
    return [
        (tick, mido.Message("note_on", note=number, velocity=velocity, channel=channel)),
        (tick + length, mido.Message("note_off", note=number, channel=channel)),
    ]


def named(name, *events):
    flat = [event for part in events for event in (part if isinstance(part, list) else [part])]
    return [(0, mido.MetaMessage("track_name", name=name)), *sorted(flat, key=lambda event: event[0])]


def stem(more="", track="Bass", instrument=ORGAN):
    return f'[[stems]]\ntrack = "{track}"\n{instrument}\nrole = "accompaniment"\n{more}\n'


@pytest.fixture
def mix(song, tmp_path):
    """Renders a session's text; gives the mix."""

    def rendered(text, **settings):
        done = bounce(song.session(text), tmp_path / "out", on_exists="overwrite", **settings)
        return audio.read(done.mix[0]).samples

    return rendered


def note_of(samples):
    """The pitch of a steady stretch as a MIDI number, from its longest run of whole turns."""
    mono = samples.mean(axis=0) if samples.ndim == 2 else samples
    up = np.flatnonzero((mono[:-1] < 0) & (mono[1:] >= 0))
    place = up - mono[up] / (mono[up + 1] - mono[up])
    return 69 + 12 * np.log2((len(place) - 1) / (place[-1] - place[0]) * RATE / 440)


def at(samples, first, last):
    return samples[:, round(first * RATE) : round(last * RATE)]


def test_each_note_has_its_pitch_and_its_time_to_the_sample(song, mix, make):
    tempos = [make["tempo"](0, 120), make["tempo"](BEAT, 93)]
    song.midi("song.mid", tempos, named("Bass", on(0, 45), on(2 * BEAT, 57), on(3 * BEAT, 64)))
    found = mix(MIDI + stem() + FLOAT)
    beat = 60 / 93
    for start, number in ((0.0, 45), (0.5 + beat, 57), (0.5 + 2 * beat, 64)):
        assert abs(note_of(at(found, start + 0.01, start + 0.45)) - number) < 0.01
    second = round((0.5 + beat) * RATE)
    assert not found[:, round(0.5 * RATE) : second].any()
    assert found[:, second + 1].all()  # the first sample of a sine is 0
    np.testing.assert_array_equal(found[0], found[1])


def test_the_velocity_is_the_level(song, mix):
    song.midi("song.mid", named("Bass", on(0, 57, velocity=120), on(BEAT, 57, velocity=60)))
    found = mix(MIDI + stem() + FLOAT)
    loud, soft = (np.abs(at(found, start + 0.1, start + 0.4)).max() for start in (0.0, 0.5))
    assert abs(20 * np.log10(loud / soft) - 40 * np.log10(2)) < 0.05


def test_the_wheel_bends_in_the_range_that_the_file_says(song, mix):
    wide = [(0, mido.Message("control_change", control=n, value=v)) for n, v in ((101, 0), (100, 0), (6, 12))]
    wheel = [(BEAT // 2, mido.Message("pitchwheel", pitch=8191))]
    song.midi("song.mid", named("Bass", wide, on(0, 57), wheel))
    found = mix(MIDI + stem() + FLOAT)
    assert abs(note_of(at(found, 0.02, 0.24)) - 57) < 0.01
    assert abs(note_of(at(found, 0.27, 0.49)) - 69) < 0.01


def test_the_pedal_holds_a_note(song, mix):
    pedal = [(BEAT // 2, mido.Message("control_change", control=64, value=127))]
    pedal += [(3 * BEAT, mido.Message("control_change", control=64, value=0))]
    song.midi("song.mid", named("Bass", on(0, 57), pedal))
    found = mix(MIDI + stem() + FLOAT)
    assert np.abs(at(found, 1.4, 1.5)).max() > 0.1
    assert not at(found, 1.501, 1.6).any()


def test_the_songs_key_moves_notes_and_stretches_nothing(song, mix, make):
    track = named("Bass", on(0, 57), on(BEAT, 57, 2 * BEAT))
    song.midi("song.mid", make["key_track"]((0, 0), (2 * BEAT, 3)), track)
    found = mix(MIDI + stem() + FLOAT)
    for first, last, number in ((0.1, 0.4, 57), (0.6, 0.9, 57), (1.02, 1.4, 60)):
        assert abs(note_of(at(found, first, last)) - number) < 0.01
    song.midi("song.mid", named("Bass", on(0, 57), on(BEAT, 57), on(2 * BEAT, 60)))
    by_hand = mix(MIDI + stem() + FLOAT)
    np.testing.assert_array_equal(at(found, 0, 1), at(by_hand, 0, 1))


def test_a_note_that_begins_with_a_key_is_in_it_at_once(song, mix, make):
    song.midi("song.mid", make["key_track"]((0, 0), (BEAT, -5)), named("Bass", on(0, 57), on(BEAT, 57)))
    found = mix(MIDI + stem() + FLOAT)
    song.midi("song.mid", named("Bass", on(0, 57), on(BEAT, 52)))
    np.testing.assert_array_equal(found, mix(MIDI + stem() + FLOAT))


def test_an_untuned_stem_keeps_its_notes_and_transpose_moves_them(song, mix, make):
    song.midi("song.mid", make["key_track"]((0, 4)), named("Bass", on(0, 57)))
    for more, number in (("tuned = false", 57), ("", 61), ("transpose = -12", 49)):
        assert abs(note_of(at(mix(MIDI + stem(more) + FLOAT), 0.02, 0.48)) - number) < 0.01


def test_the_offset_of_the_midi_file_moves_notes(song, mix):
    song.midi("song.mid", named("Bass", on(0, 57), on(BEAT, 60)))
    found = mix('[midi]\nfile = "song.mid"\noffset_seconds = 0.3\n' + stem() + FLOAT)
    assert not at(found, 0, 0.3).any()
    assert abs(note_of(at(found, 0.32, 0.78)) - 57) < 0.01
    early = mix('[midi]\nfile = "song.mid"\noffset_seconds = -0.2\n' + stem() + FLOAT)
    assert not at(early, 0, 0.3).any()
    assert abs(note_of(at(early, 0.32, 0.78)) - 60) < 0.01


def test_an_instrument_is_a_strip_with_a_board_lanes_and_sends(song, mix):
    song.midi("song.mid", named("Bass", on(0, 57, 4 * BEAT)))
    song.preset("half.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    plain = mix(MIDI + stem() + FLOAT)
    half = mix(MIDI + stem('preset = "half.toml"\npan = -1.0') + FLOAT)
    assert np.abs(half[0] - plain[0] * 10 ** (-6 / 20) * np.sqrt(2)).max() < 1e-6
    assert np.abs(half[1]).max() < 1e-6
    moved = mix(MIDI + stem("automation.gain_db = [[0.5, 0], [1.5, -20]]") + FLOAT)
    assert np.abs(at(moved, 1.6, 1.9) - 0.1 * at(plain, 1.6, 1.9)).max() < 1e-6
    sent = mix(MIDI + stem('sends = [{ bus = "room" }]') + '[[buses]]\nname = "room"\n' + FLOAT)
    assert np.abs(sent - 2 * plain).max() < 1e-6


def test_bars_are_cut_from_the_whole(song, mix):
    song.midi("song.mid", named("Bass", *(on(beat * BEAT, 50 + beat) for beat in range(12))))
    whole = mix(MIDI + stem() + FLOAT)
    np.testing.assert_array_equal(mix(MIDI + stem() + FLOAT, bars="2"), at(whole, 2, 4))


def test_the_rate_is_that_of_the_first_file_or_as_the_session_says(song, mix):
    song.midi("song.mid", named("Bass", on(0, 57, 2 * BEAT)))
    song.stem("band.wav", np.zeros((1, 8000), np.float32), 16_000)
    band = '[[stems]]\nfile = "band.wav"\nrole = "pass"\n'
    for text, rate in ((stem() + band + FLOAT, 16_000), (stem() + FLOAT + "sample_rate = 32000\n", 32_000)):
        planned = plan.make(document.load(song.session(MIDI + text)))
        assert planned.sample_rate == rate
        assert abs(planned.frames - 1.2 * rate) <= 1


@pytest.mark.bytes
def test_what_was_played_is_kept_and_the_same_to_the_byte(song, tmp_path):
    song.midi("song.mid", named("Bass", on(0, 45), on(BEAT, 57)), named("Other", on(0, 60)))
    path, store, written = song.session(MIDI + stem() + FLOAT), Memory(), []
    for name in ("a", "b"):
        done = bounce(path, tmp_path / name, store=store)
        written.append((done.mix[0].read_bytes(), len(done.steps.made)))
    assert written[0][0] == written[1][0]
    assert written[0][1] > written[1][1] == 0
    song.midi("song.mid", named("Bass", on(0, 45), on(BEAT, 57)), named("Other", on(0, 61)))
    again = bounce(path, tmp_path / "c", store=store)
    assert not again.steps.made  # the other track is not heard
    song.midi("song.mid", named("Bass", on(0, 45), on(BEAT, 58)))
    assert bounce(path, tmp_path / "d", store=store).steps.made


def test_what_is_played_is_not_said_to_be_unused(song):
    cc = [(0, mido.Message("control_change", control=n, value=9)) for n in (7, 64)]
    song.midi("song.mid", named("Bass", cc, on(0, 45)), named("Lead", on(0, 60)))
    said = [note.text for note in plan.make(document.load(song.session(MIDI + stem() + FLOAT))).notes]
    assert "track 'Bass' not used: CC 7" in said
    assert "track 'Lead' not used: 1 note" in said


def test_a_track_is_shown_by_the_plan_the_overview_and_the_excerpt(song):
    song.midi("song.mid", named("Bass", on(4 * BEAT, 57, 4 * BEAT)))
    read = document.load(song.session(MIDI + stem() + FLOAT))
    strip = overview.of(read).strips[0]
    assert (strip.name, strip.error, strip.seconds) == ("Bass", "", 4.0)
    planned = plan.make(read)
    assert planned.stems[0].name == "Bass"
    assert excerpt.most_sung(planned, 2.0).bars == "2-2"
    assert "Bass" in preview.as_text(preview.preview(read.path))


def test_what_a_daw_does_not_get_is_named(song):
    song.midi("song.mid", named("Bass", on(0, 57)))
    lost = leaving.of(document.load(song.session(MIDI + stem() + FLOAT))).song.lost
    assert "stems[1].track = 'Bass'" in lost


def vst3(bundle, more=""):
    return f'instrument = {{ vst3 = "Tone", file = "{bundle}"{more} }}'


def test_a_vst3_plays_each_note_at_its_sample_and_as_loud_as_struck(song, mix, make, tone_vst3):
    tempos = [make["tempo"](0, 120), make["tempo"](BEAT, 93)]
    track = named("Bass", on(0, 45), on(2 * BEAT, 57, velocity=127), on(3 * BEAT, 64, velocity=50))
    song.midi("song.mid", tempos, track)
    found = mix(MIDI + stem(instrument=vst3(tone_vst3)) + FLOAT, allow_plugins=[tone_vst3])
    beat = 60 / 93
    second = round((0.5 + beat) * RATE)
    assert not found[:, round(0.5 * RATE) : second].any()
    np.testing.assert_allclose(found[:, second], 0.5, atol=1e-6)  # a cosine begins at its level
    assert abs(note_of(at(found, 0.5 + beat + 0.01, 0.5 + 1.9 * beat)) - 57) < 0.01
    third = round((0.5 + 2 * beat) * RATE)
    np.testing.assert_allclose(found[:, third], 0.5 * 50 / 127, atol=1e-6)


def test_a_vst3_is_in_the_songs_key_and_hears_its_wheel_and_parameters(song, mix, make, tone_vst3):
    wheel = [(3 * BEAT, mido.Message("pitchwheel", pitch=4096))]
    track = named("Bass", on(0, 57), on(BEAT, 57), on(2 * BEAT, 57, 2 * BEAT), wheel)
    song.midi("song.mid", make["key_track"]((0, 0), (BEAT, 3)), track)
    text = MIDI + stem("transpose = -12", instrument=vst3(tone_vst3, ", set = { level = 0.25 }")) + FLOAT
    found = mix(text, allow_plugins=[tone_vst3])
    for first, number in ((0.0, 45), (0.5, 48), (1.0, 48), (1.5, 49)):
        assert abs(note_of(at(found, first + 0.01, first + 0.49)) - number) < 0.01
    assert abs(np.abs(found).max() - 0.25 * 100 / 127) < 1e-3


def test_a_vst3_is_kept_until_a_note_or_a_parameter_of_it_changes(song, tmp_path, tone_vst3):
    store = Memory()

    def made(name, note=57, more="", **known):
        song.midi("song.mid", named("Bass", on(0, note), on(2 * BEAT, 60)))
        path = song.session(MIDI + stem(instrument=vst3(tone_vst3, more)) + FLOAT)
        done = bounce(path, tmp_path / name, store=known.get("store", store), allow_plugins=[tone_vst3])
        assert not [text.text for text in done.notes if text.code in ("cache", "does-not-repeat")]
        return [step.kind for step in done.steps.made], next((tmp_path / name).glob("*.wav")).read_bytes()

    first, mix = made("a")
    assert "clip" in first
    assert made("b") == ([], mix)
    assert made("c", store=None)[1] == mix
    for name, change in (("d", {"note": 59}), ("e", {"more": ", set = { level = 0.25 }"})):
        kinds, other = made(name, **change)
        assert "clip" in kinds
        assert other != mix
    assert made("f") == ([], mix)


def test_a_vst3_that_does_not_repeat_is_played_each_time_and_said_to_be(
    song, tmp_path, tone_vst3, monkeypatch
):
    monkeypatch.setattr("svcfx.render.externals.agree", lambda _gives, _copies: False)
    monkeypatch.setattr("svcfx.render.externals._known", {})
    song.midi("song.mid", named("Bass", on(0, 57)))
    path, store = song.session(MIDI + stem(instrument=vst3(tone_vst3)) + FLOAT), Memory()
    for name in ("a", "b"):
        done = bounce(path, tmp_path / name, store=store, allow_plugins=[tone_vst3])
        assert "clip" in [step.kind for step in done.steps.made]
        said = [note.text for note in done.notes if note.code in ("cache", "does-not-repeat")]
        assert said == [
            "plug-in 'Tone' gives other samples each time, so this render cannot be repeated",
            "plug-in 'Tone' gives other samples each time and is played each time",
        ]


def test_a_vst3_begins_in_the_state_of_a_vstpreset(song, mix, tone_vst3):
    song.midi("song.mid", named("Bass", on(0, 57)))
    quiet = plugins.load(tone_vst3)
    quiet.level = 0.25
    quiet.process([], 0.1, float(RATE))
    (song.folder / "quiet.vstpreset").write_bytes(quiet.preset_data)
    text = stem(instrument=vst3(tone_vst3, ', state = "quiet.vstpreset"'))
    found = mix(MIDI + text + FLOAT, allow_plugins=[tone_vst3])
    assert abs(np.abs(found).max() - 0.25 * 100 / 127) < 1e-3
    with pytest.raises(SessionError, match=r"stems\[1\]\.instrument\.state .* leads outside"):
        mix(MIDI + text.replace("quiet.vst", "../quiet.vst") + FLOAT, allow_plugins=[tone_vst3])
    (song.folder / "quiet.vstpreset").write_bytes(b"VST3")
    with pytest.raises(SessionError, match=r"stems\[1\]\.instrument: state is .* too short"):
        mix(MIDI + text + FLOAT, allow_plugins=[tone_vst3])


def test_drums_of_a_vst3_keep_their_notes(song, mix, make, tone_vst3):
    song.midi("song.mid", make["key_track"]((0, 5)), named("Bass", on(0, 45, channel=9)))
    found = mix(MIDI + stem(instrument=vst3(tone_vst3)) + FLOAT, allow_plugins=[tone_vst3])
    assert abs(note_of(at(found, 0.01, 0.48)) - 45) < 0.01


def test_notes_outside_midi_and_keys_between_notes_are_told(song, tone_vst3):
    song.midi("song.mid", named("Bass", on(0, 57)))

    def planned(more):
        text = MIDI + stem(more, instrument=vst3(tone_vst3)) + FLOAT
        return plan.make(document.load(song.session(text)), allow_plugins=[tone_vst3])

    assert any("move by whole semitones" in note.text for note in planned("transpose = 1.5").notes)
    song.midi("song.mid", named("Bass", on(0, 125)))
    with pytest.raises(MidiError, match=r"note 125 .* is moved to 137, outside 0 to 127"):
        planned("transpose = 12")


def test_an_instrument_by_path_is_a_program_that_is_allowed_first(song, tone_vst3):
    song.midi("song.mid", named("Bass", on(0, 57)))
    with pytest.raises(SessionError, match=r"stems\[1\]\.instrument\.file is .* nobody allowed") as refused:
        plan.make(document.load(song.session(MIDI + stem(instrument=vst3(tone_vst3)) + FLOAT)))
    assert "`allow_plugin`" in refused.value.hint


def test_a_parameter_that_an_instrument_lacks_is_refused_without_two_thousand_names(song, tone_vst3):
    song.midi("song.mid", named("Bass", on(0, 57)))
    text = MIDI + stem(instrument=vst3(tone_vst3, ", set = { lewel = 0.5 }")) + FLOAT
    with pytest.raises(SessionError, match=r"has no parameter 'lewel' .*'level'") as refused:
        plan.make(document.load(song.session(text)), allow_plugins=[tone_vst3])
    assert len(refused.value.hint) < 200


@needs_zam
def test_an_effect_is_no_instrument(song):
    song.midi("song.mid", named("Bass", on(0, 57)))
    effect = stem(instrument='instrument = { vst3 = "ZamComp" }')
    with pytest.raises(SessionError, match=r"stems\[1\]\.instrument: the VST3 'ZamComp' is an effect"):
        plan.make(document.load(song.session(MIDI + effect + FLOAT)))


def test_an_instrument_is_no_effect(song, tone_vst3):
    song.stem("a.wav", np.zeros((1, RATE), np.float32))
    song.preset("tone.toml", f'[[nodes]]\nnode = "Tone"\nfile = "{tone_vst3}"\n')
    text = '[[stems]]\nfile = "a.wav"\nrole = "pass"\npreset = "tone.toml"\n'
    with pytest.raises(InputError, match="is an instrument, a board holds effects only") as refused:
        plan.make(document.load(song.session(text)), allow_plugins=[tone_vst3])
    assert "track = " in refused.value.hint


REFUSED = {
    stem(track="Bas"): (MidiError, "has no track named 'Bas' .*Bass"),
    stem(track="Empty"): (MidiError, "track 'Empty' of 'song.mid' has no notes"),
    stem(track="Drums"): (SessionError, r"2 of its 3 notes are on channel 10"),
    stem("start_seconds = 1.0"): (SessionError, "leave out start_seconds and start_bar"),
    stem('transpose = "auto"'): (SessionError, "transpose moves a voice"),
    stem('bend_track = "Bass"'): (SessionError, "bend_track bends a voice"),
    stem('file = "a.wav"'): (SessionError, "a file, or a track"),
    stem(instrument=""): (SessionError, "track and instrument belong together"),
    stem(instrument='instrument = "organ"'): (SessionError, "instrument is 'organ', allowed are"),
    stem(instrument='instrument = { vst3 = "No such" }'): (SessionError, "no VST3 'No such' is installed"),
    stem(instrument="instrument = { sustain = 2.0 }"): (SessionError, "sustain"),
    stem(instrument="instrument = { tail_seconds = 2.0 }"): (SessionError, "tail_seconds is a VST3's"),
    stem(instrument='instrument = { vst3 = "X", waveform = "saw" }'): (
        SessionError,
        "waveform is the synth's",
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_played_is_refused_by_name(song, text):
    drums = named("Drums", on(0, 36, channel=9), on(BEAT, 38, channel=9), on(0, 60))
    song.midi("song.mid", named("Bass", on(0, 57)), named("Empty"), drums)
    kind, sentence = REFUSED[text]
    with pytest.raises(kind, match=sentence):
        plan.make(document.load(song.session(MIDI + text + FLOAT)))


def test_a_track_without_a_midi_file_is_refused(song):
    with pytest.raises(SessionError, match=r"stems\[1\]\.track names a track, but .* no MIDI file"):
        plan.make(document.load(song.session(stem() + FLOAT)))


def test_a_flood_of_notes_is_refused(song):
    song.midi("song.mid", named("Bass", *(on(tick, 57, 480_000) for tick in range(1000))))
    with pytest.raises(InputError, match="notes sound at once"):
        plan.make(document.load(song.session(MIDI + stem() + FLOAT)))


def test_the_example_of_the_page_renders(song, tmp_path):
    page = (Path(__file__).parents[2] / "docs/instruments.md").read_text()
    example = page.split("```toml\n")[1].split("```")[0].removeprefix("svcfx_session = 1\n")
    song.midi("song.mid", named("Bass", on(0, 45)), named("Keys", on(0, 60), on(0, 64)))
    song.stem("lead.wav", np.zeros((1, RATE), np.float32))
    done = bounce(song.session(example), tmp_path / "out")
    assert np.isfinite(done.lufs)


def test_what_differs_between_two_sessions_names_the_strip_by_its_track():
    def read(more):
        return document.parse("svcfx_session = 1\n" + MIDI + stem(more), Path("session.toml")).session

    found = differing.differences(read(""), read("gain_db = -3.0"))
    assert [one.text for one in found] == ["Bass: gain_db 0 → -3"]
