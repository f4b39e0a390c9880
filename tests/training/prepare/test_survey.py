"""A recording heard once: loudness, flat tops, channels, and memory that does not grow with it."""

import subprocess
import sys
import wave

import numpy as np
import pytest
from training.prepare.sung import melody, write

from svcfx import audio
from svcfx.errors import AudioFileError
from svcfx.training.prepare.survey import survey


def test_power_and_length_are_those_of_the_file(tmp_path):
    voice = melody(12.5, rate=22_050)
    found = survey(write(tmp_path / "a.wav", voice, 22_050))
    assert (found.sample_rate, found.channels, found.seconds) == (22_050, 1, 12.5)
    assert len(found.power) == 1250
    assert found.power.mean() == pytest.approx(np.square(voice, dtype=np.float64).mean(), rel=1e-3)


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_a_clipped_wave_is_known_also_when_it_was_made_softer(tmp_path, gain):
    voice = melody(21.0)
    clipped = np.clip(voice, -0.12, 0.12)
    found = survey(write(tmp_path / "a.wav", gain * clipped))
    truth = np.mean(np.abs(clipped) >= 0.12)
    assert found.clipped.sum() / len(voice) == pytest.approx(truth, rel=0.15)
    assert survey(write(tmp_path / "b.wav", gain * voice)).clipped.sum() < 10


def test_channels_that_cancel_are_known(tmp_path):
    voice = melody(2.0)
    for second, expected in ((voice, 1.0), (-voice, -1.0), (melody(2.0, seed=4), 0.0)):
        audio.write(tmp_path / "a.wav", np.stack([voice, second]), 44_100)
        assert survey(tmp_path / "a.wav").correlation == pytest.approx(expected, abs=0.1)


def test_damage_is_told(tmp_path):
    path = write(tmp_path / "a.wav", melody(3.0))
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(AudioFileError, match="truncated"):
        survey(path)


@pytest.mark.slow
def test_an_hour_is_heard_in_the_memory_of_a_few_blocks(tmp_path):
    path = tmp_path / "hour.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        block = (8000 * melody(60.0, rate=16_000)).astype("<i2").tobytes()
        for _ in range(60):
            file.writeframesraw(block)
    code = (
        "import sys\nfrom pathlib import Path\nfrom resource import RUSAGE_SELF, getrusage\n"
        "from svcfx.training.prepare import slicing\nfrom svcfx.training.prepare.survey import survey\n"
        "before = getrusage(RUSAGE_SELF).ru_maxrss\n"
        "found = survey(Path(sys.argv[1]))\npieces = slicing.pieces(found.power)\n"
        "print(getrusage(RUSAGE_SELF).ru_maxrss - before, found.seconds, len(pieces))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    grown_kb, seconds, pieces = map(float, done.stdout.split())
    assert seconds == 3600.0
    assert 240 <= pieces <= 720
    assert grown_kb < 80_000  # as float32 the hour is 230 MB
