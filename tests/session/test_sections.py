"""Sections: from a marker to the next, what the session says changes, and nothing else."""

import re
from pathlib import Path

import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import SessionError
from svcfx.lanes import Lane
from svcfx.render.store import Memory
from svcfx.session import document, plan, preview, sections
from svcfx.session.bounce import bounce
from svcfx.session.sections import Section

RATE = 44_100
BAR = 4 * 480  # ticks; two seconds, at 120 quarters a minute
MARKS = ((0, "intro"), (BAR, "Chorus"), (2 * BAR, "verse"), (3 * BAR, "chorus"))
TEXT = """[midi]
file = "song.mid"
[[stems]]
file = "lead.wav"
role = "pass"
{stem}
[[buses]]
name = "room"
[sections.chorus]
crossfade_seconds = {fade}
{changes}
[master]
tail_seconds = 0
[output]
encoding = "float"
"""


def db(difference):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-30))


@pytest.fixture
def lead(song):
    """A stem of eight seconds of noise, beside a MIDI file with four markers; its samples."""
    events = [(tick, mido.MetaMessage("marker", text=text)) for tick, text in MARKS]
    song.midi("song.mid", [(0, mido.MetaMessage("set_tempo", tempo=500_000)), *events])
    samples = (0.1 * np.random.default_rng(2).standard_normal((2, 8 * RATE))).astype(np.float32)
    return song.stem("lead.wav", samples)


def written(song, changes, fade=0.1, stem=""):
    return song.session(TEXT.format(changes=changes, fade=fade, stem=stem))


def gains(song, tmp_path, lead, *arguments, **settings):
    """What the mix is times the stem, one value for each sample, shape (frames,)."""
    done = bounce(written(song, *arguments, **settings), tmp_path / "out", on_exists="overwrite")
    mix = audio.read(done.mix[0]).samples.astype(np.float64)
    return np.sqrt((mix**2).sum(axis=0) / (lead.astype(np.float64) ** 2).sum(axis=0))


def at(seconds):
    return round(seconds * RATE)


def test_a_change_holds_in_every_stretch_of_its_name_and_nowhere_else(song, tmp_path, lead):
    gain = gains(song, tmp_path, lead, '"lead.gain_db" = -20.0')
    for first, last, wanted in ((0, 1.95, 1.0), (2.05, 3.95, 0.1), (4.05, 5.95, 1.0), (6.05, 8, 0.1)):
        np.testing.assert_allclose(gain[at(first) : at(last)], wanted, rtol=1e-5)


def test_a_crossfade_is_a_straight_line_with_the_marker_in_its_middle(song, tmp_path, lead):
    decibels = 20 * np.log10(gains(song, tmp_path, lead, "lead.gain_db = -20.0", 0.5))
    for seconds, wanted in (
        (1.75, 0.0),
        (1.875, -5.0),
        (2.0, -10.0),
        (2.25, -20.0),
        (3.75, -20.0),
        (4.0, -10.0),
    ):
        assert decibels[at(seconds)] == pytest.approx(wanted, abs=0.01)
    steps = np.abs(np.diff(decibels))
    assert steps.max() < 20 / (0.5 * RATE) * 1.1  # no step is greater than the line's


def test_without_a_crossfade_it_changes_on_the_marker_s_sample(song, tmp_path, lead):
    gain = gains(song, tmp_path, lead, "lead.gain_db = -20.0", 0.0)
    assert gain[at(2) - 1] == pytest.approx(1.0, rel=1e-5)
    assert gain[at(2)] == pytest.approx(0.1, rel=1e-5)


def test_a_section_s_value_stands_in_place_of_a_lane_s_and_gives_it_back(song, tmp_path, lead):
    lane = "[stems.automation]\ngain_db = [[0, 0], [8, -40]]\n"
    decibels = 20 * np.log10(gains(song, tmp_path, lead, "lead.gain_db = -6.0", 0.2, stem=lane))
    for seconds, wanted in ((1.0, -5.0), (1.9, -9.5), (2.0, -7.75), (3.0, -6.0), (4.1, -20.5), (5.0, -25.0)):
        assert decibels[at(seconds)] == pytest.approx(wanted, abs=0.01)


