"""What is drawn and heard: peaks, pitch, sources, renders; and renders that wait, fail and are stopped."""

import io
import time
from dataclasses import replace

import mido
import numpy as np
import pytest
from ui.conftest import RATE, opened, sung

from svcfx import audio
from svcfx.ui import jobs


@pytest.fixture
def song(folder, synthetic_voice):
    """A lead that a small voice sings, drums, two bars of one second at 240 a minute."""
    with opened(sung(folder, synthetic_voice)) as made:
        yield made


def heard(api, path):
    answer = api.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    return answer.content


def middle(notes):
    known = [note for note in notes if note is not None]
    return float(np.median(known))


def test_peaks_hold_every_sample(api, folder):
    api.begin()
    sound = audio.read(folder / "lead vox.wav").samples[0]
    view = api.ask("GET", "/api/strips/lead vox/peaks")
    pairs = np.array(view["peaks"]).reshape(-1, 2) / 100
    assert len(pairs) * view["seconds_each"] == pytest.approx(2.0, abs=view["seconds_each"])
    assert pairs[:, 1].max() == pytest.approx(sound.max(), abs=0.006)
    assert pairs[:, 0].min() == pytest.approx(sound.min(), abs=0.006)


def test_the_pitch_of_a_source_is_the_one_that_was_sung(api):
    api.begin()
    assert middle(api.ask("GET", "/api/strips/lead vox/pitch")["notes"]) == pytest.approx(57.0, abs=0.2)


def test_a_source_is_heard_to_the_sample_and_in_ranges(api, folder):
    api.begin()
    data = heard(api, "/api/strips/lead vox/audio")
    part = api.client.get("/api/strips/lead vox/audio", headers={"Range": "bytes=44-99"})
    assert (part.status_code, part.content) == (206, data[44:100])
    assert part.headers["content-range"] == f"bytes 44-99/{len(data)}"
    kept = folder / "heard.wav"
    kept.write_bytes(data)
    np.testing.assert_array_equal(audio.read(kept).samples, audio.read(folder / "lead vox.wav").samples)


def test_a_source_is_drawn_and_heard_at_the_songs_tempo(api, folder):
    api.begin()
    before = [api.ask("GET", f"/api/strips/lead vox/{what}") for what in ("peaks", "pitch")]
    view = api.change((["tempo", "ratio"], 0.5))
    assert view["overview"]["strips"][0]["seconds"] == pytest.approx(4.0)
    peaks, pitch = [api.ask("GET", f"/api/strips/lead vox/{what}") for what in ("peaks", "pitch")]
    assert len(peaks["peaks"]) == 2 * len(before[0]["peaks"])
    assert len(pitch["notes"]) == 2 * len(before[1]["notes"])
    assert middle(pitch["notes"]) == middle(before[1]["notes"])
    kept = folder / "heard.wav"
    kept.write_bytes(heard(api, "/api/strips/lead vox/audio"))
    assert audio.read(kept).samples.shape[1] == 4 * RATE
    api.change((["tempo", "ratio"], 1.0))
    kept.write_bytes(heard(api, "/api/strips/lead vox/audio"))
    np.testing.assert_array_equal(audio.read(kept).samples, audio.read(folder / "lead vox.wav").samples)


def test_a_key_change_drawn_on_the_page_moves_what_is_sung(song):
    before = song.rendered()
    assert before["state"] == "done", before
    assert sorted(before["strips"]) == ["drums", "lead"]
    song.change((["key"], {"points": [[1, 0.0], [2, 5.0]], "unit": "bars"}))
    after = song.rendered()
    notes = [
        song.ask("GET", f"/api/jobs/{job['number']}/strips/lead/pitch")["notes"] for job in (before, after)
    ]
    first, second = (slice(10, 40), slice(60, 90))  # of 20 ms
    assert middle(notes[1][first]) == pytest.approx(middle(notes[0][first]), abs=0.2)
    assert middle(notes[1][second]) - middle(notes[0][second]) == pytest.approx(5.0, abs=0.2)


def test_bars_alone_are_the_whole_songs_cut(song):
    whole, bar = song.rendered(), song.rendered("2")
    assert bar["start_seconds"] == pytest.approx(1.0)
    sounds = [song.studio.jobs.find(job["number"]).file("lead") for job in (whole, bar)]
    one, two = (audio.read(path).samples for path in sounds)
    np.testing.assert_array_equal(two, one[:, RATE : 2 * RATE])


def test_levels_are_measured_over_the_same_stretch(song):
    levels = song.rendered()["levels"]
    assert set(levels["sources"]) == set(levels["results"]) == {"lead", "drums"}
    assert levels["results"]["drums"] == pytest.approx(
        levels["sources"]["drums"] + 3.0, abs=0.1
    )  # mono, on both
    assert levels["mix"] is not None


