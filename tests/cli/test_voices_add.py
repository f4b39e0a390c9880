"""`svcfx voices add`: what it prints, and what it refuses in one sentence, the shelf unchanged."""

import json
import zipfile
from pathlib import Path

import pytest
import torch
from voices import checkpoints

from svcfx.voices import encoder, shelf

GENERATOR = "G_100.pth"


@pytest.fixture
def mei(tmp_path: Path) -> Path:
    """A folder with a voice of 4.0."""
    return checkpoints.write_sovits40(tmp_path / "mei")


@pytest.fixture
def not_added(refused, home):
    """Runs `svcfx voices add`, which must refuse and leave the shelf as it was; returns the sentence."""

    def run(*arguments, code: int = 2) -> str:
        sentence = refused("voices", "add", *arguments, code=code)
        assert shelf.added() == ([], [])
        assert not (home / "voices").exists() or not list((home / "voices").iterdir())
        return sentence

    return run


def edited(path: Path, **model) -> None:
    """Change the model section of a config.json."""
    document = json.loads(path.read_text())
    document["model"] |= model
    path.write_text(json.dumps(document))


def test_a_voice_is_added_told_and_listed(svcfx, home, mei):
    result = svcfx("voices", "add", mei, "--name", "mei", "--range", "160:700", "--licence", "CC BY 4.0")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == "mei: so-vits-svc 4.0 at 44100 Hz"
    assert "vec256l9" in result.stdout
    assert "160 to 700 Hz" in result.stdout
    assert "Next: svcfx convert vocal.wav --voice mei" in result.stderr
    assert "it sings once ContentVec is here" in result.stderr
    row = next(row for row in svcfx("voices", "list").stdout.splitlines() if row.startswith("mei "))
    assert "CC BY 4.0" in row
    assert "so-vits-svc 4.0" in row


def test_a_vocoder_that_forbids_selling_is_said_in_so_many_words(svcfx, home, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "mei", diffusion=True)
    (folder / "pretrain/nsf_hifigan/LICENSE.txt").write_text("CC BY-NC-SA 4.0\n\nlong words")
    result = svcfx("voices", "add", folder)
    assert "'nsf_hifigan', licence: CC BY-NC-SA 4.0\n" in result.stdout
    assert "forbids commercial use" in result.stdout
    facts = json.loads(svcfx("voices", "list", "--json").stdout.splitlines()[-1])
    assert facts["licence"] == "not stated; vocoder: CC BY-NC-SA 4.0"
    assert (facts["family"], facts["k_step_max"]) == ("sovits41", 100)


def test_singers_of_one_voice_are_named_behind_a_stroke(svcfx, home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "duo", singers=("mei", "alto"))
    added = svcfx("voices", "add", folder, "--json")
    assert [json.loads(line)["name"] for line in added.stdout.splitlines()] == ["duo/mei", "duo/alto"]
    assert "name:      duo/alto" in svcfx("voices", "show", "duo/alto").stdout.replace(
        "name:    ", "name:      "
    )


def test_the_newest_checkpoint_is_taken_and_another_when_asked(svcfx, home, mei):
    checkpoints.write_sovits40(mei, step=2000)
    assert "Note: 'G_2000.pth' is the newest of 2" in svcfx("voices", "add", mei, "--name", "a").stderr
    assert "newest" not in svcfx("voices", "add", mei, "--name", "b", "--generator", GENERATOR).stderr
    assert shelf.find("b").parts["generator"].source == GENERATOR


def test_a_truncated_checkpoint(not_added, mei):
    path = mei / GENERATOR
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert (
        not_added(mei) == f"'{GENERATOR}' is cut short: its table of contents, which comes last, is missing"
    )


def test_a_web_page_called_pth(not_added, mei):
    (mei / GENERATOR).write_text("<!DOCTYPE html><html>Sign in</html>")
    assert not_added(mei) == f"'{GENERATOR}' is a web page, not a checkpoint"


