"""A script written for `svc infer` runs with one word changed."""

import json
from pathlib import Path

import pytest

from svcfx.cli.convert import convert
from svcfx.session import recipe

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
    assert len(said) == 7
    assert all("changes nothing: " in line for line in said)


def test_quiet_says_nothing(svcfx, sung, tmp_path):
    result = svcfx("convert", sung(tmp_path / "a.wav"), "-v", "tess", "-db", "-20", "--mix", "0", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")


def test_auto_transposition_is_told_recorded_and_named(svcfx, sung, tmp_path):
    low, high = sung(tmp_path / "low.wav", hz=55.0), sung(tmp_path / "high.wav", hz=1320.0)
    result = svcfx("convert", low, high, "-v", "tess", "-t", "auto")
    assert result.exit_code == 0, result.output
    for name, semitones in (("low", 12.0), ("high", -12.0)):
        made = recipe.read(Path("renders") / f"{name}_tess_auto.wav")
        assert made.settings["transpose_semitones"] == "auto"
        assert made.settings["chosen"] == {"voice.transpose_semitones": semitones}
        assert made.notes[0].startswith(
            f"transpose auto: {semitones:+.0f} semitones suits tess's 80 to 800 Hz"
        )
        assert f"'{name}.wav': {made.notes[0]}" in result.stderr


def test_a_batch_takes_auto_for_the_voices_of_its_preset(svcfx, sung, tmp_path):
    preset = tmp_path / "low.toml"
    preset.write_text('svcfx_preset = 1\nname = "low"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\n')
    result = svcfx("batch", sung(tmp_path / "a.wav", hz=55.0), "-p", preset, "--json",
                   "--set", "voice.transpose_semitones=auto", "--name", "{stem}_{transpose}")  # fmt: skip
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert [note["code"] for note in facts["notes"]] == ["octave"]
    assert recipe.read(Path("renders/a_auto.wav")).settings["chosen"] == {"voice.transpose_semitones": 12.0}
