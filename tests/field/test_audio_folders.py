"""Folders give every file that is read; what is left out is told, and so are results of svcfx."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from svcfx import audio
from svcfx.cli.main import main
from svcfx.errors import AudioFileError
from svcfx.session.sources import LOOKS, NAMELESS, RESULT, collect

UNITY = 'svcfx_preset = 1\nname = "unity"\n[[nodes]]\nnode = "Gain"\ngain_db = 0.0\n'


@pytest.fixture
def takes(tmp_path: Path) -> Path:
    folder = tmp_path / "takes"
    folder.mkdir()
    noise = np.random.default_rng(0).normal(0, 0.1, (1, 4410)).astype(np.float32)
    audio.write(folder / "t1.wav", noise, 44_100)
    audio.write(folder / "t2.wav", noise, 44_100)
    return folder


def _labels(folder: Path, **options: bool) -> list[str]:
    return [source.label for source in collect([folder], **options).sources]


def _made(path: Path) -> Path:
    """A file with a recipe beside it, as svcfx leaves them."""
    Path(f"{path}.json").write_text(json.dumps({"svcfx_recipe": 1}))
    return path


def test_every_suffix_that_is_read_is_taken_from_a_folder(takes):
    sound, rate = soundfile.read(takes / "t1.wav")
    for name, form in {
        "a.aiff": "AIFF",
        "b.AIF": "AIFF",
        "c.w64": "W64",
        "d.caf": "CAF",
        "e.au": "AU",
    }.items():
        soundfile.write(takes / name, sound, rate, format=form)
    assert _labels(takes) == ["a.aiff", "b.AIF", "c.w64", "d.caf", "e.au", "t1.wav", "t2.wav"]
    assert all(audio.read(source.path).frames == 4410 for source in collect([takes]).sources)


def test_what_looks_like_audio_and_is_not_taken_is_told(takes):
    (takes / "old.ra").write_bytes(b".ra\xfd")
    shutil.copy(takes / "t1.wav", takes / "t1.wav.bak")
    (takes / "notes.txt").write_text("la la")
    found = collect([takes])
    assert [source.label for source in found.sources] == ["t1.wav", "t2.wav"]
    assert [(one.source.label, one.why) for one in found.left_out] == [
        ("old.ra", LOOKS),
        ("t1.wav.bak", NAMELESS),
    ]


def test_results_in_a_folder_are_passed_over_unless_they_are_asked_for(takes):
    _made(takes / "t2.wav")
    (takes / "t1.wav.json").write_text('{"somebody": "else wrote this"}')
    found = collect([takes])
    assert [source.label for source in found.sources] == ["t1.wav"]
    assert [(one.source.label, one.why) for one in found.left_out] == [("t2.wav", RESULT)]
    assert _labels(takes, with_results=True) == ["t1.wav", "t2.wav"]


def test_a_result_that_is_named_is_taken(takes):
    assert [source.label for source in collect([_made(takes / "t2.wav")]).sources] == ["t2.wav"]


def test_a_folder_of_results_alone_is_said_to_be_one(takes):
    _made(takes / "t1.wav")
    _made(takes / "t2.wav")
    with pytest.raises(AudioFileError, match=r"no audio file in .* but 2 that svcfx made"):
        collect([takes])


def test_a_batch_beside_its_inputs_goes_on_where_it_ended(takes, tmp_path):
    preset = tmp_path / "unity.toml"
    preset.write_text(UNITY)
    begin = ["batch", str(takes), "-p", str(preset), "-o", str(takes), "--json"]
    first = CliRunner().invoke(main, begin)
    assert first.exit_code == 0, first.output
    (takes / "t2_unity.wav").unlink()
    again = CliRunner().invoke(main, [*begin, "--on-exists", "skip"])
    assert again.exit_code == 0, again.output
    told = [json.loads(line) for line in again.stdout.splitlines()]
    assert [(one["file"], one["status"]) for one in told] == [
        ("t1.wav", "skipped"),
        ("t2.wav", "done"),
        ("t1_unity.wav", "left out"),
    ]
