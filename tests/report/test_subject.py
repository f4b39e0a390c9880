"""A subject is read off any session with a voice: both lines in song time, the key as the plan has it."""

import mido
import numpy as np
import pytest

from svcfx import audio, report
from svcfx.errors import SessionError
from svcfx.session import document, plan
from svcfx.session.plan import Plan

RATE = 44_100


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, synthetic_voice: str) -> Plan:
    """A tone of 220 Hz from second 0.5 on, sung by a made-up voice, the key up a tone at second 2."""
    folder = tmp_path_factory.mktemp("song")
    time = np.arange(3 * RATE) / RATE
    tone = sum(0.2 / k * np.sin(2 * np.pi * 220.0 * k * time) for k in range(1, 12))
    audio.write(folder / "vocal.wav", tone[None].astype(np.float32), RATE)
    audio.write(folder / "band.wav", np.zeros((2, RATE), np.float32), RATE)
    events = [("note_on", 60, 0), ("note_off", 60, 1920), ("note_on", 62, 0), ("note_off", 62, 1920)]
    track = mido.MidiTrack(
        [mido.MetaMessage("track_name", name="key"), mido.MetaMessage("marker", text="verse")]
    )
    track += [mido.Message(kind, note=number, time=ticks) for kind, number, ticks in events]
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(folder / "song.mid")
    (folder / "sung.toml").write_text(
        f'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n'
    )
    (folder / "session.toml").write_text(
        'svcfx_session = 1\ntitle = "A song"\n[midi]\nfile = "song.mid"\n'
        '[[stems]]\nfile = "band.wav"\nrole = "drums"\n'
        '[[stems]]\nfile = "vocal.wav"\nrole = "lead"\npreset = "sung.toml"\nstart_seconds = 0.5\n'
    )
    return plan.make(document.load(folder / "session.toml"))


def middle(line: report.Sung, start: float, end: float) -> float:
    """Median note between two song seconds."""
    return float(np.nanmedian(line.notes[(line.seconds > start) & (line.seconds < end)]))


def test_the_voice_follows_the_key_and_the_source_does_not(planned: Plan, synthetic_voice: str) -> None:
    subject = report.of_stem(planned)
    assert (subject.title, subject.singer) == ("A song", synthetic_voice)
    assert [middle(subject.source, *part) for part in ((0.7, 1.9), (2.2, 3.3))] == pytest.approx(
        [57, 57], abs=0.1
    )
    assert middle(subject.converted, 0.7, 1.9) == pytest.approx(57, abs=0.1)
    assert middle(subject.converted, 2.2, 3.3) == pytest.approx(59, abs=0.1)
    first = subject.converted.seconds[np.isfinite(subject.converted.notes)][0]
    assert first == pytest.approx(0.5, abs=0.06)


def test_bars_markers_and_tempo_are_those_of_the_midi_file(planned: Plan) -> None:
    subject = report.of_stem(planned, "vocal", converted=audio.Audio(np.zeros((1, RATE), np.float32), RATE))
    assert subject.bars == ((1, 0.0), (2, 2.0), (3, 4.0))
    assert subject.marks == ((0.0, "verse"),)
    assert subject.tempos == ((0.0, "120 bpm"),)
    assert np.isnan(subject.converted.notes).all()


@pytest.mark.parametrize(("name", "said"), [("vocals", "did you mean 'vocal'"), ("band", "no stem 'band'")])
def test_a_stem_that_no_voice_sings_has_no_subject(name: str, said: str, planned: Plan) -> None:
    with pytest.raises(SessionError, match=said):
        report.of_stem(planned, name)


def test_a_stem_s_way_through_buses_is_read_off_the_plan(planned: Plan) -> None:
    path = planned.document.path
    silent = audio.Audio(np.zeros((1, RATE), np.float32), RATE)
    assert report.of_stem(planned, converted=silent).way == ""  # to the master alone
    buses = '[[buses]]\nname = "{}"\nto = "{}"\n'
    text = path.read_text() + 'to = "vox"\nsends = [{ bus = "room" }]\n' + buses.format("vox", "all")
    text += buses.format("all", "master") + buses.format("room", "master")
    (path.parent / "bused.toml").write_text(text)
    made = plan.make(document.load(path.parent / "bused.toml"))
    assert report.of_stem(made, converted=silent).way == "vocal → vox → all → master, sends to room"