def test_a_config_of_another_family(not_added, mei):
    edited(mei / "config.json", type_="ms-istft", ssl_dim=768)
    assert "tensors do not fit" in not_added(mei)


def test_a_voice_of_4_1_under_a_config_of_4_0(svcfx, not_added, tmp_path):
    folder = checkpoints.write_sovits41(
        tmp_path / "new", gin_channels=768, ssl_dim=768, speech_encoder="vec768l12"
    )
    (folder / "config.json").write_text(json.dumps(checkpoints.config()))
    sentence = not_added(folder)
    assert sentence.startswith(f"voice '{GENERATOR}': ")
    assert "emb_g.weight is (3, 768), config says (3, 256)" in sentence
    assert (
        "looks like a so-vits-svc 4.1 voice; its config says so-vits-svc 4.0"
        in svcfx("voices", "add", folder).stderr
    )


@pytest.mark.parametrize(
    ("singers", "says"),
    [
        ({}, "names no singer under 'spk'"),
        ({"mei": 7}, "singer 'mei' is row 7, the voice has 0 to 2"),
        ({"mei": "0"}, "singer 'mei' is row '0'"),
    ],
)
def test_singers_that_are_absent_or_elsewhere(not_added, mei, singers, says):
    document = json.loads((mei / "config.json").read_text())
    (mei / "config.json").write_text(json.dumps(document | {"spk": singers}))
    assert says in not_added(mei)


def test_singers_that_the_diffusion_model_calls_otherwise(not_added, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "duo", singers=("mei", "alto"))
    checkpoints.write_diffusion(folder / "diffusion", singers=("mei", "altos"))
    checkpoints.write_vocoder(folder / "nsf")
    assert not_added(folder) == "the diffusion model has no singer 'alto' (did you mean 'altos'?)"


def test_an_index_of_somebody_else(not_added, mei):
    checkpoints.write_centres(mei / "kmeans_10000.pt", ("jo",))
    assert not_added(mei) == "'kmeans_10000.pt' has nothing of 'mei': it holds 'jo'"


def test_an_index_of_another_width(not_added, mei):
    checkpoints.write_centres(mei / "kmeans_10000.pt", width=768)
    assert not_added(mei) == "the index holds content of width 768, this voice sings content of width 256"


def test_weights_that_are_no_numbers(not_added, mei):
    whole = torch.load(mei / GENERATOR, weights_only=True)
    whole["model"]["pre.weight"][0, 0, 0] = torch.nan
    torch.save(whole, mei / GENERATOR)
    assert "hold NaN or infinite numbers (pre.weight)" in not_added(mei)


def test_a_zip_bomb(not_added, mei):
    with zipfile.ZipFile(mei / GENERATOR, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 50_000_000)
    assert "a checkpoint does not grow" in not_added(mei)


class Evil:
    """What a malicious checkpoint holds."""

    def __reduce__(self):
        return (Path.touch, (Path("pwned"),))


def test_a_checkpoint_that_would_run_code(not_added, mei):
    torch.save({"model": Evil()}, mei / GENERATOR)
    assert f"'{GENERATOR}' asks for code, not only data, and was not opened" in not_added(mei)
    assert not Path("pwned").exists()


def test_a_retrieval_index_in_a_pickle(not_added, mei):
    (mei / "feature_and_index.pkl").write_bytes(b"\x80\x04N.")
    sentence = not_added(mei, "--index", mei / "feature_and_index.pkl")
    assert "is a pickle of library objects, which could run any code, and was not opened" in sentence


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"fmin": 0, "fmax": 8000},
            "lowest frequency is 40 Hz and 0 Hz; highest frequency is 16000 Hz and 8000 Hz",
        ),
        (
            {"hop_size": 256, "upsample_rates": [8, 8, 4], "upsample_kernel_sizes": [16, 16, 8]},
            "hop is 512 samples",
        ),
        ({"num_mels": 80}, "mel bins is 128 and 80"),
        ({"mini_nsf": True}, "a pitch-controllable NSF-HiFiGAN, another network"),
    ],
)
def test_a_vocoder_of_another_model(not_added, tmp_path, changed, says):
    folder = checkpoints.write_sovits41(tmp_path / "mei", diffusion=True)
    made = changed if "mini_nsf" not in changed else {}
    checkpoints.write_vocoder(folder / "pretrain/nsf_hifigan", **made)
    config = folder / "pretrain/nsf_hifigan/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | changed))
    assert says in not_added(folder)


