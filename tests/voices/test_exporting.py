"""A voice leaves the shelf for other programs, whole, with its terms, and comes back as it was."""

import subprocess
import sys

import pytest
import torch
from chain.checkpoint.export import exported
from voices import checkpoints

from svcfx.chain import checkpoint, families
from svcfx.chain.checkpoint import pickled
from svcfx.errors import OutputError, OutputExistsError, VoiceError
from svcfx.voices import adding, card, exporting, folder, opening, parts, shelf
from svcfx.voices.adding import Declaration


def added(home, tmp_path, voice="4.0", *, posterior=True, name="mei"):
    """A voice on an empty shelf."""
    at = exported.write(tmp_path / "given", voice, posterior=posterior)
    said = Declaration(name=name, licence="CC BY 4.0", consent="Mei Lin, in writing, 2023")
    return adding.add(str(at), said)


def opened(at):
    return opening.open_found(folder.look(at))


@pytest.mark.parametrize("form", ["sovits40", "fork", "sovits41"])
def test_what_was_exported_is_found_and_sings_the_same(home, tmp_path, form):
    before = parts.load(added(home, tmp_path))
    notes = []
    out = exporting.export("mei", form, tmp_path / "out", on_note=notes.append)
    after = opened(out)
    assert not any("enc_q" in note for note in notes)
    assert after.singers == before.singers
    loudest = float(exported.sung(before.generator).abs().max())
    torch.testing.assert_close(
        exported.sung(after.generator), exported.sung(before.generator), rtol=0, atol=2e-5 * loudest
    )


def test_a_voice_with_everything_takes_everything_to_4_1(home, tmp_path):
    at = tmp_path / "duo"
    checkpoints.write_sovits41(at, singers=("mei", "alto"), nested=True, diffusion=True)
    checkpoints.write_neighbours(at / "logs/44k/feature_and_index.pkl", ("mei", "alto"), count=80)
    checkpoint.convert_index(at / "logs/44k/feature_and_index.pkl", trust=True)
    before = parts.load(adding.add(str(at), Declaration(name="duo", licence="CC0")))
    notes = []
    out = exporting.export("duo", "sovits41", tmp_path / "out", on_note=notes.append)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == [
        "README.md", "logs/44k/G_100.pth", "logs/44k/config.json", "logs/44k/diffusion/config.yaml",
        "logs/44k/diffusion/model_5000.pt", "logs/44k/feature_and_index.pkl",
        "pretrain/nsf_hifigan/NOTICE.txt", "pretrain/nsf_hifigan/config.json", "pretrain/nsf_hifigan/model",
        "voice.toml",
    ]  # fmt: skip
    after = opened(out)
    assert after.refiner is not None
    assert after.refiner.k_step_max == before.refiner.k_step_max
    assert after.vocoder.network.config == before.vocoder.network.config
    checkpoint.convert_index(out / "logs/44k/feature_and_index.pkl", trust=True)
    assert opened(out).bank.kind == "neighbours"


def test_what_a_program_has_no_place_for_is_left_out_and_said(home, tmp_path):
    at = tmp_path / "duo"
    checkpoints.write_sovits41(at, singers=("mei",), diffusion=True)
    checkpoints.write_centres(at / "kmeans_10000.pt")
    adding.add(str(at), Declaration(name="duo"))
    notes = []
    out = exporting.export("duo", "fork", tmp_path / "out", on_note=notes.append)
    assert [note for note in notes if "left out" in note] == [
        "the diffusion model was left out: so-vits-svc-fork has no place for it",
        "the vocoder was left out: so-vits-svc-fork has no place for it",
    ]
    assert opened(out).bank.kind == "centres"


def test_a_graph_lies_beside_what_its_inputs_are(home, tmp_path):
    pytest.importorskip("onnx")
    added(home, tmp_path)
    out = exporting.export("mei", "onnx", tmp_path / "out")
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "graph.json",
        "mei.onnx",
        "voice.toml",
    ]
    card.verify(card.read(out / "voice.toml"))


