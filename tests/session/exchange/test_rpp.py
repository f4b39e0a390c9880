"""Projects that REAPER wrote: items, folders, receives, envelopes, quotes; and what is not taken."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.session import document, grid, overview
from svcfx.session.exchange import doors, rpp_reading, rpp_text

RATE = 48_000
NOISE = (0.2 * np.random.default_rng(3).standard_normal((2, 2 * RATE))).astype(np.float32)


@pytest.mark.parametrize(
    "name", ["plain", "two words", 'a "b"', 'it\'s "so"', "`'\"", "<x", "|", ">", "", "a\nb"]
)
def test_a_name_comes_back_through_its_quotes(name):
    (word,) = rpp_text.Line("NAME", rpp_text.quoted(name)).words
    assert word == name.replace("`", "'" if '"' in name else "`").replace("\n", " ")


@pytest.fixture
def bring(tmp_path):
    """Brings a project in: its text; gives session, lost and folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    audio.write(folder / "a.wav", NOISE, RATE, encoding="float")

    def brought(text):
        (folder / "x.rpp").write_text(f'<REAPER_PROJECT 0.1 "7.1/linux" 1\n{text}\n>\n', newline="\r\n")
        made = doors.bring_in(folder / "x.rpp", tmp_path / "song")
        return document.load(made.session), made.lost, tmp_path / "song"

    return brought


def track(name, more="", items=""):
    return f'<TRACK {{0A}}\n NAME "{name}"\n {more}\n {items}\n>\n'


def item(more="POSITION 1.5\nLENGTH 2.0", source='<SOURCE WAVE\nFILE "a.wav"\n>'):
    return f"<ITEM\n{more}\n{source}\n>\n"


def heard(found, folder):
    return audio.read(folder / found.session.stems[0].file).samples


def test_a_whole_recording_keeps_its_bytes(bring, tmp_path):
    found, lost, folder = bring(track("Lead", "VOLPAN 0.5 -0.25 -1 -1 1\nMUTESOLO 1 0 0", item()))
    stem = found.session.stems[0]
    assert (stem.start_seconds, stem.pan, stem.mute, lost) == (1.5, -0.25, True, ())
    assert stem.gain_db == pytest.approx(-6.0206, abs=1e-4)
    assert (folder / stem.file).read_bytes() == (tmp_path / "project/a.wav").read_bytes()


def test_items_are_cut_faded_and_laid_together(bring):
    cut = "POSITION 1.0\nLENGTH 0.5\nSOFFS 0.25\nFADEIN 1 0.1 0 1"
    late = "POSITION 2.0\nLENGTH 0.5\nVOLPAN 0.5 0 1 -1"
    found, _, folder = bring(track("Lead", items=item(cut) + item(late)))
    samples, quarter = heard(found, folder), RATE // 4
    assert found.session.stems[0].start_seconds == 1.0
    np.testing.assert_array_equal(samples[:, 4800:24000], NOISE[:, quarter + 4800 : quarter + 24000])
    np.testing.assert_allclose(samples[:, 2400], 0.5 * NOISE[:, quarter + 2400], rtol=1e-3)
    assert not samples[:, 24000:48000].any()
    np.testing.assert_allclose(samples[:, 48000:], 0.5 * NOISE[:, :24000], rtol=1e-6)


