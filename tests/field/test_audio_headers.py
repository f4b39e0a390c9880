"""Small defects of WAV headers are read through and told; links that lead nowhere are called that."""

import struct
from pathlib import Path

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import AudioFileError

FRAMES = 8001


def _wav(path: Path, *, says: int | None = None, before: bytes = b"", behind: bytes = b"") -> audio.Samples:
    """A mono 16 bit WAV whose data chunk is said to have `says` bytes; returns its samples."""
    steps = np.random.default_rng(0).integers(-9000, 9000, FRAMES).astype("<i2")
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 44_100, 88_200, 2, 16) + before
    body += b"data" + struct.pack("<I", 2 * FRAMES if says is None else says) + steps.tobytes() + behind
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return (steps / np.float32(32_768))[None].astype(np.float32)


def _agree(path: Path, samples: audio.Samples) -> tuple[str, ...]:
    found = audio.read(path)
    np.testing.assert_array_equal(found.samples, samples)
    assert audio.probe(path) == audio.AudioInfo(samples.shape[1], 44_100, 1)
    blocks = [block.samples for block in audio.blocks(path, 1000)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), samples)
    np.testing.assert_array_equal(audio.read_part(path, 5000, 10).samples, samples[:, 5000:5010])
    return found.remarks


@pytest.mark.parametrize("too_large", [1, 2, 16, 44, 64])
def test_a_wav_whose_size_is_a_header_too_large_is_read_with_a_remark(tmp_path, too_large):
    samples = _wav(tmp_path / "a.wav", says=2 * FRAMES + too_large)
    assert f"promises {too_large} bytes more" in _agree(tmp_path / "a.wav", samples)[0]


def test_a_wav_that_lacks_more_than_a_header_is_truncated(tmp_path):
    _wav(tmp_path / "a.wav", says=2 * FRAMES + 66)
    with pytest.raises(AudioFileError, match="truncated: 8001 frames of 8034"):
        audio.read(tmp_path / "a.wav")


def test_a_recorder_that_crashed_leaves_a_length_of_nothing_and_its_sound_is_read(tmp_path):
    samples = _wav(tmp_path / "a.wav", says=0)
    assert "holds nothing; the 8001 frames behind it were read" in _agree(tmp_path / "a.wav", samples)[0]


def test_a_wav_that_holds_nothing_but_chunks_behind_holds_nothing(tmp_path):
    path = tmp_path / "a.wav"
    _wav(path)
    head = path.read_bytes()[:40]
    path.write_bytes(head + struct.pack("<I", 0) + b"LIST" + struct.pack("<I", 8) + b"INFOabcd")
    with pytest.raises(AudioFileError, match="0 frames"):
        audio.read(path)


def test_a_chunk_of_odd_size_without_its_pad_byte_is_read_over(tmp_path):
    odd = b"LIST" + struct.pack("<I", 17) + b"INFOISFT" + struct.pack("<I", 5) + b"rec1\0"
    samples = _wav(tmp_path / "a.wav", before=odd)
    assert "no pad byte" in _agree(tmp_path / "a.wav", samples)[0]
    assert _agree(tmp_path / "a.wav", _wav(tmp_path / "a.wav", before=odd + b"\0")) == ()


def test_a_second_wav_behind_the_first_is_not_lost_without_a_word(tmp_path):
    _wav(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes() * 2)
    with pytest.raises(AudioFileError, match="another WAV file behind its end"):
        audio.read(tmp_path / "b.wav")


def test_a_link_that_leads_nowhere_is_called_that(tmp_path):
    (tmp_path / "dead.wav").symlink_to("nowhere.wav")
    with pytest.raises(AudioFileError, match=r"is a link to 'nowhere\.wav', which does not exist") as caught:
        audio.read(tmp_path / "dead.wav")
    assert "did you mean" not in caught.value.message


def test_reading_an_mp3_says_nothing_on_stderr(tmp_path, capfd):
    path = tmp_path / "a.mp3"
    audio.write(path, np.random.default_rng(0).normal(0, 0.1, (1, 50_000)).astype(np.float32), 44_100)
    path.write_bytes(path.read_bytes() + b"junk" * 300)
    assert "no MPEG frames" in audio.read(path).remarks[0]
    path.write_bytes(b"ID3\x04\0\0\0\0\0\x10" + b"\0" * 2000)
    with pytest.raises(AudioFileError):
        audio.read(path)
    assert capfd.readouterr().err == ""