def test_licence_and_consent_travel_with_it(home, tmp_path):
    added(home, tmp_path)
    out = exporting.export("mei", "sovits41", tmp_path / "elsewhere")
    travelled = card.read(out / "voice.toml")
    assert (travelled.name, travelled.licence) == ("mei", "CC BY 4.0")
    assert travelled.consent == "Mei Lin, in writing, 2023"
    card.verify(travelled)
    text = (out / "README.md").read_text()
    assert "- Licence: CC BY 4.0\n" in text
    assert "- Consent: Mei Lin, in writing, 2023\n" in text
    assert "inference_main.py -m logs/44k/G_100.pth -c logs/44k/config.json" in text


def test_the_posterior_encoder_goes_all_the_way(home, tmp_path):
    made = added(home, tmp_path)
    assert "posterior" in made.parts
    out = exporting.export("mei", "fork", tmp_path / "out")
    given, left = (
        pickled.read(at)["model"] for at in (tmp_path / "given/G_100.pth", out / "logs/44k/G_100.pth")
    )
    assert list(left) == list(given)
    for key in given:
        if key.startswith("enc_q."):
            torch.testing.assert_close(left[key], given[key], rtol=0, atol=0)


def test_singing_opens_no_posterior_encoder(home, tmp_path):
    made = added(home, tmp_path)
    made.path_of("posterior").unlink()
    assert parts.load(made).generator is not None


def test_a_voice_that_cannot_be_trained_further_says_so(home, tmp_path):
    added(home, tmp_path, posterior=False)
    notes = []
    out = exporting.export("mei", "sovits40", tmp_path / "out", on_note=notes.append)
    assert any("cannot be trained further" in note for note in notes)
    assert "cannot be trained further" in (out / "README.md").read_text()


def test_nothing_is_overwritten_unasked(home, tmp_path):
    added(home, tmp_path)
    out = exporting.export("mei", "fork", tmp_path / "out")
    stamp = (out / "README.md").stat().st_mtime_ns
    with pytest.raises(OutputExistsError, match="holds an export already"):
        exporting.export("mei", "fork", out)
    assert (out / "README.md").stat().st_mtime_ns == stamp
    exporting.export("mei", "sovits41", out, replace=True)
    assert (out / "logs/44k/config.json").is_file()
    assert not (out / "configs").exists()


def test_a_folder_of_something_else_is_never_replaced(home, tmp_path):
    added(home, tmp_path)
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs/take.wav").write_bytes(b"x")
    with pytest.raises(OutputExistsError, match="was not made by an export"):
        exporting.export("mei", "fork", tmp_path / "songs", replace=True)
    assert (tmp_path / "songs/take.wav").is_file()


def test_a_full_disk_leaves_nothing(home, tmp_path, small_disk):
    added(home, tmp_path)
    with pytest.raises(OutputError, match="could not be written"):
        exporting.export("mei", "fork", small_disk / "out")
    assert list(small_disk.iterdir()) == []


def test_the_voices_that_ship_are_of_another_kind(home, tmp_path):
    name = shelf.names()[0]
    with pytest.raises(VoiceError, match="is a parametric voice"):
        exporting.export(name, "fork", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_diffusion_model_alone_goes_to_4_1_only(home, tmp_path):
    at = tmp_path / "alone"
    checkpoints.write_diffusion(at, k_step_max=0)
    checkpoints.write_vocoder(at / "nsf_hifigan")
    adding.add(str(at), Declaration(name="alone"))
    with pytest.raises(VoiceError, match="a diffusion model without a generator"):
        exporting.export("alone", "fork", tmp_path / "out")
    out = exporting.export("alone", "sovits41", tmp_path / "out")
    assert opened(out).family is families.DIFFUSION
    assert " -od" in (out / "README.md").read_text()


@pytest.mark.slow
def test_the_command_prints_the_folder_and_its_notes(home, tmp_path):
    added(home, tmp_path, posterior=False)
    done = subprocess.run(
        [sys.executable, "-m", "svcfx", "voices", "export", "mei", "--format", "fork"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "mei-fork\n"
    assert "Note: " in done.stderr
    assert (tmp_path / "mei-fork/configs/44k/config.json").is_file()