def test_a_value_set_on_the_page_changes_the_sound_and_stands_in_the_file(song):
    one = song.rendered()
    view = song.change((["stems", 0, "set", "reverb.wet_level"], 0.9))
    assert '"reverb.wet_level" = 0.9' in view["text"]
    two = song.rendered()
    paths = [song.studio.jobs.find(job["number"]).file("lead") for job in (one, two)]
    assert np.abs(audio.read(paths[0]).samples - audio.read(paths[1]).samples).max() > 0.01
    board = song.ask("GET", "/api/session/strips/lead/board")
    values = {control["address"]: control["value"] for node in board["nodes"] for control in node["controls"]}
    assert values["reverb.wet_level"] == pytest.approx(0.9)


DENSE = [(4 * at, round(80 + 40 * at / 120)) for at in range(120)]
"""CC 7 over the first half of the song, four ticks apart: a fade up by 40 steps."""


@pytest.fixture
def played(song):
    """The same, with a MIDI file whose CC 74 is at its middle and goes to its top at second 1, CC 7 fades the
    lead up, and the wheel goes up a semitone at second 1."""
    messages = [(0, mido.Message("control_change", control=number, value=value)) for number, value in RANGE]
    messages += [(tick, mido.Message("control_change", control=7, value=value)) for tick, value in DENSE]
    for tick, value, bend in ((0, 64, 0), (4 * 480, 127, 4096)):
        messages.append((tick, mido.Message("control_change", control=74, value=value)))
        messages.append((tick, mido.Message("pitchwheel", pitch=bend)))
    file, track, now = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack(), 0
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(240)))
    track.append(mido.MetaMessage("track_name", name="lead cc"))
    for tick, message in sorted(messages, key=lambda event: event[0]):
        track.append(message.copy(time=tick - now))
        now = tick
    file.save(song.studio.folder / "song.mid")
    song.change(
        (["tempo"], None),
        (["midi", "file"], "song.mid"),
        (["stems", 0, "cc_tracks"], ["lead cc"]),
        (["stems", 0, "cc"], {"7": {"to": "gain_db"}}),
        (["stems", 0, "bend_track"], "lead cc"),
    )
    return song


RANGE = ((101, 0), (100, 0), (6, 2))
"""The wheel reaches two semitones."""


def playing(api, strip="lead"):
    return {one["address"]: one for one in api.ask("GET", f"/api/session/strips/{strip}/board")["played"]}


def lead_of(api, job):
    return audio.read(api.studio.jobs.find(job["number"]).file("lead")).samples


def test_what_midi_plays_is_told_as_lanes_that_can_be_drawn_instead(played):
    found = playing(played)
    assert {address: one["source"] for address, one in found.items()} == {
        "gain_db": "CC 7 of lead cc",
        "voice.formant_semitones": "CC 74 of lead cc",
        "bend_semitones": "the wheel of lead cc",
    }
    formant, gain, bend = (
        found[address] for address in ("voice.formant_semitones", "gain_db", "bend_semitones")
    )
    assert (formant["lane"]["points"], formant["lane"]["interpolation"]) == ([[1, 0], [2, 12]], "smooth")
    assert bend["lane"]["points"] == [[1, 0], [2, pytest.approx(1.0, abs=1e-3)]]
    assert bend["lane"]["smooth_ms"] == 10
    assert formant["tolerance"] == bend["tolerance"] == 0
    assert gain["lane"]["interpolation"] == "linear"
    assert len(gain["lane"]["points"]) < 10
    assert gain["tolerance"] == pytest.approx(66 / 127)  # a step of a fader from -60 to 6 dB
    assert playing(played) == found  # whoever asks again
    assert playing(played, "drums") == {}


