"""`svcfx voices remove`, `rename`, `check`, `inspect`, `pull` and `convert-index`."""

import json

import pytest
from voices import checkpoints

from svcfx.voices import encoder, shelf


@pytest.fixture
def shelved(svcfx, home, tmp_path, monkeypatch):
    """A home with the voice mei and the encoder that it needs."""
    monkeypatch.delenv(shelf.FOLDERS_VARIABLE, raising=False)
    folder = checkpoints.write_sovits41(tmp_path / "mei", diffusion=True)
    checkpoints.write_centres(folder / "kmeans_10000.pt")
    assert svcfx("voices", "add", folder).exit_code == 0
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "folder encoder")
    return home


def test_a_voice_is_removed_after_a_question(svcfx, shelved):
    assert svcfx("voices", "remove", "mei", stdin=b"n\n").exit_code == 1
    assert shelf.find("mei").name == "mei"
    asked = svcfx("voices", "remove", "mei", stdin=b"y\n")
    assert "Delete the voice 'mei' and its" in asked.stderr
    assert asked.exit_code == 0
    assert not list((shelved / "voices").iterdir())


def test_a_voice_gets_another_name_in_one_step(svcfx, shelved):
    before = shelf.find("mei").sha256
    assert svcfx("voices", "rename", "mei", "mei 2023").exit_code == 0
    assert shelf.find("mei 2023").sha256 == before
    assert "no voice is called 'mei 2" in svcfx("voices", "show", "mei 2").stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("remove", "vela", "--yes"), "'vela' was not added by `svcfx voices add`, so it stays as it is"),
        (("remove", "me", "--yes"), "no added voice is called 'me' (did you mean 'mei'?)"),
        (("rename", "mei", "mei"), "there is a voice 'mei' already"),
        (("rename", "mei", "a/b"), "'a/b' cannot be a voice's name"),
        (("rename", "mei", "vela"), "'vela' is a singer of voice 'builtin' already"),
        (("rename", "jo", "ju"), "no added voice is called 'jo'"),
        (("show", "mei/jo"), "voice 'mei' has no singer 'jo'"),
        (("check", "mee"), "no voice is called 'mee' (did you mean 'mei'?)"),
        (("inspect", "mee"), "no voice is called 'mee' (did you mean 'mei'?)"),
        (("pull", "contentvec", "--from", "nowhere"), "'nowhere' holds no ContentVec"),
        (("convert-index", "none.pkl", "--trust"), "'none.pkl' is not a file"),
    ],
)
def test_what_cannot_be_done_is_said(refused, shelved, words, says):
    assert refused("voices", *words) == says


def test_a_shelf_in_order_is_told_so(svcfx, shelved):
    result = svcfx("voices", "check")
    assert result.exit_code == 0, result.output
    assert [row.split() for row in result.stdout.splitlines()] == [
        ["VOICE", "STATE", "WHAT"], ["builtin", "ok"], ["mei", "ok"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda home: (home / "voices/mei/refiner.safetensors").unlink(), "has no weights"),
        (lambda home: (home / "voices/mei/bank.safetensors").write_bytes(b"x" * 99), "its card says"),
        (lambda home: (home / "voices/mei/card.toml").write_text("family = 3"), "card.toml': family is 3"),
        (
            lambda home: (home / "encoders/contentvec/vec256l9.safetensors").unlink(),
            "needs the content encoder",
        ),
    ],
)
def test_what_is_not_well_is_named_and_ends_with_4(svcfx, shelved, spoil, says):
    spoil(shelved)
    result = svcfx("voices", "check", "--json")
    assert result.exit_code == 4
    found = {one["voice"]: one for one in map(json.loads, result.stdout.splitlines())}
    assert found["builtin"]["ok"]
    assert not found["mei"]["ok"]
    assert says in found["mei"]["problem"]
    assert "1 of 2 voices are not well: mei" in result.stderr


def test_a_broken_card_spoils_its_own_voice_only(svcfx, shelved):
    (shelved / "voices/mei/card.toml").write_text("no toml")
    listed = svcfx("voices", "list")
    assert listed.exit_code == 0
    assert "vela" in listed.stdout
    assert "Warning: voice card" in listed.stderr
    assert "is no TOML" in svcfx("voices", "show", "mei").stderr
    assert svcfx("voices", "remove", "mei", "--yes").exit_code == 0


def test_a_folder_is_told_without_being_added(svcfx, home, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "mei", diffusion=True)
    facts = json.loads(svcfx("voices", "inspect", folder, "--json").stdout)
    assert facts["family"] == "so-vits-svc 4.1 (sovits41)"
    assert "content is 256 wide" in facts["why"]
    assert facts["refused"].startswith("nothing")
    assert "generator G_100.pth" in facts["files"]
    assert shelf.added() == ([], [])
    checkpoints.write_vocoder(folder / "pretrain/nsf_hifigan", fmax=8000)
    assert "highest frequency is 16000 Hz and 8000 Hz" in svcfx("voices", "inspect", folder).stdout


def test_one_checkpoint_and_a_voice_on_the_shelf_are_told(svcfx, shelved, tmp_path):
    assert "4.1 (sovits41)" in svcfx("voices", "inspect", tmp_path / "mei/G_100.pth").stdout
    assert "centres, 256 wide (mei: 12)" in svcfx("voices", "inspect", "mei").stdout
    assert "parametric" in svcfx("voices", "inspect", "vela").stdout


def test_another_encoder_needs_to_be_asked_for(svcfx, refused, shelved, tmp_path):
    other = checkpoints.write_encoder(tmp_path / "other", hidden=32)
    assert "there is a ContentVec already" in refused("voices", "pull", "contentvec", "--from", other)
    assert svcfx("voices", "pull", "contentvec", "--from", other, "--replace").exit_code == 0


def test_what_is_no_contentvec_is_refused(refused, home, tmp_path):
    narrow = checkpoints.write_encoder(tmp_path / "narrow", hidden=16, projected=False)
    assert "16 values a frame" in refused("voices", "pull", "contentvec", "--from", narrow)
    assert encoder.facts() is None


def test_a_retrieval_index_is_converted_once_and_then_added(svcfx, refused, home, tmp_path):
    pytest.importorskip("faiss")
    folder = checkpoints.write_sovits40(tmp_path / "mei")
    pickled = checkpoints.write_neighbours(folder / "feature_and_index.pkl")
    assert "was not opened" in refused("voices", "convert-index", pickled)
    assert "was left out: it is a pickle" in svcfx("voices", "add", folder, "--name", "without").stderr
    result = svcfx("voices", "convert-index", pickled, "--trust")
    assert result.stdout.strip() == str(folder / "feature_and_index.safetensors")
    assert svcfx("voices", "add", folder, "--name", "mei").exit_code == 0
    assert shelf.find("mei").index == "neighbours"
    assert "exists already" in refused("voices", "convert-index", pickled, "--trust")


def test_every_command_teaches_with_an_example(svcfx):
    for words in ("list", "show", "add", "pull", "inspect", "check", "rename", "remove", "convert-index"):
        shown = svcfx("voices", words, "--help").stdout
        assert f"svcfx voices {words}" in shown.replace("Usage: main voices", "")
