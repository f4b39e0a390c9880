"""A song rendered again: the same bytes as for the first time, and only what changed is made."""

import json
import shutil
import subprocess
import sys
import threading
import time

import pytest

from svcfx.dsp import rubberband
from svcfx.errors import Cancelled, OutputError, VoiceError
from svcfx.node import VoiceConversion
from svcfx.render.entries import ENTRIES
from svcfx.render.files import Files
from svcfx.render.store import Memory
from svcfx.session import advice, mixdown, recipe, summing
from svcfx.session.bounce import bounce

PRESET = """[[nodes]]
node = "HighpassFilter"
cutoff_frequency_hz = 70

[[nodes]]
node = "VoiceConversion"
voice = "{voice}"
mix = {mix}
transpose_semitones = {transpose}
loudness_follow = 0.5

[[nodes]]
node = "Reverb"
room_size = {room}
"""
SESSION = """title = "{title}"
[[stems]]
file = "lead.wav"
role = "lead"
preset = "lead.toml"
gain_db = {gain}
pan = {pan}
start_seconds = {start}
match_loudness = {match}
{lane}
[[stems]]
file = "bed.wav"
role = "accompaniment"
preset = "bed.toml"

[master]
{master}
[output]
formats = ["wav"]
stems = true
"""
AT_REST = {
    "voice": "tess", "mix": 1.0, "transpose": 2.0, "room": 0.4, "title": "a song", "gain": -2.0, "pan": 0.25,
    "start": 0.0, "match": "true", "lane": "", "master": "target_lufs = -20", "bed": -3.0, "hz": 220.0,
    "stem": None,
}  # fmt: skip
LANE = '[stems.automation]\n"reverb.wet_level" = {{ points = [[0, 0.1], [{at}, 0.4]] }}'


class Room:
    """A song of two stems in a folder, written again with what changes."""

    def __init__(self, song, make, out):
        self.song, self.make, self.out = song, make, out

    def bounce(self, store=None, *, listener=None, **changes):
        facts = AT_REST | changes
        lead = facts["stem"]
        self.song.stem("lead.wav", self.make["tone"](facts["hz"], 2.0, channels=2) if lead is None else lead)
        self.song.stem("bed.wav", self.make["tone"](110.0, 2.0, rate=48_000), 48_000)
        self.song.preset("lead.toml", PRESET.format(**facts))
        self.song.preset("bed.toml", f'[[nodes]]\nnode = "Gain"\ngain_db = {facts["bed"]}\n')
        path = self.song.session(SESSION.format(**facts))
        return bounce(path, self.out, on_exists="overwrite", store=store, listener=listener)

    def bytes(self, store=None, *, fresh=True, **changes):
        if fresh:  # else what is there with the same key is not written
            shutil.rmtree(self.out, ignore_errors=True)
        done = self.bounce(store, **changes)
        return {path.name: path.read_bytes() for path in sorted(self.out.rglob("*.*"))}, done


@pytest.fixture
def room(song, make, tmp_path, synthetic_voice):
    return Room(song, make, tmp_path / "out")


def kinds(steps):
    return sorted((step.kind, step.label.removeprefix("stem ").strip("'")) for step in steps)


VOICE, STRIP = ("voice", "lead"), ("strip", "lead")
BED = [("clip", "bed"), ("strip", "bed")]
HEARING = {"pitch", "content", "heard"}
HEARD = [("listening", "lead"), ("loudness", "lead"), ("melody", "lead")]
TABLE = {
    "nothing": ({}, []),
    "a title": ({"title": "other"}, []),
    "the fader": ({"gain": -6.0}, []),
    "the pan": ({"pan": -1.0}, []),
    "the master": ({"master": "target_lufs = -23"}, []),
    "a reverb": ({"room": 0.7}, [STRIP]),
    "a lane of the reverb": ({"lane": LANE.format(at=1.0)}, [STRIP]),
    "loudness left alone": ({"match": "false"}, [STRIP]),
    "the transposition": ({"transpose": -3.0}, [STRIP, VOICE]),
    "another singer": ({"voice": "tom"}, [STRIP, VOICE]),
    "the share of the voice": ({"mix": 0.5}, [STRIP, VOICE]),
    "the bed's effect": ({"bed": -9.0}, [("strip", "bed")]),
    "the lead's file": ({"hz": 247.0}, [*HEARD, STRIP, VOICE]),
}


