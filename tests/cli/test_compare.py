"""`svcfx compare`: a picture and figures, and no file lost."""

import json
from pathlib import Path

import pytest

from svcfx import audio


def test_two_files_are_drawn_and_told(svcfx, refused, sung):
    sung(Path("a.wav"))
    sound = audio.read(Path("a.wav"))
    audio.write(Path("b.wav"), 0.5 * sound.samples, sound.sample_rate)
    result = svcfx("compare", "a.wav", "b.wav")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "a-b.png"
    assert Path("a-b.png").is_file()
    assert "-6.0" in result.stdout
    told = json.loads(svcfx("compare", "a.wav", "b.wav", "--json", "--on-exists", "overwrite").stdout)
    assert told["second"]["lufs"] - told["first"]["lufs"] == pytest.approx(-6.02, abs=0.02)
    assert told["offset_samples"] == 0
    assert told["picture"] == "a-b.png"
    assert "exists already" in refused("compare", "a.wav", "b.wav")
    assert "is the input" in refused("compare", "a.wav", "b.wav", "-o", "b.wav", "--on-exists", "overwrite")