def test_two_sections_that_meet_go_straight_from_one_value_to_the_other():
    first = Section("verse", 2.0, 4.0, {("lead", "pan"): -1.0}, 0.1, 0.1)
    second = Section("chorus", 4.0, 6.0, {("lead", "pan"): 1.0}, 0.5, 0.1)
    curve = sections.over(Lane.constant(0.0), [first, second], "lead", "pan")
    when = np.array([1.0, 2.0, 3.0, 3.5, 4.0, 4.25, 4.5, 5.0, 6.0, 7.0])
    np.testing.assert_allclose(curve.at(when), [0, -0.5, -1, -1, 0, 0.5, 1, 1, 0.5, 0], atol=1e-12)
    moved = sections.over(Lane(((0.0, 0.5), (1.0, 0.0))), [first, second], "lead", "pan")
    np.testing.assert_allclose(moved.at(when), curve.at(when), atol=1e-12)
    np.testing.assert_allclose(moved.shift(2.0).at(when + 2.0), moved.at(when))
    assert moved.at(np.array([0.5])) == 0.25


def test_crossfades_longer_than_the_stretches_do_not_cross(song, tmp_path, lead):
    gain = gains(song, tmp_path, lead, "lead.gain_db = -20.0", 30.0)
    assert gain[at(3)] == pytest.approx(
        0.1, rel=1e-5
    )  # two seconds are left of each: halves meet in the middle
    assert gain[at(5)] == pytest.approx(1.0, rel=1e-5)


