"""A script written for `svc infer` runs with one word changed."""

import json
import os
import shutil
from pathlib import Path

import pytest
from voices import checkpoints

from svcfx.cli.convert import convert
from svcfx.session import recipe
from svcfx.voices import encoder

FLAGS_OF_SVC_INFER = """
    -o --output-path -s --speaker -m --model-path -c --config-path -k --cluster-model-path -re --recursive -t
    --transpose -db --db-thresh -fm --f0-method -a -na --auto-predict-f0 --no-auto-predict-f0 -r
    --cluster-infer-ratio -n --noise-scale -p --pad-seconds -d --device -ch --chunk-seconds -ab -nab
    --absolute-thresh --no-absolute-thresh -mc --max-chunk-seconds
"""


@pytest.fixture(autouse=True)
def _voice(synthetic_voice):
    return synthetic_voice


@pytest.mark.parametrize("flag", FLAGS_OF_SVC_INFER.split())
def test_every_flag_is_known_and_in_the_help(svcfx, flag):
    known = {name for option in convert.params for name in (*option.opts, *option.secondary_opts)}
    assert flag in known
    assert flag in svcfx("convert", "--help").stdout


def test_a_whole_command_line_runs_and_says_what_was_done_another_way(svcfx, sung, tmp_path):
    line = "-s tom -t -3 -fm crepe-tiny -na -r 0 -n 0.4 -db -20 -p 0.5 -d cpu -ch 0.5 -nab -mc 40 -re"
    result = svcfx("convert", sung(tmp_path / "a.wav"), "-v", "made-up", *line.split(), "-o", "out.wav")
    assert result.exit_code == 0, result.output
    made = recipe.read(Path("out.wav"))
    assert (made.voices[0].name, made.settings["transpose_semitones"]) == ("made-up/tom", -3.0)
    assert made.settings["pitch"] == "crepe-tiny"
    said = [line for line in result.stderr.splitlines() if line.startswith("Note: --")]
    assert len(said) == 6
    assert all("changes nothing: " in line for line in said)


@pytest.fixture
def trained(tmp_path, home):
    """What training leaves behind, and the content encoder on the shelf."""
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
    checkpoints.write_sovits40(tmp_path / "v", singers=("mei", "alto"), step=900, nested=True)
    return checkpoints.write_sovits40(tmp_path / "v", singers=("mei", "alto"), step=1000, nested=True)


def test_a_script_for_svc_infer_runs_with_one_word_changed(svcfx, sung, tmp_path, trained):
    model, config = trained / "logs/44k/G_1000.pth", trained / "configs/config.json"
    source = sung(tmp_path / "in.wav")
    result = svcfx("convert", source, "-m", model, "-c", config, "-t", "5", "-s", "alto", "-n", "0.3")
    assert result.exit_code == 0, result.output
    made = recipe.read(Path(result.stdout.strip()))
    assert (made.voices[0].details["singer"], made.voices[0].details["family"]) == ("alto", "sovits40")
    assert made.voices[0].details["parts"]["generator"]["source"] == "G_1000.pth"
    assert (made.settings["transpose_semitones"], made.settings["noise"]) == (5.0, 0.3)
    assert not (Path.cwd() / "voices").exists()


def test_the_config_of_training_is_found_where_svc_infer_looks(svcfx, sung, tmp_path, trained):
    (Path.cwd() / "configs").mkdir()
    shutil.copytree(trained / "configs", Path.cwd() / "configs/44k")
    shutil.copytree(trained / "logs", Path.cwd() / "logs")
    result = svcfx("convert", sung(tmp_path / "in.wav"), "-m", "logs/44k/G_900.pth", "-o", "out.wav")
    assert result.exit_code == 0, result.output
    assert recipe.read(Path("out.wav")).voices[0].details["parts"]["generator"]["source"] == "G_900.pth"


def test_of_several_checkpoints_the_newest_is_taken_and_said(svcfx, sung, tmp_path, trained):
    result = svcfx("convert", sung(tmp_path / "in.wav"), "-m", trained, "-o", "out.wav")
    assert result.exit_code == 0, result.output
    assert "Note: 'G_1000.pth' is the newest of 2; -m takes another" in result.stderr.splitlines()


def test_a_model_without_a_config_is_refused_with_this_command_s_flag(svcfx, sung, tmp_path, trained):
    shutil.rmtree(trained / "configs")
    result = svcfx("convert", sung(tmp_path / "in.wav"), "-m", trained / "logs/44k/G_900.pth")
    assert result.exit_code == 2, result.output
    assert result.stderr.endswith("Hint: put it beside the checkpoint, or name it with -c\n")


def test_a_singer_that_the_model_has_not_is_refused(refused, sung, tmp_path, trained):
    model, config = trained / "logs/44k/G_1000.pth", trained / "configs/config.json"
    message = refused("convert", sung(tmp_path / "in.wav"), "-m", model, "-c", config, "-s", "tenor")
    assert "has no singer 'tenor'" in message


def test_a_model_that_is_not_there_is_refused(refused, sung, tmp_path):
    assert "G_1.pth' does not exist" in refused("convert", sung(tmp_path / "in.wav"), "-m", "G_1.pth")


