"""`svcfx midi show` says what the file says, as text that survives a pipe and as JSON."""

import io
import json
from pathlib import Path

import mido
import pytest


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Four bars of 4/4 and four of 3/4, two tempos, up two semitones at bar 5, a controller and a wheel."""
    file = mido.MidiFile(ticks_per_beat=480)
    conductor = [
        mido.MetaMessage("marker", text="verse"),
        mido.MetaMessage("time_signature", numerator=3, time=4 * 1920),
        mido.MetaMessage("set_tempo", tempo=1_000_000),
        mido.MetaMessage("key_signature", key="Eb"),
    ]
    key = [
        mido.MetaMessage("track_name", name="Key"),
        mido.Message("note_on", note=60, velocity=9),
        mido.Message("note_on", note=62, velocity=9, time=4 * 1920),
        mido.MetaMessage("end_of_track", time=4 * 1440),
    ]
    lead = [
        mido.MetaMessage("track_name", name="lead \x1b[31mred"),
        mido.Message("control_change", control=74, value=1),
        mido.Message("control_change", control=1, value=1),
        mido.Message("pitchwheel", pitch=5),
    ]
    file.tracks += [mido.MidiTrack(conductor), mido.MidiTrack(key), mido.MidiTrack(lead)]
    path = tmp_path / "song.mid"
    file.save(path)
    return path


def test_the_map_is_shown_with_bars_and_seconds(svcfx, song):
    lines = svcfx("midi", "show", song).stdout.splitlines()
    assert lines[0] == "song.mid: type 1, 480 ticks per quarter note, 0:20.000, 8 bars"
    assert "5:1  0:08.000  tempo      60 quarters a minute" in lines
    assert "5:1  0:08.000  meter      3/4" in lines
    assert "5:1  0:08.000  signature  Eb major" in lines
    assert "5:1  0:08.000  key        +2 st" in lines


def test_each_track_says_what_it_is_good_for(svcfx, song):
    out = svcfx("midi", "show", song).stdout
    assert "the song's key" in out
    assert "CC 74: voice.formant_semitones; bend: pitch" in out


def test_the_key_is_drawn_over_the_bars(svcfx, song):
    picture = svcfx("midi", "show", song).stdout.split("Key in semitones over bars:\n")[1].splitlines()
    high, low = picture[0].split("|")[1], picture[2].split("|")[1]
    assert (picture[0][:6], picture[2][:6]) == ("    +2", "     0")
    assert low.strip("━") == ""
    assert len(low) == high.index(high.strip())
    assert picture[3].split() == ["1", "2", "3", "4", "5", "6", "7", "8"]


def test_signatures_are_a_key_only_when_asked(svcfx, song):
    assert "Key: 0 st throughout" in svcfx("midi", "show", song, "--key-from", "signatures").stdout
    assert "Key: 0 st throughout" in svcfx("midi", "show", song, "--key-from", "none").stdout


def test_piped_text_has_no_colours_and_no_control_characters(svcfx, song):
    out = svcfx("midi", "show", song).stdout
    assert all(letter.isprintable() or letter == "\n" for letter in out)


def test_json_is_one_object_with_all_of_it(svcfx, song):
    facts = json.loads(svcfx("midi", "show", song, "--json").stdout)
    assert (facts["bars"], facts["seconds"], facts["type"]) == (8, 20.0, 1)
    assert facts["key"] == [[0.0, 0.0], [8.0, 2.0]]
    assert {"bar": 5, "beat": 1.0, "seconds": 8.0, "what": "meter", "value": "3/4"} in facts["timeline"]
    assert facts["tracks"][2]["controllers"] == [1, 74]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sogn.mid"], "did you mean 'song.mid'"),
        (["text.mid"], "is no MIDI file"),
        (["song.mid", "--key-from", "tracks"], "allowed are track, signatures, none (did you mean 'track'?)"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(refused, song, arguments, words):
    Path("song.mid").write_bytes(song.read_bytes())
    Path("text.mid").write_text("no notes here")
    assert words in refused("midi", "show", *arguments)


def test_thousands_of_changes_are_shortened(svcfx, tmp_path):
    file = mido.MidiFile()
    file.tracks.append(mido.MidiTrack(mido.MetaMessage("marker", text="x", time=1) for _ in range(5000)))
    buffer = io.BytesIO()
    file.save(file=buffer)
    (tmp_path / "long.mid").write_bytes(buffer.getvalue())
    out = svcfx("midi", "show", tmp_path / "long.mid").stdout
    assert "more" in out
    assert len(out.splitlines()) < 120