ON_EVERY_KERNEL = ("the transposition", "another singer")
"""Changes whose bytes are compared under other kernels too: one sings again, one hears again as well."""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(name, marks=pytest.mark.bytes if name in ON_EVERY_KERNEL else (), id=name)
        for name in TABLE
    ],
)
def test_after_a_change_only_what_it_reaches_is_made_and_the_bytes_are_those_of_a_cold_render(room, change):
    changes, wanted = TABLE[change]
    store = Memory()
    room.bounce(store)
    warm, done = room.bytes(store, **changes)
    assert kinds(done.steps.made) == wanted
    cold, plain = room.bytes(**changes)
    assert warm == cold
    assert [note for note in done.notes if note.code != "cache"] == list(plain.notes)


@pytest.mark.parametrize("change", ["the transposition", "the share of the voice", "another singer"])
def test_what_was_heard_of_a_stem_is_not_heard_again(room, change):
    store = Memory()
    cold = room.bounce(store).steps.parts
    assert sum(count for (kind, there), count in cold.items() if kind in HEARING and not there) > 0
    warm = room.bounce(store, **TABLE[change][0]).steps.parts
    assert {kind for (kind, there), count in warm.items() if not there} <= {"sung", "peak"}


@pytest.mark.slow
def test_a_stem_whose_voice_is_kept_is_not_read_and_one_that_changes_meanwhile_is_kept_nowhere(
    room, monkeypatch
):
    from svcfx.session import clip

    store, read = Memory(), []
    room.bounce(store)
    was = clip.audio.read
    monkeypatch.setattr(clip.audio, "read", lambda path: read.append(path.name) or was(path))
    room.bounce(store, room=0.7)
    assert read == []

    def reads_another(path):
        if path.name == "lead.wav":
            room.song.stem("lead.wav", room.make["tone"](330.0, 2.0, channels=2))
        return was(path)

    monkeypatch.setattr(clip.audio, "read", reads_another)
    changed, _ = room.bytes(store, hz=300.0, room=0.9)
    monkeypatch.setattr(clip.audio, "read", was)
    plain, _ = room.bytes(hz=330.0, room=0.9)
    assert changed["lead.wav"] == plain["lead.wav"]
    for hz in (300.0, 330.0):
        assert room.bytes(store, hz=hz, room=0.9)[0] == room.bytes(hz=hz, room=0.9)[0]


OTHERWISE = {
    "at another rate": "[output]\nsample_rate = 48000\n",
    "in another key": "[key]\npoints = [[0, 2]]\n",
    "at another tempo": "[tempo]\nratio = 0.9\n",
    "in the octave that suits": 'transpose = "auto"\n',
    "sung as it is": "",
}