def test_what_is_drawn_in_place_of_midi_sounds_as_that_did_until_it_is_changed(played):
    before = lead_of(played, played.rendered())
    midi = (played.studio.folder / "song.mid").read_bytes()
    found = playing(played)
    lanes = {address: one["lane"] for address, one in found.items()}
    exact = {address: lane for address, lane in lanes.items() if address != "gain_db"}
    view = played.change((["stems", 0, "automation"], exact))
    assert "replaces_midi = true" in view["text"]
    assert all(one["is_replaced"] == (address in exact) for address, one in playing(played).items())
    assert np.abs(lead_of(played, played.rendered()) - before).max() < 2e-4

    played.change((["stems", 0, "automation", "gain_db"], lanes["gain_db"]))
    job = played.rendered()
    after = lead_of(played, job)
    heard = np.abs(before) > 1e-3
    decibels = 20 * np.log10(np.abs(after[heard] / before[heard]))
    assert 0 < np.abs(decibels).max() <= found["gain_db"]["tolerance"] + 0.02
    assert not any("not used" in note["text"] for note in job["notes"])
    assert (played.studio.folder / "song.mid").read_bytes() == midi

    played.change((["stems", 0, "automation", "bend_semitones", "points"], [[1, 0], [2, 2]]))
    number = played.rendered()["number"]
    notes = played.ask("GET", f"/api/jobs/{number}/strips/lead/pitch")["notes"]
    assert middle(notes[60:90]) - middle(notes[10:40]) == pytest.approx(2.0, abs=0.1)
    for _ in range(3):
        played.ask("POST", "/api/session/undo")
    assert not any(one["is_replaced"] for one in playing(played).values())


def test_a_bend_is_offered_where_a_voice_sings_and_refused_where_none_does(played):
    offered = {
        strip: {one["address"] for one in played.ask("GET", f"/api/session/strips/{strip}/board")["lanes"]}
        for strip in ("lead", "drums")
    }
    assert "bend_semitones" in offered["lead"]
    assert "bend_semitones" not in offered["drums"]
    played.change((["stems", 1, "automation", "bend_semitones"], {"points": [[0, 1.0]]}))
    _, said = played.refused("GET", "/api/session/check")
    assert said == "stems[2].automation.bend_semitones bends a voice, but the stem's preset has none"


def test_a_board_tells_what_the_voice_cannot_do_and_why(song):
    nodes = song.ask("GET", "/api/session/strips/lead/board")["nodes"]
    assert [node["kind"] for node in nodes] == ["VoiceConversion", "Reverb"]
    controls = {control["name"]: control for control in nodes[0]["controls"]}
    assert controls["transpose_semitones"]["lacks"] == ""
    assert controls["transpose_semitones"]["unit"] == "st"
    assert "has no index" in controls["index_rate"]["lacks"]
    assert "swift" in controls["pitch"]["choices"]
    address = nodes[1]["controls"][0]["address"]
    assert address == "reverb.room_size"


def test_a_singer_that_nobody_is_called_is_told_when_the_session_is_checked(song):
    song.change((["stems", 0, "set", "voice.voice"], "tes"))
    status, said = song.refused("GET", "/api/session/check")
    assert status == 422
    assert "stems[1].set" in said
    assert "tess" in said
    song.change((["stems", 0, "set", "voice.voice"], "tom"))
    assert song.ask("GET", "/api/session/check")["key_by"] == {"lead": "voice", "drums": "as it is"}


def test_the_most_sung_bars_are_those_that_are_sung(song, folder):
    sound = audio.read(folder / "lead vox.wav").samples.copy()
    sound[:, :RATE] *= 0.001
    audio.write(folder / "lead vox.wav", sound, RATE)
    assert song.ask("GET", "/api/session/excerpt?seconds=1")["bars"] == "2-2"


def test_a_render_that_fails_says_why_and_the_next_one_works(song, folder):
    hidden = folder / "lead vox.wav"
    kept = hidden.read_bytes()
    hidden.unlink()
    job = song.rendered()
    assert job["state"] == "failed"
    assert "does not exist" in job["error"]
    hidden.write_bytes(kept)
    assert song.rendered()["state"] == "done"
    assert not list(folder.glob(".studio-*"))


def test_a_bug_in_a_render_is_told_and_the_studio_goes_on(song, monkeypatch, capsys):
    monkeypatch.setattr(jobs, "bounce", lambda *_, **__: 1 / 0)
    job = song.rendered()
    assert (job["state"], job["error"]) == ("failed", "unexpected ZeroDivisionError: division by zero")
    assert "Traceback" in capsys.readouterr().err


def test_bars_that_are_none_are_refused_at_once(song):
    assert "must be a range of bars" in song.refused("POST", "/api/jobs", {"bars": "5-2"})[1]
    assert song.ask("GET", "/api/jobs") == []


def test_a_render_is_stopped_and_those_that_wait_never_begin(song, folder, monkeypatch):
    real = jobs.bounce

    def slow(*arguments, is_cancelled, **more):
        while not is_cancelled():
            time.sleep(0.01)
        return real(*arguments, is_cancelled=is_cancelled, **more)

    monkeypatch.setattr(jobs, "bounce", slow)
    running, waiting = (song.ask("POST", "/api/jobs", {})["number"] for _ in range(2))
    song.over(running, lambda job: job["state"] == "running")
    assert song.ask("DELETE", f"/api/jobs/{waiting}")["state"] == "cancelled"
    song.ask("DELETE", f"/api/jobs/{running}")
    assert song.over(running)["state"] == "cancelled"
    assert song.refused("GET", f"/api/jobs/{running}/mix")[0] == 404
    assert not list(folder.glob(".studio/*/renders/*/*"))


