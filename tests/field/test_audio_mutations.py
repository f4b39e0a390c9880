"""Files with bytes changed, cut out or put in: a result or a typed error, in bounded memory."""

import random
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from flood import FLOOD

from svcfx import audio
from svcfx.errors import AudioFileError

KINDS = ("wav", "mp3", "flac", "aiff")
MOST_KILOBYTES = 200_000
HEADER = 128


def _original(folder: Path, kind: str) -> bytes:
    path = folder / f"whole.{kind}"
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 6000)).astype(np.float32)
    if kind == "aiff":
        soundfile.write(path, noise.T, 44_100, format="AIFF", subtype="PCM_16")
    else:
        audio.write(path, noise, 44_100, encoding="pcm16")
    return path.read_bytes()


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four changes, half of them in the header."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not made:
            break
        at = chance.randrange(min(HEADER, len(made)) if chance.random() < 0.5 else len(made))
        what = chance.randrange(5)
        if what == 0:
            made[at] = chance.randrange(256)
        elif what == 1:
            made[at : at + 4] = chance.choice(
                [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1"]
            )
        elif what == 2:
            del made[at : at + chance.randint(1, 300)]
        elif what == 3:
            made[at:at] = chance.randbytes(chance.randint(1, 300))
        else:
            del made[max(at, 16) :]
    return bytes(made)


def _cases(folder: Path, kind: str, count: int) -> Iterator[Path]:
    data = _original(folder, kind)
    for number in range(count):
        path = folder / f"case {number}.{kind}"  # of one name and length two are one where times are coarse
        path.write_bytes(_mutated(data, random.Random(f"{kind} {number}")) or b"\0")
        yield path
        path.unlink()


def _frames(path: Path) -> int | None:
    """Frames that are read, all ways to read agreeing; None for a typed error."""
    try:
        whole = audio.read(path)
    except AudioFileError:
        return None
    assert audio.probe(path) == audio.AudioInfo(whole.frames, whole.sample_rate, whole.samples.shape[0])
    assert sum(block.frames for block in audio.blocks(path, 1000)) == whole.frames
    assert audio.read_part(path, 500, 100).frames == max(0, min(100, whole.frames - 500))
    return whole.frames


def _run(folder: Path, kind: str, count: int) -> list[int]:
    """How many of `count` were read; memory is held to its bound."""
    _frames(next(_cases(folder, kind, 1)))  # what is loaded once is no growth
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = [frames for path in _cases(folder, kind, count) if (frames := _frames(path)) is not None]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    return read


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, kind):
    assert 0 < len(_run(tmp_path, kind, 200)) < 200


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_of_damaged_files_is_read_or_refused_in_a_sentence(tmp_path, kind):
    assert 0 < len(_run(tmp_path, kind, FLOOD)) < FLOOD


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("kind", KINDS)
def test_of_a_damaged_file_that_is_read_ffmpeg_finds_as_many_frames(tmp_path, kind):
    for path in _cases(tmp_path, kind, 100):
        frames = _frames(path)
        if frames is None:
            continue
        begin = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-ac", "1", "-f", "s16le", "-"]
        assert len(subprocess.run(begin, check=False, capture_output=True).stdout) // 2 == frames, path.name