def test_every_address_of_every_strip_can_be_changed(song, tmp_path, lead):
    song.preset("half.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    sent = 'preset = "half.toml"\nsends = [{ bus = "room" }]'
    for changes, wanted in (
        ("lead.gain.gain_db = -12.0", 10 ** (-12 / 20) * 2),
        ("lead.sends.room.gain_db = -120.0", 10 ** (-6 / 20)),
        ("room.gain_db = 6.0206", 10 ** (-6 / 20) * 3),
        ('"lead.pan" = -1.0', 10 ** (-6 / 20) * 2),
    ):
        gain = gains(song, tmp_path, lead, changes, 0.0, stem=sent)
        np.testing.assert_allclose(gain[at(4) : at(6)], 10 ** (-6 / 20) * 2, rtol=1e-4)
        if "pan" not in changes:
            np.testing.assert_allclose(gain[at(2.1) : at(3.9)], wanted, rtol=1e-4)
    song.preset("trim.toml", '[[nodes]]\nnode = "Gain"\ngain_db = 0.0\n')
    text = TEXT.replace("[master]\n", '[master]\npreset = "trim.toml"\n')
    path = song.session(text.format(stem="", fade=0, changes="master.gain.gain_db = -20.0"))
    mix = audio.read(bounce(path, tmp_path / "out", on_exists="overwrite").mix[0]).samples
    assert db(mix[:, at(2.1) : at(3.9)] - 0.1 * lead[:, at(2.1) : at(3.9)]) < -100


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "lead.gain_db = -2.0\n[sections.bridge]",
            r"sections.bridge: no marker of the MIDI file is named so",
        ),
        ("lead.gain_db = -2.0\n[sections.vers]", r"\(did you mean 'verse'\?\)"),
        ("leed.gain_db = -2.0", r"sections.chorus: 'leed.gain_db' names no strip \(did you mean 'lead'\?\)"),
        ("lead.gain_bd = -2.0", r"'gain_bd' is no address of this strip \(did you mean 'gain_db'\?\)"),
        ("lead.gain_db = 99.0", "sections.chorus: the lane of gain_db reaches 99, outside -120 to 40"),
        ("lead.gain.gain_bd = 1.0", r"sections.chorus: .*gain_bd"),
        ("lead.gian.gain_db = 1.0", r"sections.chorus: .*\(did you mean 'gain'\?\)"),
        ("lead.sends.room.gain_db = 1.0", r"sections.chorus: 'sends.room.gain_db' moves no send"),
        ("master.gain_db = -2.0", r"sections.chorus: 'gain_db' is no address of this strip"),
        ('"lead.gain_db" = "loud"', r"sections.chorus.lead.gain_db is 'loud', must be a number"),
        ("crossfade = 1.0", r"sections.chorus: 'crossfade' names no strip"),
    ],
)
def test_what_is_not_there_is_refused_by_its_section_and_name(song, lead, changes, said):
    song.preset("half.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    with pytest.raises(SessionError, match=said):
        plan.make(document.load(written(song, changes, stem='preset = "half.toml"')))


def test_without_midi_no_marker_is_there(song, lead):
    path = written(song, "lead.gain_db = -2.0")
    path.write_text(path.read_text().replace('[midi]\nfile = "song.mid"\n', ""))
    with pytest.raises(SessionError, match=r"sections\.chorus: no marker") as caught:
        plan.make(document.load(path))
    assert "none" in caught.value.hint


def test_a_section_does_not_move_the_octave_that_is_chosen(song, lead, synthetic_voice):
    sung = song.preset("sung.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    path = written(
        song, "lead.voice.transpose_semitones = 2.0", stem=f'preset = "{sung}"\ntranspose = "auto"'
    )
    with pytest.raises(SessionError, match=r"which stems\[1\]\.transpose chooses"):
        plan.make(document.load(path))


def test_a_change_of_a_fader_in_a_section_makes_nothing_again(song, tmp_path, lead):
    song.preset("half.toml", '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n')
    store, stem = Memory(), 'preset = "half.toml"'
    bounce(written(song, "lead.gain_db = -6.0", stem=stem), tmp_path / "out", store=store)
    again = bounce(
        written(song, "lead.gain_db = -7.0", stem=stem), tmp_path / "out", store=store, on_exists="overwrite"
    )
    assert [step.kind for step in again.steps.made] == []
    board = bounce(
        written(song, "lead.gain.gain_db = -7.0", stem=stem),
        tmp_path / "out",
        store=store,
        on_exists="overwrite",
    )
    assert [step.label for step in board.steps.made if step.kind == "strip"] == ["lead"]


def test_a_dry_run_lists_the_sections(song, tmp_path, lead):
    seen = preview.preview(written(song, "lead.gain_db = -6.0\nlead.pan = 0.5"), tmp_path / "out")
    lines = preview.as_text(seen).splitlines()
    first = lines.index("sections")
    assert lines[first + 1 : first + 3] == [
        "  from    2.000 s  chorus: lead.gain_db = -6, lead.pan = 0.5",
        "  from    6.000 s  chorus: lead.gain_db = -6, lead.pan = 0.5",
    ]


def test_a_board_s_moving_lane_gives_way_to_a_section_and_comes_back(song, tmp_path, lead):
    song.preset("trim.toml", '[[nodes]]\nnode = "Gain"\ngain_db = 0.0\n')
    stem = 'preset = "trim.toml"\n[stems.automation]\n"gain.gain_db" = [[0, 0], [8, -16]]\n'
    decibels = 20 * np.log10(gains(song, tmp_path, lead, "lead.gain.gain_db = -20.0", 0.2, stem=stem))
    for seconds, wanted in ((1.0, -2.0), (3.0, -20.0), (5.0, -10.0), (7.0, -20.0)):
        assert decibels[at(seconds)] == pytest.approx(wanted, abs=0.05)


def test_a_stem_s_file_is_not_called_stale_for_a_section_of_another_strip(song, tmp_path, lead):
    def again(changes):
        path = written(song, changes, stem='sends = [{ bus = "room" }]')
        path.write_text(path.read_text() + "stems = true\n")
        return bounce(path, tmp_path / "out", on_exists="skip")

    again("room.gain_db = -6.0")
    done = again("room.gain_db = -9.0")
    assert ([path.name for path in done.mix], done.stems) == (["song.wav"], ())
    assert "made-otherwise" not in {note.code for note in done.notes}
    assert [path.name for path in again("room.gain_db = -9.0\nlead.pan = 1.0").stems] == ["lead.wav"]


def test_the_example_in_the_documents_is_one():
    text = (Path(__file__).parents[2] / "docs/sections.md").read_text()
    [example] = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    read = document.parse(example, Path("song.toml")).session
    assert read.sections["chorus"].changes == {
        "lead.gain_db": -2.0,
        "lead.reverb.wet_level": 0.4,
        "lead.sends.room.gain_db": -6.0,
        "vocals.gain_db": 1.0,
    }
    assert read.sections["bridge two"].crossfade_seconds == 1.0


def test_a_harmony_changes_with_its_stem(song, lead, synthetic_voice):
    sung = song.preset("sung.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    path = written(song, "lead.gain_db = -20.0", stem=f'preset = "{sung}"\nharmony = ["-5"]')
    _, harmony = plan.make(document.load(path)).stems
    gain_db = harmony.lanes.fader.gain_db.at(np.array([1.0, 3.0, 5.0]))
    assert (gain_db - gain_db[0]).tolist() == [0.0, -20.0, 0.0]
    path.write_text(path.read_text().replace("lead.gain_db", '"lead -5.gain_db"'))  # and by its own name
    stem, harmony = plan.make(document.load(path)).stems
    assert stem.lanes.fader.gain_db.is_constant
    assert harmony.lanes.fader.gain_db.at(np.array([3.0])).tolist() == [-20.0]
