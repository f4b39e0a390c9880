"""Flags that users of RVC and of rvc-next type are taken by `svcfx convert`."""

import json

import pytest
from click.testing import CliRunner

from svcfx.cli.main import main


def told(*arguments):
    """What a dry run would do, and what it says of it."""
    done = CliRunner().invoke(main, ["convert", *map(str, arguments), "--dry-run", "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.splitlines()[0]), done.stderr


@pytest.fixture
def vocal(tmp_path):
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "a.wav", 0.1 * np.ones(4000, np.float32), 16000)
    return tmp_path / "a.wav"


def test_infer_cli_s_names_are_ours_by_other_names(vocal, tmp_path):
    ours, _ = told(
        vocal, "-t", "5", "--pitch", "praat", "--loudness-follow", "0.75", "-o", tmp_path / "out.wav"
    )
    theirs, _ = told(
        "--input_path", vocal, "--f0up_key", "5", "--f0method", "pm", "--rms_mix_rate", "0.25",
        "--opt_path", tmp_path / "out.wav",
    )  # fmt: skip
    assert theirs == ours


def test_a_number_for_pitch_is_rvc_next_s_semitones(vocal, tmp_path):
    ours, _ = told(vocal, "-t", "2", "-o", tmp_path / "out.wav")
    theirs, said = told(vocal, "--pitch", "2", "-o", tmp_path / "out.wav")
    assert theirs == ours
    assert "--pitch 2 is taken as semitones" in said


@pytest.mark.parametrize(("given", "kept"), [("0.33", "0.67"), ("0.5", "0"), ("0", "1")])
def test_beside_rvc_s_flags_protect_is_rvc_s(vocal, given, kept):
    _, said = told(vocal, "--f0up_key", "0", "--protect", given)
    assert f"--protect {float(given):g} is RVC's: {kept} of the index stays away from unvoiced sounds" in said


def test_what_changes_nothing_is_said(vocal):
    _, said = told(vocal, "--filter_radius", "3", "--resample_sr", "0", "--is_half", "True")
    assert said.count("changes nothing") == 3


def test_without_an_input_the_command_says_so():
    done = CliRunner().invoke(main, ["convert"])
    assert done.exit_code == 2
    assert "IN..." in done.output