def test_a_diffusion_model_without_a_vocoder(not_added, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "mei")
    checkpoints.write_diffusion(folder / "diffusion")
    assert not_added(folder) == "the diffusion model needs a vocoder, and there is none"


def test_a_shallow_diffusion_model_alone(not_added, tmp_path):
    folder = checkpoints.write_diffusion(tmp_path / "solo", k_step_max=100)
    checkpoints.write_vocoder(folder / "nsf")
    assert "was trained on 100 of 1000 noise levels, so it cannot sing without a generator" in not_added(
        folder
    )


def test_a_diffusion_model_of_another_encoder(not_added, tmp_path):
    folder = checkpoints.write_sovits41(tmp_path / "mei", ssl_dim=768, speech_encoder="vec768l12")
    checkpoints.write_diffusion(folder / "diffusion")
    checkpoints.write_vocoder(folder / "nsf")
    assert "content encoder is vec768l12 and vec256l9" in not_added(folder)


def test_a_speech_encoder_that_nobody_has(not_added, mei):
    edited(mei / "config.json", speech_encoder="whisper-ppg")
    assert "needs speech_encoder 'whisper-ppg' (Whisper medium), which svcfx does not have" in not_added(mei)


@pytest.mark.parametrize("span", ["160", "700:160", "a:b", "nan:700", "1:99999", "mei=:"])
def test_a_range_that_is_none(not_added, mei, span):
    assert f"range '{span}' is not LOW:HIGH in Hz" in not_added(mei, "--range", span)


def test_a_range_of_nobody(not_added, mei):
    assert not_added(mei, "--range", "me=160:700") == "the voice has no singer 'me' (did you mean 'mei'?)"


def test_a_flag_that_names_no_file(not_added, mei):
    assert "'G_7.pth' does not exist, neither here nor in" in not_added(mei, "--generator", "G_7.pth")


def test_a_full_disk(refused, mei, small_disk, monkeypatch):
    monkeypatch.setenv("SVCFX_HOME", str(small_disk))
    sentence = refused("voices", "add", mei, code=1)
    assert sentence.endswith("voices/mei' could not be written: no space left on device")
    assert list((small_disk / "voices").iterdir()) == []


def test_a_dead_hub(not_added, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    sentence = not_added("hf:me/mei", "--name", "mei", code=1)
    assert "the hub at http://127.0.0.1:9 did not answer for 'hf:me/mei'" in sentence


def test_singing_without_the_encoder_says_the_two_ways(svcfx, home, mei, sung, tmp_path):
    svcfx("voices", "add", mei)
    result = svcfx("convert", sung(tmp_path / "lead.wav"), "--voice", "mei")
    assert result.exit_code in (1, 2)
    assert (
        "voice 'mei' needs the content encoder ContentVec (vec256l9), which is not here yet" in result.stderr
    )
    assert "svcfx voices pull contentvec" in result.stderr
    assert "--from FOLDER" in result.stderr


def test_with_the_encoder_it_sings(svcfx, home, mei, sung, tmp_path):
    checkpoints.write_encoder(tmp_path / "content-vec-best")
    assert svcfx("voices", "add", mei).exit_code == 0
    pulled = svcfx("voices", "pull", "contentvec", "--from", tmp_path / "content-vec-best")
    assert pulled.stdout == "contentvec: vec256l9, from folder content-vec-best\n"
    assert f"the published file has {encoder.SHA256[:12]}" in pulled.stderr
    result = svcfx("convert", sung(tmp_path / "lead.wav"), "--voice", "mei")
    assert result.exit_code == 0, result.output
