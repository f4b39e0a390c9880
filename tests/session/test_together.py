"""One song shared by processes: the same files, each phrase sung once, and nothing lost where one dies."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import ParamError
from svcfx.events import Kept
from svcfx.render.files import Files
from svcfx.session import document, recipe, together
from svcfx.session.bounce import bounce

RATE = 44_100
VOICE = '[[nodes]]\nnode = "VoiceConversion"\nvoice = "duo/mei"\ntranspose_semitones = 2.0\n'
LEAD = '[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "lead.toml"\n'
BAND = '[[stems]]\nfile = "band.wav"\nrole = "accompaniment"\npreset = "band.toml"\n'
OUTPUT = '[output]\nformats = ["wav"]\nencoding = "float"\nstems = true\n'


@pytest.fixture
def session(song, make, svc_voice, svc_voice_folder, monkeypatch):
    """A lead of eight phrases that a so-vits voice sings, and a band."""
    monkeypatch.setenv("SVCFX_HOME", str(svc_voice_folder.parents[1]))  # its encoder, for other processes
    rest = np.zeros((1, RATE // 2), np.float32)
    song.stem("lead.wav", np.concatenate([rest, make["tone"](220.0, 1.0), rest] * 8, axis=1))
    song.stem("band.wav", make["tone"](110.0, 16.0, channels=2))
    song.preset("lead.toml", VOICE)
    song.preset("band.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -3.0\n')
    return song.session(LEAD + BAND + OUTPUT)


def samples(done):
    return [audio.read(path).samples for path in (*done.mix, *done.stems)]


@pytest.mark.slow
def test_phrases_are_sung_by_processes_and_found_by_the_render(session, tmp_path):
    alone = bounce(session, tmp_path / "alone", store=Files(tmp_path / "one"))
    shared = bounce(session, tmp_path / "shared", store=Files(tmp_path / "two"), jobs=2)
    assert alone.steps.parts["sung", False] == 8
    assert shared.steps.parts["sung", False] == 0
    assert shared.steps.parts["sung", True] == 8
    assert [note.text for note in shared.notes] == [note.text for note in alone.notes]
    for one, other in zip(samples(alone), samples(shared), strict=True):
        assert np.abs(one - other).max() < 1e-5  # -100 dBFS: a voice on fewer threads rounds otherwise


def test_what_a_process_made_is_in_the_store_when_it_says_so(session, tmp_path):
    store = Files(tmp_path / "store")
    work = together.Singing(document.load(session), (), "", store)
    assert work(together.Share("lead", (0, 8 * RATE)), Kept())
    there = Files(tmp_path / "store").facts().entries
    store.settle()
    assert Files(tmp_path / "store").facts().entries == there > 0


def test_a_song_without_a_voice_has_the_same_bytes(song, make, tmp_path):
    for name, hz in (("one.wav", 110.0), ("two.wav", 220.0)):
        song.stem(name, make["tone"](hz, 4.0, channels=2))
    song.preset("band.toml", '[[nodes]]\nnode = "Reverb"\nroom_size = 0.4\n')
    strips = "".join(BAND.replace("band.wav", name) for name in ("one.wav", "two.wav"))
    path = song.session(strips + OUTPUT)
    made = [
        bounce(path, tmp_path / f"out{jobs}", store=Files(tmp_path / f"store{jobs}"), jobs=jobs)
        for jobs in (1, 2)
    ]
    alone, shared = ([file.read_bytes() for file in (*done.mix, *done.stems)] for done in made)
    assert alone == shared
    assert len(made[1].steps.found) == 2


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_song_is_sung_on_the_device_that_is_asked_for(session, tmp_path, monkeypatch, jobs):
    monkeypatch.setenv("SVCFX_DEVICE", "cuda:77")
    store = Files(tmp_path / "store")
    with pytest.raises(ParamError, match="device is 'cuda:77', this machine has"):
        bounce(session, tmp_path / "out", store=store, jobs=jobs)
    done = bounce(session, tmp_path / "out", store=store, jobs=jobs, device="cpu")
    assert recipe.read(done.stems[0]).voices[0].details["device"] == "cpu"


def test_what_is_there_is_shared_with_nobody(session, tmp_path, monkeypatch):
    store = Files(tmp_path / "store")
    bounce(session, tmp_path / "out", store=store)
    monkeypatch.setattr(together.processes, "Workers", None)  # to begin one would raise
    bounce(session, tmp_path / "again", store=store, jobs=2)


def test_a_mistake_that_shows_while_it_is_sung_is_said_once_by_the_render(song, make, tmp_path):
    song.stem("lead.wav", make["tone"](220.0, 1.0))
    song.stem("band.wav", make["tone"](110.0, 1.0, channels=2))
    song.preset("lead.toml", '[[nodes]]\nnode = "Gain"\ngain_db = 80.0\n' * 12)
    song.preset("band.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -3.0\n')
    path = song.session(LEAD + BAND + OUTPUT)
    with pytest.raises(Exception, match="not finite"):
        bounce(path, tmp_path / "out", store=Files(tmp_path / "store"), jobs=2)
    assert not list((tmp_path / "out").rglob("*.wav"))