@pytest.mark.parametrize("way", OTHERWISE)
def test_what_was_made_of_a_stem_that_changes_meanwhile_is_kept_nowhere(
    song, make, tmp_path, monkeypatch, synthetic_voice, way
):
    from svcfx.session import clip

    sung = song.preset("sung.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    of_stem, of_song = "", OTHERWISE[way]
    if "sung" in way or "octave" in way:
        of_stem, of_song = f'preset = "{sung}"\n{of_song}', ""
    text = f'[[stems]]\nfile = "lead.wav"\nrole = "lead"\n{of_stem}[master]\ntail_seconds = 0\n{of_song}'
    path, store = song.session(text), Memory()
    low, high = make["tone"](110.0, 2.0, channels=2), make["tone"](880.0, 2.0, channels=2)
    was = clip.audio.read

    def reads_another(name):
        song.stem("lead.wav", high)
        return was(name)

    def mixed(store):
        return bounce(path, tmp_path / "out", on_exists="overwrite", store=store).mix[0].read_bytes()

    song.stem("lead.wav", low)
    monkeypatch.setattr(clip.audio, "read", reads_another)
    mixed(store)
    assert json.loads((tmp_path / "out" / "song.wav.json").read_text())["key"] == ""
    monkeypatch.setattr(clip.audio, "read", was)
    song.stem("lead.wav", low)
    assert mixed(store) == mixed(None)


LONG = 13.0
"""Seconds: five slices of a shipped voice, of which the first and the last are not whole."""


def test_an_edit_of_a_stem_is_heard_anew_only_where_it_reaches_and_the_bytes_are_those_of_a_cold_render(room):
    store, stem = Memory(), room.make["tone"](220.0, LONG, channels=2)
    stem[:, 330_000:360_000] = 0.0  # a breath, behind which the phase begins anew
    cold = room.bounce(store, stem=stem).steps.parts
    edited = stem.copy()
    edited[:, 300_000:310_000] *= 0.5
    warm, done = room.bytes(store, stem=edited)
    assert cold["content", False] >= 5
    assert 1 <= done.steps.parts["content", False] <= 2
    assert done.steps.parts["content", True] + done.steps.parts["content", False] == cold["content", False]
    assert 1 <= done.steps.parts["sung", False] <= 2
    assert done.steps.parts["sung", True] + done.steps.parts["sung", False] == cold["sung", False] >= 5
    assert warm == room.bytes(stem=edited)[0]


@pytest.mark.slow
def test_an_edit_that_moves_the_level_of_the_whole_stem_is_heard_everywhere(room):
    store, stem = Memory(), room.make["tone"](220.0, LONG, channels=2)
    room.bounce(store, stem=stem)
    assert room.bounce(store, stem=stem * 0.7).steps.parts["content", True] == 0


@pytest.mark.bytes
def test_a_cold_render_with_a_store_has_the_bytes_of_one_without(room):
    with_store, done = room.bytes(Memory())
    assert kinds(done.steps.made) == sorted([*BED, *HEARD, STRIP, VOICE])
    assert done.steps.found == []
    assert with_store == room.bytes()[0]


def test_peaks_of_files_that_stay_are_not_looked_for_again(room, monkeypatch):
    store, looked = Memory(), []
    room.bounce(store)
    was = mixdown.Faded.peak
    monkeypatch.setattr(mixdown.Faded, "peak", lambda *asked: looked.append(asked) or was(*asked))
    room.bounce(store, gain=-6.0)
    assert len(looked) == 3  # of the lead's file, and beside the end of each stem


@pytest.fixture
def by(monkeypatch):
    """The thread that each strip was rendered by, by its name."""
    found, was = {}, summing.Summing._one

    def one(self, number, on_progress):
        found[self.renders[number].strip.name] = threading.current_thread()
        return was(self, number, on_progress)

    monkeypatch.setattr(summing.Summing, "_one", one)
    return found


def test_stems_that_are_kept_are_summed_while_others_are_made(room, by):
    store = Memory()
    room.bounce(store)
    room.bounce(store, room=0.7)
    assert by["lead"] is threading.main_thread() is not by["bed"]


@pytest.mark.bytes
@pytest.mark.parametrize("kept", [True, False])
def test_what_nobody_sings_is_rendered_beside_a_voice_and_every_byte_is_as_in_turn(
    room, by, monkeypatch, kept
):
    beside, _ = room.bytes(Memory() if kept else None)
    assert by["lead"] is threading.main_thread() is not by["bed"]
    monkeypatch.setattr(summing.Summing, "_beside", lambda self, numbers: [])
    in_turn, _ = room.bytes(Memory() if kept else None)
    assert by["lead"] is threading.main_thread() is by["bed"]
    assert beside == in_turn


class Stages:
    """Hears what each strip cost, and of that its stages."""

    def __init__(self):
        self.strips = {}

    def begin(self, *_):
        return True

    def strip(self, heard):
        self.strips[heard.render.strip.name] = heard

    def mix(self, heard):
        pass


def test_what_is_listened_to_beside_a_voice_is_no_stage_of_it(room, monkeypatch):
    """Else stages add up to more than the strip cost: seconds of two threads are one second."""
    stages, was = Stages(), advice.about_voices

    def long(job, voices, steps, events):
        def made():
            time.sleep(0.2)
            return {}

        for kind in ("melody's pitch", "pitch"):
            steps.part(kind, 1, ("heard of the raw stem",), made)
        return was(job, voices, steps, events)

    monkeypatch.setattr(advice, "about_voices", long)
    room.bounce(listener=stages)
    lead = stages.strips["lead"]
    assert "melody's pitch" not in lead.stages
    assert {"pitch", "content"} <= set(lead.stages)
    assert sum(lead.stages.values()) <= lead.work_seconds


def test_where_nobody_sings_all_is_rendered_in_turn(room, by):
    store = Memory()
    room.bounce(store)
    room.bounce(store, gain=-6.0)
    assert by["lead"] is threading.main_thread() is by["bed"]


def test_what_is_rendered_beside_a_voice_is_given_up_where_the_voice_fails(room, monkeypatch):
    """The bed is stretched until it is given up, and the voice fails once it is."""
    stretching, shift = threading.Event(), rubberband.shift

    def endless(samples, sample_rate, semitones, formants, events):
        stretching.set()
        for _ in range(100_000):
            shift(samples[:, :20_000], sample_rate, semitones, formants, events)
        raise AssertionError("nobody gave it up")

    def fails(*_):
        assert stretching.wait(60.0)
        raise VoiceError("it cannot sing")

    monkeypatch.setattr(rubberband, "shift", endless)
    monkeypatch.setattr(VoiceConversion, "whole", fails)
    with pytest.raises(VoiceError, match="cannot sing"):
        room.bounce(master="[tempo]\nbpm = 120\n[key]\npoints = [[0, 2]]\n")
    assert [path for path in room.out.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["lead.wav", "bed.wav"])
def test_a_stem_that_cannot_be_written_behind_the_render_ends_it_and_nothing_is_left(room, monkeypatch, name):
    store, was = Memory(), recipe.write_with
    room.bounce(store)
    shutil.rmtree(room.out)

    def full(path, *rest):
        if path.name == name:
            raise OutputError(f"'{path}' could not be written: the disk is full")
        was(path, *rest)

    monkeypatch.setattr(recipe, "write_with", full)
    with pytest.raises(OutputError, match=name):
        room.bounce(store, room=0.7)
    assert [path for path in room.out.rglob("*") if path.is_file()] == []


def test_a_lane_behind_the_end_of_the_song_changes_nothing(room):
    store = Memory()
    room.bounce(store, lane=LANE.format(at=100.0))
    changed = LANE.format(at=100.0).replace("]] }", "], [200, 0.2]] }")
    assert room.bounce(store, lane=changed).steps.made == []


def test_the_summary_says_how_much_was_there(room):
    store = Memory()
    assert "0 of 7 steps were there already" in room.bounce(store).summary()
    assert "2 of 2 steps were there already" in room.bounce(store).summary()
    assert "steps" not in room.bounce().summary()


@pytest.mark.bytes
def test_a_store_on_disk_serves_another_process_and_mends_itself(room, tmp_path):
    plain, _ = room.bytes()
    first, _ = room.bytes(Files(tmp_path / "cache"))
    for path in (tmp_path / "cache" / ENTRIES).glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1])
    mended, done = room.bytes(Files(tmp_path / "cache"))
    assert first == mended == plain
    assert any("damaged" in note.text for note in done.notes if note.code == "cache")
    again, done = room.bytes(Files(tmp_path / "cache"))
    assert again == plain
    assert done.steps.made == []