def test_quiet_says_nothing(svcfx, sung, tmp_path):
    result = svcfx("convert", sung(tmp_path / "a.wav"), "-v", "tess", "-db", "-20", "--mix", "0", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")


def test_auto_transposition_is_told_recorded_and_named(svcfx, sung, tmp_path):
    low, high = sung(tmp_path / "low.wav", hz=55.0), sung(tmp_path / "high.wav", hz=1320.0)
    result = svcfx("convert", low, high, "-v", "tess", "-t", "auto")
    assert result.exit_code == 0, result.output
    for name, semitones in (("low", 12.0), ("high", -12.0)):
        made = recipe.read(Path("renders") / f"{name}_tess_{semitones:+.0f}.wav")
        assert made.settings["transpose_semitones"] == "auto"
        assert made.settings["chosen"] == {"voice.transpose_semitones": semitones}
        assert made.notes[0].startswith(
            f"transpose auto: {semitones:+.0f} semitones suits tess's 80 to 800 Hz"
        )
        assert f"'{name}.wav': {made.notes[0]}" in result.stderr


def test_takes_of_one_folder_get_one_octave_that_all_of_them_decide(svcfx, sung, tmp_path):
    """A short take that alone would be moved goes with the others; another folder decides for itself."""
    takes = tmp_path / "takes"
    for name, hz, seconds in (("verse", 220.0, 3.0), ("bridge", 55.0, 0.2), ("other/low", 55.0, 1.0)):
        (takes / name).parent.mkdir(parents=True, exist_ok=True)
        sung(takes / f"{name}.wav", hz=hz, seconds=seconds)
    (takes / "broken.wav").write_text("la la la")
    alone = svcfx("convert", takes / "bridge.wav", "-v", "tess", "-t", "auto", "--dry-run")
    assert "bridge_tess_+12.wav" in alone.stdout
    planned = svcfx("convert", takes, "-v", "tess", "-t", "auto", "--dry-run")
    names = ("verse_tess_0.wav", "bridge_tess_0.wav", "other/low_tess_+12.wav")
    assert all(str(Path("renders") / name) in planned.stdout for name in names), planned.stdout
    why = "transpose auto: 0 semitones suits tess's 80 to 800 Hz: the takes in 'takes' are sung at"
    assert f"Note: 'bridge.wav': {why}" in planned.stderr
    assert not Path("renders").exists()
    done = svcfx("convert", takes, "-v", "tess", "-t", "auto")
    assert done.exit_code == 3
    for name, semitones in zip(names, (0.0, 0.0, 12.0), strict=True):
        made = recipe.read(Path("renders") / name)
        assert made.settings["chosen"] == {"voice.transpose_semitones": semitones}
    assert recipe.read(Path("renders/bridge_tess_0.wav")).notes[0].startswith(why)


def test_what_cannot_be_written_is_refused_before_anything_is_heard(svcfx, sung, tmp_path, monkeypatch):
    from svcfx.session import octaves

    monkeypatch.setattr(octaves, "of_files", lambda *_: pytest.fail("heard"))
    said = svcfx("convert", sung(tmp_path / "a.wav"), "-v", "tess", "-t", "auto", "--name", "{stm}")
    assert "name template has no variable 'stm'" in said.stderr


def test_a_pipe_says_the_reason_too(svcfx, sung, tmp_path):
    source = sung(tmp_path / "low.wav", hz=55.0)
    result = svcfx("convert", "-", "-v", "tess", "-t", "auto", stdin=source.read_bytes())
    assert result.exit_code == 0
    assert "transpose auto: +12 semitones suits tess's" in result.stderr


def test_a_batch_takes_auto_for_the_voices_of_its_preset(svcfx, sung, tmp_path):
    preset = tmp_path / "low.toml"
    preset.write_text('svcfx_preset = 1\nname = "low"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\n')
    result = svcfx("batch", sung(tmp_path / "a.wav", hz=70.0), "-p", preset, "--json",
                   "--set", "voice.transpose_semitones=auto", "--name", "{stem}_{transpose}")  # fmt: skip
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert [note["code"] for note in facts["notes"]] == ["octave"]
    assert recipe.read(Path("renders/a_+12.wav")).settings["chosen"] == {"voice.transpose_semitones": 12.0}


def test_a_device_is_chosen_for_one_command_and_stands_in_the_recipe(svcfx, sung, tmp_path, monkeypatch):
    monkeypatch.delenv("SVCFX_DEVICE", raising=False)
    source = sung(tmp_path / "a.wav")
    assert svcfx("convert", source, "-v", "made-up/tom", "-d", "cpu", "-o", "out.wav").exit_code == 0
    assert recipe.read(Path("out.wav")).voices[0].details["device"] == "cpu"
    monkeypatch.setenv("SVCFX_DEVICE", "cuda:77")
    assert svcfx("convert", source, "-v", "made-up/tom", "-d", "cpu", "-o", "again.wav").exit_code == 0
    assert Path("again.wav").read_bytes() == Path("out.wav").read_bytes()
    assert os.environ["SVCFX_DEVICE"] == "cuda:77"
    refused = svcfx("convert", source, "-v", "made-up/tom", "-d", "cuda:77", "-o", "no.wav")
    assert refused.exit_code == 2
    assert "device is 'cuda:77', this machine has" in refused.stderr
