"""`svcfx train index` as it is typed, and what a voice does with its file."""

import pytest
from training.prepare.sung import melody, write
from voices import checkpoints

from svcfx import audio
from svcfx.voices import encoder


@pytest.mark.slow
def test_a_voice_takes_the_index_of_the_dataset_it_was_made_of(svcfx, tmp_path, home):
    encoder.put(checkpoints.write_encoder(tmp_path / "encoder"), "the tests")
    for number in (1, 2):
        write(tmp_path / f"mei/{number}.wav", melody(3.0, seed=number))
    small = ("--encoder", "vec256l9", "--jobs", 1)
    assert svcfx("train", "prepare", tmp_path / "mei", *small).exit_code == 0
    done = svcfx("train", "index", "dataset")
    assert done.exit_code == 0, done.output
    header, row, path = done.stdout.splitlines()
    assert (header.split()[0], row.split()[0], path) == ("SINGER", "mei", "dataset/index.safetensors")
    voice = checkpoints.write_sovits40(tmp_path / "voice")
    added = svcfx("voices", "add", voice, "--name", "mei", "--index", path)
    assert added.exit_code == 0, added.output
    sound = {}
    for rate in (0, 1):
        options = ("--voice", "mei", "--index-rate", rate, "-o", f"{rate}.wav")
        sung = svcfx("convert", tmp_path / "mei/1.wav", *options)
        assert sung.exit_code == 0, sung.output
        sound[rate] = audio.read(tmp_path / "here" / f"{rate}.wav").samples
    assert (sound[0] != sound[1]).any()


def test_an_index_of_no_dataset_is_refused(refused, tmp_path):
    assert "has no dataset.toml" in refused("train", "index", tmp_path)