def test_an_item_that_is_longer_than_its_recording_goes_round(bring):
    found, _, folder = bring(track("Lead", items=item("POSITION 0\nLENGTH 5\nSOFFS 0.5\nLOOP 1")))
    round_and_round = np.concatenate([NOISE, NOISE, NOISE], axis=1)[:, RATE // 2 :][:, : 5 * RATE]
    np.testing.assert_array_equal(heard(found, folder), round_and_round)


def test_items_that_go_round_for_ever_come_to_an_end(bring, monkeypatch):
    monkeypatch.setattr(rpp_reading, "MOST_CLIPS", 50)
    found, lost, folder = bring(track("Lead", items=item("POSITION 0\nLENGTH 1e8\nLOOP 1")))
    assert heard(found, folder).shape[1] == 100 * RATE
    assert any("clips beyond 50" in each for each in lost)


def test_a_track_is_laid_together_up_to_a_bound(bring):
    far = item("POSITION 1e6\nLENGTH 1")
    found, lost, folder = bring(track("Lead", items=item("POSITION 1\nLENGTH 1") + far))
    assert heard(found, folder).shape[1] == RATE
    assert any("2.0 hours behind its begin" in each for each in lost)


def test_folders_sends_and_tracks_that_do_not_go_to_the_master_are_routed(bring):
    text = (
        track("Group", "ISBUS 1 1") + track("In", "ISBUS 0 0", item()) + track("Last", "ISBUS 2 -1", item())
    )
    text += track("Out", "MAINSEND 0 0", item())
    text += track("Room", "AUXRECV 1 3 0.5 0 0 0 0 0 0 -1:U 0 -1 ''\nAUXRECV 3 0 1 0 0 0 0 0 0 -1:U 0 -1 ''")
    found, lost, _ = bring(text)
    stems = {stem.name: stem for stem in found.session.stems}
    assert {name: stem.to for name, stem in stems.items()} == {"In": "Group", "Last": "Group", "Out": "Room"}
    (send,) = stems["In"].sends
    assert (send.bus, send.tap, round(send.gain_db, 3)) == ("Room", "pre", -6.021)
    assert ([bus.name for bus in found.session.buses], lost) == (["Group", "Room"], ())


def test_an_envelope_of_volume_goes_on_top_of_a_fader_that_trims(bring):
    envelope = "<VOLENV2\nACT 1 -1\nPT 0 1 1\nPT 2 0.5 1\n>"
    found, _, _ = bring(track("Lead", f"VOLPAN 0.5 0 -1 -1 1\n{envelope}", item()))
    lane = found.session.stems[0].automation["gain_db"]
    assert lane.interpolation == "step"
    np.testing.assert_allclose(lane.points, [[0, -6.0206], [2, -12.0412]], atol=1e-4)


def test_an_envelope_of_pan_counts_from_left_to_right(bring):
    envelope = "<PANENV2\nACT 1 -1\nPT 0 1 0\nPT 2 -1 0\n>"
    found, _, _ = bring(track("Lead", envelope, item()))
    assert found.session.stems[0].automation["pan"].points == [[0.0, -1.0], [2.0, 1.0]]


def test_tempos_meters_markers_and_regions_are_the_songs(bring):
    points = "PT 0 120 1 262148\nPT 4 60 1 262147"
    marks = 'MARKER 1 2 "Verse" 0\nMARKER 2 4 "Chorus" 1\nMARKER 2 8 "" 1'
    found, _, _ = bring(
        f"TEMPO 120 4 4\n<TEMPOENVEX\nACT 1\n{points}\n>\n{marks}\n" + track("L", items=item())
    )
    timeline = overview.timeline_of(found)
    assert grid.markers(timeline) == ((2.0, "Verse"), (4.0, "Chorus"))
    assert [(bar.seconds, bar.beats) for bar in grid.bars(timeline, 8.0)] == [(0, 4), (2, 4), (4, 3), (7, 3)]


def test_what_is_not_taken_is_named(bring):
    chain = '<FXCHAIN\n<VST "VST: ReaEQ (Cockos)" reaeq.so 0\nZXE=\n>\n>'
    midi = item("POSITION 0\nLENGTH 1\nNAME notes", "<SOURCE MIDI\nHASDATA 1 960 QN\n>")
    fast = item("POSITION 0\nLENGTH 1\nPLAYRATE 1.5 1 0\nNAME fast")
    strip = track("Lead", f"{chain}\n<MUTEENV\nACT 1\n>", item() + midi + fast)
    _, lost, _ = bring(f"MASTER_VOLUME 0.5 0 -1 -1 1\n{strip}")
    said = "\n".join(lost)
    named = ("effect 'VST: ReaEQ (Cockos)'", "'notes', which plays MIDI", "its speed of 1.5", "MUTEENV")
    for what in (*named, "the master's volume"):
        assert what in said


@pytest.mark.parametrize("path", ["/etc/passwd", "../../secret.wav", "C:\\\\x.wav", "gone.wav"])
def test_a_recording_outside_or_missing_is_named(bring, tmp_path, path):
    audio.write(tmp_path.parent / "secret.wav", NOISE, RATE)
    other = item(source=f'<SOURCE WAVE\nFILE "{path}"\n>')
    found, lost, _ = bring(track("Lead", items=item()) + track("Other", items=other))
    assert [stem.name for stem in found.session.stems] == ["Lead"]
    assert any("a recording is" in each for each in lost)


def test_a_project_that_moved_finds_the_recordings_beside_it(bring):
    moved = item(source='<SOURCE WAVE\nFILE "D:\\Songs\\old\\a.wav"\n>')
    found, lost, folder = bring(track("Lead", items=moved))
    np.testing.assert_array_equal(heard(found, folder), NOISE)
    assert any("beside the project is taken" in each for each in lost)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<TRACK\n" * 100, "larger than any song"),
        (track("Lead", items="<ITEM"), "is cut"),
        (track("Lead", "VOLPAN x 0", item()), "must be a number"),
        ("TEMPO 0 4 4\n" + track("Lead", items=item()), "the tempo is 0"),
        ("", "no audio"),
    ],
)
def test_projects_that_are_none_are_refused(bring, text, said):
    with pytest.raises(InputError, match=said):
        bring(text)


def test_a_text_that_is_no_project_is_refused(tmp_path):
    (tmp_path / "x.rpp").write_bytes(b"\xff\xfe no project")
    with pytest.raises(InputError, match="no REAPER project"):
        doors.bring_in(tmp_path / "x.rpp", tmp_path / "song")
