"""Lengths that are only estimated, or not told at all: everything is read, or the file is refused."""

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import AudioFileError

RATE = 44_100
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
ID3V1 = b"TAG" + b"\0" * 125
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + b"\0" * 8
LYRICS = b"LYRICSBEGIN" + b"la " * 40 + b"000131LYRICS200"
ART = b"ID3\x04\0\0\0\0\x10\0" + b"\xff\xfb\x90\x64" * 512  # 2048 bytes of "picture" that look like headers


def _music(seconds: float = 1.5, channels: int = 2) -> audio.Samples:
    """Quiet, then loud: a variable bit rate begins low, so that a guess from the first frame is far off."""
    noise = np.random.default_rng(0).normal(0, 0.1, (channels, int(seconds * RATE)))
    noise[:, : noise.shape[1] // 3] *= 0.001
    return noise.astype(np.float32)


def _encoded(tmp_path: Path, name: str, *options: str, piped: bool = False) -> Path:
    """The music through ffmpeg, into a file or as from a pipe, which cannot be rewound."""
    source, target = tmp_path / "source.wav", tmp_path / name
    audio.write(source, _music(), RATE, encoding="pcm16")
    begin = ["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", str(source), *options]
    if piped:
        form = {"mp3": "mp3", "flac": "flac", "wav": "wav"}[target.suffix[1:]]
        with target.open("wb") as file:
            piped_out = subprocess.run([*begin, "-f", form, "pipe:1"], check=True, capture_output=True)
            file.write(piped_out.stdout)
    else:
        subprocess.run([*begin, str(target)], check=True)
    return target


def _by_ffmpeg(path: Path) -> int:
    """Frames that ffmpeg decodes."""
    info = audio.probe(path)
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-"],
        check=True,
        capture_output=True,
    )
    return len(decoded.stdout) // 2 // info.channels


def _agree(path: Path) -> int:
    """Frames of a file, after all four ways to read it were found to agree."""
    whole = audio.read(path)
    assert audio.probe(path) == audio.AudioInfo(whole.frames, whole.sample_rate, whole.samples.shape[0])
    joined = np.concatenate([block.samples for block in audio.blocks(path, 7001)], axis=1)
    np.testing.assert_array_equal(joined, whole.samples)
    middle = whole.frames // 2
    part = audio.read_part(path, middle, 1000).samples
    np.testing.assert_array_equal(part, whole.samples[:, middle : middle + 1000])
    return whole.frames


def _frames_by_headers(data: bytes) -> int:
    """MPEG-1 layer III frames of a file without tags, walked by a second, simpler reading of the standard."""
    rates = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    at = count = 0
    while at + 4 <= len(data):
        assert data[at : at + 2] in (b"\xff\xfb", b"\xff\xfa")
        at += 144_000 * rates[data[at + 2] >> 4] // RATE + (data[at + 2] >> 1 & 1)
        count += 1
    return count


MODES = {"vbr": ("-q:a", "2"), "cbr": ("-b:a", "128k"), "abr": ("-abr", "1", "-b:a", "128k")}
BARE = ("-id3v2_version", "0", "-write_xing", "0")


@needs_ffmpeg
@pytest.mark.parametrize("mode", MODES)
def test_an_mp3_without_an_info_frame_is_as_long_as_its_frame_headers_add_up_to(tmp_path, mode):
    path = _encoded(tmp_path, "a.mp3", *MODES[mode], *BARE)
    assert _agree(path) == 1152 * _frames_by_headers(path.read_bytes()) == _by_ffmpeg(path)


@needs_ffmpeg
@pytest.mark.parametrize("mode", MODES)
def test_an_mp3_with_a_right_info_frame_is_as_long_as_what_was_encoded(tmp_path, mode):
    path = _encoded(tmp_path, "a.mp3", *MODES[mode])
    assert _agree(path) == _music().shape[1] == _by_ffmpeg(path)


@needs_ffmpeg
def test_an_mp3_from_a_pipe_is_read_whole(tmp_path):
    path = _encoded(tmp_path, "a.mp3", "-q:a", "2", piped=True)
    assert _agree(path) == _by_ffmpeg(path) >= _music().shape[1]


@needs_ffmpeg
@pytest.mark.parametrize("info", [True, False])
def test_tags_before_and_behind_an_mp3_change_no_sample(tmp_path, info):
    path = _encoded(tmp_path, "a.mp3", "-q:a", "2", *(() if info else BARE))
    bare = path.read_bytes()
    before = audio.read(path).samples
    for number, (head, tail) in enumerate(
        [(ART, b""), (b"", ID3V1), (b"", APE), (ART, LYRICS + APE + ID3V1)]
    ):
        tagged = tmp_path / f"tagged{number}.mp3"
        tagged.write_bytes(head + bare + tail)
        np.testing.assert_array_equal(audio.read(tagged).samples, before)


@needs_ffmpeg
def test_two_mp3s_joined_are_both_read(tmp_path):
    bare = _encoded(tmp_path, "a.mp3", "-q:a", "2", *BARE).read_bytes()
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(bare + bare)
    assert _agree(joined) == 2 * 1152 * _frames_by_headers(bare)
    told = _encoded(tmp_path, "b.mp3", "-q:a", "2")  # with tag and Info frame: its delay is known once
    joined.write_bytes(told.read_bytes() * 2)
    assert _agree(joined) == _by_ffmpeg(joined) > 2 * _music().shape[1]


@needs_ffmpeg
def test_an_mp3_that_is_cut_behind_its_info_frame_is_refused(tmp_path):
    path = _encoded(tmp_path, "a.mp3")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(AudioFileError, match=r"truncated: \d+ MPEG frames of \d+ are there"):
        audio.probe(path)


@needs_ffmpeg
def test_a_hole_between_the_frames_of_an_mp3_is_said(tmp_path):
    path = _encoded(tmp_path, "a.mp3", *MODES["cbr"], *BARE)
    data = path.read_bytes()
    path.write_bytes(data[:9000] + data[9700:])
    with pytest.raises(AudioFileError, match=r"damaged: at byte \d+ is no MPEG frame"):
        audio.read(path)


@needs_ffmpeg
def test_a_flac_of_unknown_length_is_read_to_its_end(tmp_path):
    path = _encoded(tmp_path, "a.flac", piped=True)
    assert not int.from_bytes(path.read_bytes()[21:26]) & 0xF_FFFF_FFFF  # STREAMINFO says "unknown"
    assert _agree(path) == _music().shape[1]
    np.testing.assert_array_equal(audio.read(path).samples, audio.read(tmp_path / "source.wav").samples)


@pytest.mark.parametrize("suffix", [".flac", ".ogg"])
def test_joined_files_are_read_one_behind_the_other_and_told(tmp_path, suffix):
    one, two, joined = (tmp_path / f"{name}{suffix}" for name in ("one", "two", "joined"))
    audio.write(one, _music(), RATE)
    audio.write(two, _music(0.7)[:, ::-1], RATE)
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    _agree(joined)
    both = np.concatenate([audio.read(one).samples, audio.read(two).samples], axis=1)
    np.testing.assert_array_equal(audio.read(joined).samples, both)
    assert "2 files joined" in audio.read(joined).remarks[0]


@needs_ffmpeg
@pytest.mark.parametrize("suffix", ["aiff", "au", "caf", "w64"])
def test_a_cut_copy_of_an_uncompressed_file_is_refused(tmp_path, suffix):
    path = _encoded(tmp_path, f"a.{suffix}")
    assert _agree(path) == _music().shape[1]
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(AudioFileError, match="truncated"):
        audio.probe(path)
