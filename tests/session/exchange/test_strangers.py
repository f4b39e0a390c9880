"""Projects that other programs wrote: clips in clips, beats, warps, folders, units; and what is not taken."""

import zipfile

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError, OutputExistsError
from svcfx.session import document
from svcfx.session.exchange import doors

RATE = 48_000
NOISE = (0.2 * np.random.default_rng(3).standard_normal((2, 4 * RATE))).astype(np.float32)
MASTER = '<Track id="tm" name="Master"><Channel id="cm" role="master"/></Track>'
TEMPO = '<Transport><Tempo unit="bpm" value="120"/><TimeSignature numerator="4" denominator="4"/></Transport>'
FILE = '<Audio channels="2" duration="4.0" sampleRate="48000"><File path="audio/a.wav"/></Audio>'


def track(inside="", name="Lead", more='destination="cm" role="regular"', around=""):
    return f'<Track id="t" name="{name}"><Channel id="c" {more}>{inside}</Channel>{around}</Track>'


def clips(inside, unit="beats"):
    lanes = f'<Lanes track="t"><Clips>{inside}</Clips></Lanes>'
    return f'<Arrangement><Lanes timeUnit="{unit}">{lanes}</Lanes></Arrangement>'


@pytest.fixture
def bring(tmp_path):
    """Brings a project in: its structure, its arrangement, further files; gives session, lost and folder."""
    audio.write(tmp_path / "a.wav", NOISE, RATE, encoding="float")

    def brought(structure, arrangement, more=(), head=TEMPO, xml=None):
        text = f'<Project version="1.0"><Application name="x" version="1"/>{head}'
        text += f"<Structure>{structure}{MASTER}</Structure>{arrangement}</Project>"
        with zipfile.ZipFile(tmp_path / "x.dawproject", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.xml", xml or text)
            archive.write(tmp_path / "a.wav", "audio/a.wav")
            for name, data in more:
                archive.writestr(name, data)
        made = doors.bring_in(tmp_path / "x.dawproject", tmp_path / "song")
        return document.load(made.session), made.lost, tmp_path / "song"

    return brought


def heard(found, folder):
    stem = found.session.stems[0]
    samples = audio.read(folder / stem.file).samples
    return round((stem.start_seconds or 0.0) * RATE), samples


def test_a_whole_recording_keeps_its_bytes(bring, tmp_path):
    found, lost, folder = bring(track(), clips(f'<Clip time="3.0" duration="8.0">{FILE}</Clip>'))
    stem = found.session.stems[0]
    assert (stem.start_seconds, lost) == (1.5, ())
    assert (folder / stem.file).read_bytes() == (tmp_path / "a.wav").read_bytes()


NESTED = (
    '<Clip time="2.0" duration="4.0" playStart="1.0"><Clips><Clip time="0.0" duration="8.0" playStart="0.0">'
    '<Warps timeUnit="beats" contentTimeUnit="seconds">{}<Warp time="0.0" contentTime="0.0"/>'
    '<Warp time="8.0" contentTime="{}"/></Warps></Clip></Clips></Clip>'
)


def test_clips_in_clips_with_warps_at_the_songs_own_tempo_play_as_they_are(bring):
    found, lost, folder = bring(track(), clips(NESTED.format(FILE, "4.0")))
    start, samples = heard(found, folder)
    assert (start, lost) == (RATE, ())
    np.testing.assert_array_equal(samples, NOISE[:, RATE // 2 : RATE // 2 + 2 * RATE])


def test_a_stretched_clip_is_named(bring):
    _, lost, _ = bring(track(), clips(NESTED.format(FILE, "3.0")))
    assert any("stretching of 'Lead' to 0.750 of its speed" in each for each in lost)


def test_a_clip_that_loops_is_played_again_and_again(bring):
    loop = 'contentTimeUnit="seconds" playStart="0.25" loopStart="0" loopEnd="1"'
    clip = f'<Clip time="0" duration="3.5" {loop}>{FILE}</Clip>'
    found, _, folder = bring(track(), clips(clip, "seconds"))
    _, samples = heard(found, folder)
    once = NOISE[:, :RATE]
    whole = np.concatenate([once[:, RATE // 4 :], once, once, once], axis=1)[:, : round(3.5 * RATE)]
    np.testing.assert_array_equal(samples, whole)


def test_clips_that_loop_inside_of_each_other_come_to_an_end(bring):
    loops = (
        '<Clip time="0" duration="1000000" contentTimeUnit="seconds" loopStart="0" loopEnd="0.00001"><Clips>'
    )
    deep = f'{loops * 6}<Clip time="0">{FILE}</Clip>{"</Clips></Clip>" * 6}'
    _, lost, _ = bring(track(), clips(f'<Clip time="0">{FILE}</Clip>{deep}', "seconds"))
    assert any("clips beyond 100,000" in each for each in lost)


def test_fades_are_straight_lines(bring):
    clip = (
        f'<Clip time="0" duration="2" fadeTimeUnit="seconds" fadeInTime="1.0" fadeOutTime="0.5">{FILE}</Clip>'
    )
    found, _, folder = bring(track(), clips(clip, "seconds"))
    _, samples = heard(found, folder)
    assert samples[0, RATE // 2] == pytest.approx(0.5 * NOISE[0, RATE // 2], rel=1e-3)
    assert samples[0, round(1.75 * RATE)] == pytest.approx(0.5 * NOISE[0, round(1.75 * RATE)], rel=1e-3)


def test_folders_of_tracks_are_buses(bring):
    inner = '<Track id="t" name="Lead"><Channel id="c" role="regular"/></Track>'
    channel = '<Channel id="cg" destination="cm" role="master"/>'
    structure = f'<Track id="g" name="Group" contentType="tracks">{channel}{inner}</Track>'
    found, _, _ = bring(structure, clips(f'<Clip time="0">{FILE}</Clip>'))
    assert (found.session.stems[0].to, found.session.buses[0].name) == ("Group", "Group")


@pytest.mark.parametrize(
    ("volume", "pan", "gain_db", "placed"),
    [
        ('unit="linear" value="0.5" max="2" min="0"', 'unit="normalized" value="0.75"', -6.0206, 0.5),
        ('unit="decibel" value="-3"', 'unit="linear" value="-1"', -3.0, -1.0),
        ('unit="normalized" value="0.5" max="2" min="0"', 'unit="normalized" value="0.5"', 0.0, 0.0),
        ('unit="percent" value="50"', 'unit="percent" value="25"', -6.0206, 0.25),
        ('unit="linear" value="0"', 'unit="normalized"', -120.0, 0.0),
    ],
)
def test_faders_are_read_in_their_units(bring, volume, pan, gain_db, placed):
    knobs = f'<Pan id="p" {pan}/><Volume id="v" {volume}/>'
    found, _, _ = bring(track(knobs), clips(f'<Clip time="0">{FILE}</Clip>'))
    stem = found.session.stems[0]
    assert (stem.gain_db, stem.pan) == (pytest.approx(gain_db, abs=1e-4), placed)


def test_names_and_levels_that_no_session_has_are_brought_within(bring):
    send = '<Sends><Send destination="cr" type="post"><Volume unit="linear" value="1e6"/></Send></Sends>'
    room = f'<Track id="r" name="{"r" * 500}"><Channel id="cr" destination="cm" role="effect"/></Track>'
    loud = '<Volume id="v" unit="linear" value="1e5"/>'
    found, lost, _ = bring(track(send + loud, name="l" * 500) + room, clips(f'<Clip time="0">{FILE}</Clip>'))
    stem = found.session.stems[0]
    assert (stem.gain_db, stem.sends[0].gain_db, stem.sends[0].bus) == (40.0, 40.0, "r" * 110)
    assert sum("it has 40 dB" in each for each in lost) == 2


def test_a_straight_line_of_a_fader_is_drawn_in_decibels(bring):
    points = '<Points unit="linear"><Target parameter="v"/>'
    points += '<RealPoint time="0" value="0.01" interpolation="linear"/>'
    points += '<RealPoint time="4" value="1" interpolation="linear"/></Points>'
    arrangement = clips(f'<Clip time="0">{FILE}</Clip>').replace("</Clips>", f"</Clips>{points}")
    found, _, _ = bring(track('<Volume id="v" unit="linear" value="1"/>'), arrangement)
    lane = found.session.stems[0].automation["gain_db"]
    when = np.linspace(0.0, 2.0, 50)
    drawn = np.interp(when, *np.array(lane.points).T)
    np.testing.assert_allclose(drawn, 20 * np.log10(0.01 + 0.99 * when / 2.0), atol=0.02)


def test_a_tempo_that_changes_says_where_clips_lie(bring):
    tempo = '<TempoAutomation timeUnit="beats"><Target parameter="x"/><RealPoint time="0" value="60"/>'
    tempo += '<RealPoint time="4" value="120"/></TempoAutomation></Arrangement>'
    arrangement = clips(f'<Clip time="6">{FILE}</Clip>').replace("</Arrangement>", tempo)
    found, _, _ = bring(track(), arrangement)
    assert found.session.stems[0].start_seconds == 5.0
    assert found.session.midi.file == "song.mid"


def test_what_is_not_taken_is_named(bring):
    inside = '<Devices><Vst3Plugin deviceName="Foo" deviceRole="audioFX"/></Devices>'
    notes = '<Track id="n" name="Keys"><Channel id="cn" destination="cm" role="regular"/></Track>'
    arrangement = clips(f'<Clip time="0">{FILE}</Clip><Clip time="9" enable="false" name="old">{FILE}</Clip>')
    arrangement = arrangement.replace(
        "</Lanes></Arrangement>",
        '<Lanes track="n"><Clips><Clip time="0"><Notes/></Clip></Clips></Lanes>'
        '<Points><Target parameter="cutoff"/><RealPoint time="0" value="1"/></Points></Lanes></Arrangement>',
    )
    _, lost, _ = bring(track(inside) + notes, arrangement)
    said = "\n".join(lost)
    for what in (
        "device 'Foo'",
        "MIDI notes of 'Keys'",
        "clip 'old'",
        "automation of 'cutoff'",
        "'Keys': there is no audio",
    ):
        assert what in said


def test_a_recording_that_is_missing_or_no_audio_is_named_and_the_others_sound(bring):
    other = FILE.replace("a.wav", "gone.wav")
    inner = FILE.replace("a.wav", "inner.zip")
    arrangement = clips(
        "".join(f'<Clip time="{n}">{each}</Clip>' for n, each in enumerate((FILE, other, inner)))
    )
    found, lost, _ = bring(track(), arrangement, [("audio/inner.zip", b"PK\x03\x04 and so on")])
    assert len(found.session.stems) == 1
    assert [each.split("'")[1] for each in lost] == ["audio/gone.wav", "audio/inner.zip"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../secret.wav", "file:///etc/passwd"])
def test_a_recording_outside_is_not_read(bring, tmp_path, path):
    audio.write(tmp_path.parent / "secret.wav", NOISE, RATE)
    outside = FILE.replace('path="audio/a.wav"', f'path="{path}" external="true"')
    _, lost, folder = bring(track(), clips(f'<Clip time="0">{FILE}</Clip><Clip time="20">{outside}</Clip>'))
    assert any("outside the project's folder" in each for each in lost)
    assert len(list((folder / "audio").iterdir())) == 1


LAUGHS = '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Project version="1.0">&b;</Project>'
OUTSIDE = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project version="1.0">&x;</Project>'


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (LAUGHS, "declares a DTD"),
        (OUTSIDE, "declares a DTD"),
        ("<a>" * 5000, "larger than any song"),
        ("<Project>", "is no XML"),
        ("<svg/>", "must be a Project"),
        (b"\xff\xfe\x00", "is no XML"),
    ],
)
def test_xml_that_is_an_attack_is_refused(bring, tmp_path, xml, said):
    with pytest.raises(InputError, match=said):
        bring("", "", xml=xml)
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize("name", ["../out.wav", "/abs.wav", "C:\\x.wav", "a/../../b.wav", "..\\x.wav"])
def test_archives_that_lead_outside_are_refused(bring, name):
    with pytest.raises(InputError, match="leads outside"):
        bring(track(), clips(f'<Clip time="0">{FILE}</Clip>'), [(name, b"x")])


def test_links_in_an_archive_are_refused(bring):
    link = zipfile.ZipInfo("audio/link.wav")
    link.external_attr = 0o120777 << 16
    with pytest.raises(InputError, match="a link"):
        bring(track(), clips(f'<Clip time="0">{FILE}</Clip>'), [(link, b"/etc/passwd")])


def test_a_bomb_is_stopped_while_it_unpacks(bring):
    bomb = FILE.replace("a.wav", "bomb.wav")
    with pytest.raises(InputError, match="times its size"):
        bring(track(), clips(f'<Clip time="0">{bomb}</Clip>'), [("audio/bomb.wav", bytes(65 << 20))])


@pytest.mark.parametrize("time", ["nan", "1e300", "x", ""])
def test_times_that_are_none_are_refused(bring, time):
    with pytest.raises(InputError, match="must be a number"):
        bring(track(), clips(f'<Clip time="{time}">{FILE}</Clip>'))


def test_a_folder_with_something_in_it_stays(bring, tmp_path):
    (tmp_path / "song").mkdir()
    (tmp_path / "song/mine.txt").write_text("mine")
    with pytest.raises(OutputExistsError):
        bring(track(), clips(f'<Clip time="0">{FILE}</Clip>'))
    assert [path.name for path in (tmp_path / "song").iterdir()] == ["mine.txt"]


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "x.dawproject").write_bytes(b"no zip")
    with pytest.raises(InputError, match="no archive"):
        doors.bring_in(tmp_path / "x.dawproject", tmp_path / "song")
    with pytest.raises(InputError, match=r"allowed are \.dawproject, \.rpp"):
        doors.bring_in(tmp_path / "x.als", tmp_path / "song")
