"""A session proposed for a folder of stems: what each file is taken for, why, and how it renders."""

import importlib.resources

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.session import document, folder, plan, roles, sounding
from svcfx.session.bounce import bounce

RATE = 44_100


@pytest.fixture
def propose(song):
    """Proposes a session for the song's folder; gives it."""

    def proposed(**settings):
        return folder.propose(song.folder, song.folder / "session.toml", **settings)

    return proposed


def by_file(proposed):
    return {stem.file: stem for stem in proposed.document.session.stems}


def line_of(proposed, start):
    return next(line for line in proposed.document.text.splitlines() if line.startswith(start))


def sung(seconds=3.0, hz=220.0):
    """A tone with a singer's vibrato, half a semitone wide."""
    when = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * hz * when + hz * 0.03 / 5.5 * np.sin(2 * np.pi * 5.5 * when)
    parts = sum(np.sin(phase * k) / k for k in range(1, 8))
    return (0.1 * parts[None]).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Lead Gtr.wav", ("accompaniment", "gtr")),
        ("LeadVox_02.wav", ("lead", "vox")),
        ("04 BV hi.wav", ("backing", "bv")),
        ("harm 3rd.wav", ("harmony", "harm")),
        ("DR_bus.wav", ("drums", "dr")),
        ("bassoon.wav", None),
        ("Upbeat Heartloop 7.wav", None),
    ],
)
def test_a_name_says_a_role_by_whole_words(name, said):
    assert roles.said(name) == said


def test_what_all_files_are_called_says_nothing(song, make, propose):
    for name in ("Vocal Drums - Gtr.wav", "Vocal Drums - Lead.wav"):
        song.stem(name, make["tone"](220.0, 0.3))
    found = by_file(propose())
    assert [found[f"Vocal Drums - {part}.wav"].role for part in ("Gtr", "Lead")] == ["accompaniment", "lead"]


def test_a_voice_is_found_by_its_pitch_where_names_say_nothing(song, make, propose):
    song.stem("Audio 1.wav", make["tone"](220.0, 3.0))
    song.stem("Audio 2.wav", sung())
    song.stem("Audio 3.wav", sung(hz=330.0))
    found = propose()
    assert [by_file(found)[f"Audio {n}.wav"].role for n in (1, 2, 3)] == ["accompaniment", "lead", "backing"]
    assert "one voice, by its pitch" in line_of(found, 'role = "lead"')


@pytest.mark.parametrize("name", ["lead", "backing", "accompaniment", "drums"])
def test_the_demos_voices_are_voices_and_its_band_is_none(name):
    demo = importlib.resources.files("svcfx.demo")  # real stems: the second that each takes is theirs
    with importlib.resources.as_file(demo / f"{name}.ogg") as path:
        assert sounding.of(path, listen=True).is_sung == (name in ("lead", "backing"))


def test_a_bass_that_slides_is_no_voice(song):
    song.stem("a.wav", sung(hz=49.0))
    assert not sounding.of(song.folder / "a.wav", listen=True).is_sung


def test_a_proposal_renders_to_the_plain_sum(song, make, propose, tmp_path):
    parts = [song.stem(f"{name}.wav", make["tone"](hz, 1.0)) for name, hz in (("lead", 330), ("bass", 82))]
    made = bounce(document.save(propose().document), tmp_path / "out")
    mixed = audio.read(made.mix[0]).samples[:, :RATE]
    assert np.abs(mixed - sum(parts)).max() < 2.0**-22  # a step of 24 bits


def test_the_whole_song_and_silence_beside_stems_are_muted(song, make, propose):
    for name, level in (("lead.wav", 0.2), ("gtr.wav", 0.0), ("Song Mixdown.wav", 0.2)):
        song.stem(name, make["tone"](220.0, 0.5, level=level))
    found = by_file(propose())
    assert {file: stem.mute for file, stem in found.items()} == {
        "lead.wav": False,
        "gtr.wav": True,
        "Song Mixdown.wav": True,
    }