def test_a_cache_that_cannot_be_written_costs_nothing_but_a_note(room, read_only_folder):
    plain, _ = room.bytes()
    found, done = room.bytes(Files(read_only_folder / "cache"))
    assert found == plain
    assert [note.code for note in done.notes if "cache" in note.text] == ["cache"]


def test_a_render_that_is_cancelled_leaves_only_whole_steps(room, tmp_path):
    store = Files(tmp_path / "cache")
    room.bounce(store)
    stop = threading.Event()
    room.song.stem("lead.wav", room.make["tone"](300.0, 2.0, channels=2))
    with pytest.raises(Cancelled):
        bounce(
            room.song.folder / "session.toml",
            room.out,
            on_exists="overwrite",
            store=store,
            on_progress=lambda at: stop.set() if at.done_fraction > 0.05 else None,
            is_cancelled=stop.is_set,
        )
    assert store.verify() == store.facts().entries
    warm, _ = room.bytes(store, hz=300.0)
    assert warm == room.bytes(hz=300.0)[0]


def test_a_node_that_does_not_say_what_it_depends_on_is_played_each_time(room, monkeypatch):
    from svcfx.node.knobs import Knobbed

    monkeypatch.delattr(Knobbed, "facts")
    monkeypatch.delattr("svcfx.node.voice.VoiceConversion.facts")
    store = Memory()
    room.bounce(store)
    done = room.bounce(store)
    assert STRIP in kinds(done.steps.made)
    said = [note.text for note in done.notes if note.code == "cache"]
    assert len(said) == 1
    assert "VoiceConversion" in said[0]


