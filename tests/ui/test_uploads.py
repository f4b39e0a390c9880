"""Files that come in: told by their bytes, named safely, nothing written over, nothing outside the folder."""

import mido
import pytest
from ui.conftest import RATE, tone

from svcfx import audio


@pytest.fixture
def wav(tmp_path):
    """A mono WAV of a tenth of a second, as bytes."""
    path = tmp_path / "a.wav"
    audio.write(path, tone(220.0, 0.1), RATE)
    return path.read_bytes()


def put(api, name, data):
    return api.client.put(f"/api/files/{name}", content=data)


def everything(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_stem_arrives_as_it_was_sent(api, wav):
    assert put(api, "take 1.wav", wav).json() == {"files": ["take 1.wav"]}
    assert (api.studio.folder / "take 1.wav").read_bytes() == wav


def test_nothing_is_written_over(api, wav):
    before = (api.studio.folder / "lead vox.wav").read_bytes()
    assert put(api, "lead vox.wav", wav).json() == {"files": ["lead vox-2.wav"]}
    assert put(api, "lead vox.wav", wav).json() == {"files": ["lead vox-3.wav"]}
    assert (api.studio.folder / "lead vox.wav").read_bytes() == before


@pytest.mark.parametrize(
    "name",
    [
        "..%5C..%5Cout.wav",
        "C:%5CUsers%5Cme%5Cout.wav",
        "..out.wav",
        ".out.wav",
        "out%00.wav",
        "out%0A.wav",
        "o%22u%3Ct%3E.wav",
        "%E2%80%AEout.wav",
        "out.wav%20.",
    ],
)
def test_a_hostile_name_stays_in_the_folder_and_is_not_hidden(api, wav, name, tmp_path):
    answer = put(api, name, wav)
    assert answer.status_code == 200, answer.text
    kept = answer.json()["files"][0]
    assert (api.studio.folder / kept).read_bytes() == wav
    assert not kept.startswith(".")
    assert not set(kept) & set('/\\:*?"<>|\n\0')
    assert everything(tmp_path) == {"a.wav", *(f"song/{name}" for name in everything(api.studio.folder))}


@pytest.mark.parametrize("name", ["..%2F..%2Fout.wav", "..", "%2Fetc%2Fout.wav", "a%2Fb.wav", ""])
def test_a_name_with_a_folder_leads_nowhere(api, wav, name, tmp_path):
    before = everything(tmp_path)
    assert put(api, name, wav).status_code in (404, 405, 422)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["session.toml", "x.exe", "x.html", ".studio.toml", "wav", "x.wav.sh", "a" * 300 + ".wav"]
)
def test_what_is_not_called_like_audio_is_refused(api, wav, name, tmp_path):
    before = everything(tmp_path)
    status, said = api.refused("PUT", f"/api/files/{name}", content=wav)
    assert status == 422
    assert "does not end as audio or MIDI does" in said
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.wav", b""),
        ("a.wav", b"<script>alert(1)</script>"),
        ("a.flac", b"MZ" + bytes(2000)),
        ("a.mid", b"MThd" + bytes(3)),
        ("a.mid", b"RIFF"),
        ("a.mp3", b"#!/bin/sh\nrm -rf /\n"),
    ],
)
def test_what_is_no_audio_inside_is_refused_by_name_and_leaves_nothing(api, name, data, tmp_path):
    before = everything(tmp_path)
    status, said = api.refused("PUT", f"/api/files/{name}", content=data)
    assert status == 422
    assert name in said
    assert ".studio" not in said
    assert everything(tmp_path) == before


def test_a_stem_cut_in_half_is_refused(api, wav, tmp_path):
    before = everything(tmp_path)
    data = wav[: len(wav) // 2]
    status, said = api.refused("PUT", "/api/files/cut.wav", content=data)
    assert status == 422
    assert "'cut.wav' is truncated" in said
    assert everything(tmp_path) == before


def test_six_channels_are_refused(api, tmp_path):
    path = tmp_path / "surround.wav"
    audio.write(path, tone(220.0, 0.1).repeat(6, axis=0), RATE)
    assert "has 6 channels" in api.refused("PUT", "/api/files/surround.wav", content=path.read_bytes())[1]


def test_a_midi_file_becomes_the_songs_and_takes_the_place_of_its_tempo(api, tmp_path):
    song = mido.MidiFile(ticks_per_beat=480)
    song.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90))]))
    song.save(tmp_path / "x.mid")
    api.begin()
    name = put(api, "song.mid", (tmp_path / "x.mid").read_bytes()).json()["files"][0]
    view = api.ask("POST", "/api/session/files", {"files": [name]})
    assert view["session"]["midi"]["file"] == "song.mid"
    assert view["session"]["tempo"] is None
    assert view["overview"]["tempos"][0]["value"] == pytest.approx(90, abs=0.01)


def test_a_song_that_is_played_slower_stays_so_when_a_midi_file_comes(api, tmp_path):
    song = mido.MidiFile(ticks_per_beat=480)
    song.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(90))]))
    song.save(tmp_path / "x.mid")
    api.begin()
    api.change((["tempo", "ratio"], 0.5))
    name = put(api, "song.mid", (tmp_path / "x.mid").read_bytes()).json()["files"][0]
    view = api.ask("POST", "/api/session/files", {"files": [name]})
    assert (view["session"]["tempo"]["bpm"], view["session"]["tempo"]["ratio"]) == (None, 0.5)
    assert view["overview"]["tempos"][0]["value"] == pytest.approx(45, abs=0.01)


def test_a_role_that_is_known_is_not_guessed_and_one_undo_takes_its_strip_back(api):
    api.ask("POST", "/api/session/files", {"files": ["drum loop 60bpm.wav"]})
    asked = {"files": ["lead vox.wav"], "roles": {"lead vox.wav": "backing"}}
    view = api.ask("POST", "/api/session/files", asked)
    assert [stem["role"] for stem in view["session"]["stems"]] == ["drums", "backing"]
    assert len(api.ask("POST", "/api/session/undo")["session"]["stems"]) == 1