def test_a_song_that_is_alone_sounds(song, make, propose):
    song.stem("mix.wav", make["tone"](220.0, 0.5))
    assert not by_file(propose())["mix.wav"].mute


@pytest.mark.parametrize(("level", "ceiling"), [(0.05, None), (0.5, -1.0)])
def test_a_ceiling_stands_where_peaks_may_add_up(song, make, propose, level, ceiling):
    for name in ("a.wav", "b.wav"):
        song.stem(name, make["tone"](220.0, 0.3, level=level))
    assert propose().document.session.master.ceiling_dbtp == ceiling


def test_a_midi_file_says_time_and_key_and_one_with_a_key_track_comes_first(song, make, propose):
    song.stem("lead.wav", make["tone"](220.0, 0.5))
    song.midi("a.mid", [make["tempo"](0, 90)])
    song.midi("b.mid", [make["tempo"](0, 96)], make["key_track"]((0, 0), (480, 2)))
    (song.folder / "c.mid").write_bytes(b"MThd and no more")
    found = propose()
    assert found.document.session.midi.file == "b.mid"
    assert "+0, +2 st" in line_of(found, "key_from")
    assert found.document.session.tempo is None
    assert {label for label, _ in found.left_out} == {"a.mid", "c.mid"}


def test_a_midi_file_without_a_key_transposes_nothing(song, make, propose):
    song.stem("lead.wav", make["tone"](220.0, 0.5))
    song.midi("a.mid", [make["tempo"](0, 90)])
    assert propose().document.session.midi.key_from == "none"


HOSTILE = (
    'q"uo\\te.wav',
    "new\nline ]] = [.wav",
    "tab\t#.wav",
    "ü 歌 🎤.wav",
    "master.wav",
    " .wav",
    "-o.wav",
)


def test_hostile_names_stay_names(song, make, propose):
    for name in HOSTILE:
        song.stem(name, make["tone"](220.0, 0.2))
    (song.folder / "take").mkdir()
    song.stem("take/master.wav", make["tone"](220.0, 0.2))
    found = propose()
    assert set(by_file(found)) == {*HOSTILE, "take/master.wav"}
    assert found.left_out == ()
    assert len(plan.make(found.document).stems) == 8


def test_what_no_session_can_play_is_left_out_with_its_reason(song, make, propose, tmp_path):
    song.stem("lead.wav", make["tone"](220.0, 0.2))
    song.stem("surround.wav", make["tone"](220.0, 0.2, channels=6))
    (song.folder / "cut.wav").write_bytes((song.folder / "lead.wav").read_bytes()[:900])
    audio.write(tmp_path / "secret.wav", make["tone"](220.0, 0.2), RATE)
    (song.folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    (song.folder / "bytes\udcff.wav").write_bytes((song.folder / "lead.wav").read_bytes())
    found = propose()
    assert list(by_file(found)) == ["lead.wav"]
    said = dict(found.left_out)
    assert set(said) == {"surround.wav", "cut.wav", "link.wav", "bytes\ufffd.wav"}
    assert "6 channels" in said["surround.wav"]
    assert "outside" in said["link.wav"]


def test_results_of_svcfx_are_left_out_unless_asked_for(song, make, propose):
    song.stem("lead.wav", make["tone"](220.0, 0.2))
    bounce(document.save(propose().document), song.folder / "renders")
    assert list(by_file(propose())) == ["lead.wav"]
    assert len(by_file(propose(with_results=True))) == 2


@pytest.mark.parametrize("what", ["empty", "missing", "file"])
def test_what_holds_no_stems_is_refused_by_name(song, tmp_path, what):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=what):
        folder.propose(tmp_path / what, tmp_path / what / "session.toml")


def test_sixty_files_are_one_session(song, make, propose):
    for number in range(60):
        song.stem(f"gtr {number}.wav", make["tone"](220.0, 0.1, level=0.01))
    found = propose().document.session.stems
    assert [stem.file for stem in found] == [f"gtr {number}.wav" for number in range(60)]