LAZY = """
import sys
from pathlib import Path
from svcfx.render.files import Files
from svcfx.session.bounce import bounce
done = bounce(Path(sys.argv[1]), Path(sys.argv[2]), on_exists=sys.argv[4], store=Files(Path(sys.argv[3])))
print(sorted(step.kind for step in done.steps.made), "torch" in sys.modules, "scipy" in sys.modules)
"""


def test_a_song_whose_voices_are_kept_loads_neither_torch_nor_scipy(room, tmp_path):
    room.bounce(Files(tmp_path / "cache"))
    room.bounce(Files(tmp_path / "cache"), room=0.9)

    def in_another_process(on_exists):
        path = room.song.folder / "session.toml"
        arguments = [str(one) for one in (path, room.out, tmp_path / "cache", on_exists)]
        done = subprocess.run(
            [sys.executable, "-c", LAZY, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert in_another_process("overwrite") == "[] False False"
    assert in_another_process("error") == "[] False False"
    room.song.preset("lead.toml", PRESET.format(**AT_REST | {"room": 0.2}))
    assert in_another_process("overwrite") == "['strip'] False False"


def test_damaged_weights_are_found_before_anything_is_rendered(room, tmp_path, monkeypatch):
    from svcfx.errors import VoiceError
    from svcfx.voices import shelf

    def damaged(card, device):
        raise VoiceError(f"'{card.name}' is damaged")

    monkeypatch.setattr(shelf, "opened", damaged)
    store = Memory()
    with pytest.raises(VoiceError, match="is damaged"):
        room.bounce(store)
    assert len(store) == 0
    assert not room.out.exists()


@pytest.mark.bytes
def test_files_of_a_batch_keep_what_was_sung_too(room, tmp_path):
    from svcfx.session.files import batch
    from svcfx.session.isolate import Destination

    room.bounce()

    def played(out, store, room_size):
        room.song.preset("lead.toml", PRESET.format(**AT_REST | {"room": room_size}))
        output = Destination(tmp_path / out)
        [file] = batch(
            [room.song.folder / "lead.wav"], room.song.folder / "lead.toml", output=output, store=store
        ).files
        assert file.error is None
        return file.target.read_bytes(), file.target.with_name(file.target.name + ".json").read_bytes()

    store = Memory()
    played("first", store, 0.4)
    known = len(store)
    assert played("again", store, 0.7) == played("plain", None, 0.7)
    assert len(store) == known


@pytest.fixture
def zam_comp():
    """A VST3 that repeats itself; skipped by name where it is not installed."""
    from svcfx.node import plugins

    if "ZamCompX2" not in plugins.names():
        pytest.skip("ZamCompX2 is not installed: Debian's zam-plugins has it")


@pytest.mark.slow
@pytest.mark.bytes
def test_what_a_plug_in_gave_that_repeats_is_kept_and_each_of_its_knobs_reaches_it(room, zam_comp):
    def behind(ratio):
        return PRESET + f'\n[[nodes]]\nnode = "ZamCompX2"\nthreshold_db = -40.0\nratio = {ratio}\n'

    def again(store, ratio):
        room.song.preset("lead.toml", behind(ratio).format(**AT_REST))
        path = room.song.folder / "session.toml"
        done = bounce(path, room.out, on_exists="overwrite", store=store)
        return kinds(done.steps.made), [p.read_bytes() for p in done.mix], {note.code for note in done.notes}

    store = Memory()
    room.bounce(store)
    assert again(store, 4.0)[0] == [STRIP]
    made, mix, said = again(store, 4.0)
    assert (made, said & {"cache", "does-not-repeat"}) == ([], set())
    assert mix == again(None, 4.0)[1]
    made, other, _ = again(store, 12.0)
    assert made == [STRIP]
    assert other != mix
    assert again(store, 4.0)[:2] == ([], mix)
    done = bounce(room.song.folder / "session.toml", room.out, store=store)
    assert done.summary().startswith("nothing to do")


def test_a_voice_in_front_of_a_plug_in_is_kept_though_what_the_plug_in_gave_is_not(
    room, zam_comp, monkeypatch
):
    from svcfx.render import externals

    monkeypatch.setattr(externals, "repeats", lambda *_given: False)
    store = Memory()
    behind = PRESET + '\n[[nodes]]\nnode = "ZamCompX2"\n'

    def again():
        room.bounce(store)
        room.song.preset("lead.toml", behind.format(**AT_REST))
        done = bounce(room.song.folder / "session.toml", room.out, on_exists="overwrite", store=store)
        return kinds(done.steps.made), [note.text for note in done.notes if note.code == "cache"]

    assert again()[0] == [STRIP]
    made, said = again()
    assert made == [STRIP]
    assert said == ["plug-in 'ZamCompX2' gives other samples each time and is played each time"]


@pytest.mark.bytes
def test_a_stem_that_sounds_as_before_is_not_written_again_and_its_recipe_is_of_now(room):
    store = Memory()
    first = room.bounce(store)
    times = {path.name: path.stat().st_mtime_ns for path in (*first.stems, *first.mix)}
    warm, done = room.bytes(store, fresh=False, gain=-6.0)
    assert sorted(done.stems) == sorted(first.stems)
    changed = [path.name for path in (*done.stems, *done.mix) if path.stat().st_mtime_ns != times[path.name]]
    assert sorted(changed) == ["lead.wav", "song.wav"]
    assert warm == room.bytes(gain=-6.0)[0]


def test_a_cache_that_cannot_be_written_is_said_once_of_a_batch_and_in_no_recipe(room, tmp_path):
    from svcfx.session.files import batch
    from svcfx.session.isolate import Destination

    room.bounce()
    lead = room.song.folder / "lead.wav"
    takes = [shutil.copy(lead, room.song.folder / f"{name}.wav") for name in "ab"]
    (tmp_path / "cache").write_text("no folder")

    def played(out, store):
        (room.song.folder / "low.toml").write_text(
            'svcfx_preset = 1\nname = "low"\n[[nodes]]\nnode = "Formant"\nformant_semitones = -2.0\n'
        )
        done = batch(takes, room.song.folder / "low.toml", output=Destination(tmp_path / out), store=store)
        done.check()
        recipes = [file.target.with_name(f"{file.target.name}.json").read_bytes() for file in done.files]
        return recipes, [note.text for file in done.files for note in file.notes if note.code == "cache"]

    recipes, said = played("kept", Files(tmp_path / "cache"))
    assert len(said) == 1
    assert str(tmp_path / "cache") in said[0]
    assert played("plain", None) == (recipes, [])