def test_a_render_is_of_the_session_as_it_was_asked_for(song):
    number = song.ask("POST", "/api/jobs", {})["number"]
    song.change((["stems", 0, "mute"], True))
    assert sorted(song.over(number)["strips"]) == ["drums", "lead"]
    assert song.rendered()["strips"] == ["drums"]


def test_renders_say_what_differs_in_the_session(song):
    one = song.rendered()
    song.change((["stems", 0, "gain_db"], -6.0), (["stems", 0, "set", "reverb.wet_level"], 0.9))
    two = song.rendered("2")
    assert one["changes"] == []
    assert two["changes"] == ["lead: set reverb.wet_level none → 0.9", "lead: gain_db 0 → -6"]
    path = f"/api/jobs/{one['number']}/differences/{two['number']}"
    assert [(found["before"], found["after"]) for found in song.ask("GET", path)] == [
        (0.9, None),
        (-6.0, 0.0),
    ]
    assert song.refused("GET", "/api/jobs/1/differences/99")[0] == 404


def test_the_last_renders_are_kept_and_the_folder_is_clean_when_the_studio_is_closed(folder, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 2)
    with opened(folder) as api:
        api.begin()
        api.ask("POST", "/api/session/save")
        numbers = [api.rendered()["number"] for _ in range(3)]
        api.over(numbers[-1])
        kept = [job["number"] for job in api.ask("GET", "/api/jobs")]
        assert kept == numbers[:0:-1]
    left = {path.name for path in folder.iterdir()}
    assert left == {"session.toml", "lead vox.wav", "drum loop 60bpm.wav"}


def test_meters_are_of_what_was_rendered(song):
    number = song.rendered()["number"]
    job = song.studio.jobs.find(number)
    for path, file in (
        (f"/api/jobs/{number}/mix/peaks", None),
        (f"/api/jobs/{number}/strips/lead/peaks", "lead"),
    ):
        top = max(abs(peak) for peak in song.ask("GET", path)["peaks"]) / 100
        assert top == pytest.approx(np.abs(audio.read(job.file(file)).samples).max(), abs=0.006)


def test_a_mix_is_a_wav_of_the_songs_length(song):
    job = song.rendered()
    data = heard(song, f"/api/jobs/{job['number']}/mix")
    assert audio.probe(_kept(song, data)).frames == 2 * RATE


def _kept(api, data):
    path = api.studio.folder / "mix.wav"
    path.write_bytes(io.BytesIO(data).getvalue())
    return path


def test_the_catalog_has_every_knob_of_the_table(api):
    from svcfx.chain.knobs import TABLE

    found = api.ask("GET", "/api/catalog")
    assert [knob["name"] for knob in found["knobs"]] == [row.name for row in TABLE]
    assert {"lead-vela", "drum-bus"} <= {preset["name"] for preset in found["presets"]}
    assert {"vela", "corin"} <= {voice["name"] for voice in found["voices"]}
    assert all(voice["licence"] and voice["consent"] for voice in found["voices"])


def test_a_note_is_told_as_such(song):
    made = replace(song.studio.draft.document)
    assert made.session.stems[0].role == "lead"
    notes = song.rendered()["notes"]
    assert all({"code", "text", "is_warning"} == set(note) for note in notes)


def test_the_notes_that_a_voice_is_drawn_to_are_told_as_a_lane_that_sounds_the_same(song):
    file, track = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(240)))
    track.append(mido.MetaMessage("track_name", name="melody"))
    for note in (57, 59):
        track.append(mido.Message("note_on", note=note))
        track.append(mido.Message("note_off", note=note, time=4 * 480))
    file.save(song.studio.folder / "song.mid")
    song.change(
        (["tempo"], None),
        (["midi", "file"], "song.mid"),
        (["stems", 0, "melody_track"], "melody"),
        (["stems", 0, "set", "voice.retune"], 1.0),
    )
    found = playing(song)["voice.target_note"]
    assert (found["source"], found["tolerance"], found["is_replaced"]) == ("the notes of melody", 0, False)
    assert found["lane"]["points"] == [[1, 57], [2, 59]]
    before = lead_of(song, song.rendered())
    song.change((["stems", 0, "automation", "voice.target_note"], found["lane"]))
    assert playing(song)["voice.target_note"]["is_replaced"]
    np.testing.assert_array_equal(lead_of(song, song.rendered()), before)
