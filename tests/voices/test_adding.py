"""Voices come onto the shelf whole, or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from voices import checkpoints

from svcfx.errors import OutputError, OutputExistsError, VoiceError
from svcfx.voices import adding, encoder, parts, shelf, source, upkeep
from svcfx.voices.adding import Declaration
from svcfx.voices.card import read
from svcfx.voices.folder import ChosenFiles

TESTS = Path(__file__).parents[1]


def below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) if folder.exists() else []


@pytest.fixture
def encoded(home, tmp_path):
    """A home with a small ContentVec."""
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "folder encoder")
    return home


def test_a_voice_of_4_0_gets_a_card_and_can_be_sung_with(encoded, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei_v2", singers=("mei",))
    card = adding.add(
        str(folder), Declaration(licence="CC0", consent="Mei, 2023", ranges={"": (160.0, 700.0)})
    )
    assert card.name == "mei"
    assert read(encoded / "voices/mei/card.toml") == card
    assert (card.family, card.rate, card.content_encoder) == ("sovits40", 44_100, "vec256l9")
    assert (card.source, card.licence, card.consent) == ("folder mei_v2", "CC0", "Mei, 2023")
    assert str(tmp_path) not in (encoded / "voices/mei/card.toml").read_text()
    assert card.singer("mei").high_hz == 700.0
    assert shelf.load("mei").singers == ("mei",)
    assert shelf.load("mei") is shelf.load("mei/mei")


def test_a_voice_of_4_1_with_everything_keeps_everything(encoded, tmp_path):
    folder = tmp_path / "duo"
    checkpoints.write_sovits41(folder, singers=("mei", "alto"), nested=True, diffusion=True)
    checkpoints.write_centres(folder / "logs/44k/kmeans_10000.pt", ("mei", "alto"))
    card = adding.add(str(folder), Declaration(name="both", ranges={"alto": (120.0, 500.0)}))
    assert list(card.parts) == ["generator", "refiner", "vocoder", "bank"]
    assert (card.family, card.k_step_max, card.index) == ("sovits41", 100, "centres")
    assert "CC BY-NC-SA" in card.terms
    assert card.addresses == ("both/mei", "both/alto")
    assert (card.singers["mei"].low_hz, card.singers["alto"].low_hz) == (None, 120.0)
    assert shelf.singer("both") == "mei"
    assert shelf.singer("both/alto") == shelf.singer("alto") == "alto"
    assert [one.problem for one in upkeep.check("both")] == [""]
    parts = shelf.load("both/alto").parts
    assert (parts.refiner.k_step_max, parts.bank.kind) == (100, "centres")
    assert dict(parts.singers) == {"mei": 0, "alto": 1}


def test_a_diffusion_model_alone_is_a_voice(encoded, tmp_path):
    folder = checkpoints.write_diffusion(tmp_path / "solo", k_step_max=0)
    checkpoints.write_vocoder(folder / "nsf_hifigan")
    card = adding.add(str(folder), Declaration(name="solo"))
    assert (card.family, list(card.parts)) == ("diffusion", ["refiner", "vocoder"])
    assert shelf.load("solo").parts.generator is None


def test_what_was_kept_is_what_was_opened(encoded, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "mei", diffusion=True)
    found = source.bring(str(folder), ChosenFiles(), lambda _: None).found
    before = adding.open_found(found)
    after = parts.load(adding.add(str(folder), Declaration(name="mei")))
    for part in ("generator", "refiner", "vocoder"):
        ours, theirs = (getattr(one, part).network.state_dict() for one in (after, before))
        assert ours.keys() == theirs.keys()
        assert all(np.array_equal(ours[key].numpy(), theirs[key].float().numpy()) for key in ours)


def test_two_voices_share_one_encoder(encoded, tmp_path):
    for name in ("mei", "jo"):
        adding.add(str(checkpoints.write_sovits40(tmp_path / name, singers=(name,))), Declaration())
    assert shelf.load("mei").parts.encoder is shelf.load("jo").parts.encoder


def test_the_encoder_that_lies_with_a_voice_is_kept_for_all(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    checkpoints.write_encoder(folder / "pretrain/content-vec-best")
    notes = []
    adding.add(str(folder), Declaration(), on_note=notes.append)
    assert encoder.is_there("vec256l9")
    assert any("ContentVec that lies with the voice was kept" in note for note in notes)


def test_an_encoder_that_cannot_be_read_is_left_out_unless_it_was_named(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    (folder / "checkpoint_best_legacy_500.pt").write_bytes(b"<html>")
    notes = []
    adding.add(str(folder), Declaration(), on_note=notes.append)
    assert any("encoder that lies with the voice was left out: 'checkpoint_best" in note for note in notes)
    named = ChosenFiles(encoder=folder / "checkpoint_best_legacy_500.pt")
    with pytest.raises(VoiceError, match="is a web page"):
        adding.add(str(folder), Declaration(name="jo"), named)
    assert [card.name for card in shelf.added()[0]] == ["mei"]


def test_a_vocoder_that_nothing_needs_is_left_out_when_it_does_not_fit(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    checkpoints.write_vocoder(folder / "nsf", sampling_rate=48_000)
    notes = []
    assert list(adding.add(str(folder), Declaration(), on_note=notes.append).parts) == ["generator"]
    assert "'nsf' was left out: vocoder 'nsf' is made for 48000 Hz, the voice for 44100 Hz" in notes
    with pytest.raises(VoiceError, match="is made for 48000 Hz"):
        adding.add(str(folder), Declaration(name="jo"), ChosenFiles(vocoder=folder / "nsf"))
    checkpoints.write_vocoder(folder / "nsf")
    assert list(adding.add(str(folder), Declaration(name="jo")).parts) == ["generator", "vocoder"]


def test_a_name_that_is_taken_is_refused_and_replaced_when_asked(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "old")
    before = adding.add(str(folder), Declaration(name="mei"))
    other = checkpoints.write_sovits41(tmp_path / "new")
    with pytest.raises(OutputExistsError, match="there is a voice 'mei' already"):
        adding.add(str(other), Declaration(name="mei"))
    assert shelf.find("mei").sha256 == before.sha256
    adding.add(str(other), Declaration(name="mei"), replace=True)
    assert shelf.find("mei").family == "sovits41"
    assert below(home / "voices") == ["mei", "mei/card.toml", "mei/generator.safetensors"]


@pytest.mark.parametrize("name", ["", ".mei", "a/b", "..", "a\nb", "mei:", "x" * 65, "-mei", "vela"])
def test_a_name_that_no_voice_may_have_is_refused(home, tmp_path, name):
    with pytest.raises(VoiceError, match=r"cannot be a voice's name|is a singer of voice 'builtin'"):
        adding.add(str(checkpoints.write_sovits40(tmp_path / "mei")), Declaration(name=name))
    assert below(home) == []


def test_singers_of_any_name_are_kept(home, tmp_path):
    odd = ("初音 ミク", 'the "one".x', "a/b", "speaker_0")
    adding.add(
        str(checkpoints.write_sovits40(tmp_path / "mei", singers=odd, n_speakers=4)), Declaration(name="four")
    )
    assert tuple(shelf.find("four").singers) == odd
    assert [shelf.singer(f"four/{name}") for name in odd] == list(odd)
    adding.add(
        str(checkpoints.write_sovits40(tmp_path / "jo", singers=("speaker_0",))), Declaration(name="jo")
    )
    with pytest.raises(VoiceError, match="several voices have a singer 'speaker_0'") as caught:
        shelf.find("speaker_0")
    assert caught.value.hint == "say which: four/speaker_0, jo/speaker_0"


@pytest.mark.parametrize("name", ["mei", "Mei Lin", "梅", "mei-v2.1", "mei_(soft)"])
def test_names_that_people_give_are_taken(home, tmp_path, name):
    adding.add(str(checkpoints.write_sovits40(tmp_path / "folder")), Declaration(name=name))
    assert shelf.find(name).name == name


def test_a_full_disk_leaves_the_shelf_as_it_was(small_disk, tmp_path, monkeypatch):
    monkeypatch.setenv("SVCFX_HOME", str(small_disk))
    with pytest.raises(OutputError, match="no space left on device"):
        adding.add(str(checkpoints.write_sovits40(tmp_path / "mei")), Declaration())
    assert below(small_disk) == ["voices"]


@pytest.mark.slow
def test_a_limit_on_file_size_leaves_the_old_voice_in_its_place(home, tmp_path):
    """As on a full disk, where nobody may mount one."""
    adding.add(str(checkpoints.write_sovits40(tmp_path / "old")), Declaration(name="mei"))
    before = {path: path.stat().st_mtime_ns for path in (home / "voices").rglob("*")}
    wide = checkpoints.write_sovits41(tmp_path / "new", upsample_initial_channel=64)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from svcfx.cli.main import main\n"
        f"main(['voices', 'add', {str(wide)!r}, '--name', 'mei', '--replace'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written: file too large" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (home / "voices").rglob("*")} == before


def test_ctrl_c_leaves_the_shelf_as_it_was(home, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(adding, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        adding.add(str(checkpoints.write_sovits40(tmp_path / "mei")), Declaration())
    assert below(home) == ["voices"]


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_no_voice_and_the_next_add_works(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    code = (
        "import os, signal\n"
        "from svcfx.voices import adding\n"
        "adding.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"adding.add({str(folder)!r}, adding.Declaration(name='mei'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ))
    assert done.returncode == -signal.SIGKILL
    assert shelf.added() == ([], [])
    left = list((home / "voices").iterdir())
    assert [path.name.startswith(".adding-") for path in left] == [True]
    os.utime(left[0], (0, 0))
    adding.add(str(folder), Declaration(name="mei"))
    assert below(home / "voices") == ["mei", "mei/card.toml", "mei/generator.safetensors"]


def test_a_replacement_that_was_killed_between_two_names_is_undone(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    adding.add(str(folder), Declaration(name="mei"))
    (home / "voices/mei").rename(home / "voices/.replaced-mei")
    adding.add(str(folder), Declaration(name="jo"))
    assert shelf.find("mei").name == "mei"
