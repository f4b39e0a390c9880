"""What phones and DAWs record and libsndfile does not read: whole, in place, or refused."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import AudioFileError

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
RATE, FRAMES = 44_100, 50_000
LOSSLESS = {"m4a": ("-c:a", "alac"), "wv": (), "tta": (), "mka": ("-c:a", "flac"), "caf": ("-c:a", "alac")}
LOSSY = {
    "m4a": ("-c:a", "aac", "-b:a", "160k"),
    "aac": ("-c:a", "aac", "-b:a", "160k"),
    "ac3": ("-b:a", "192k"),
    "wma": ("-b:a", "160k"),
    "mp2": ("-b:a", "192k"),
    "webm": ("-c:a", "libopus", "-ar", "48000", "-b:a", "128k"),
    "mka": (
        "-c:a",
        "libvorbis",
    ),
}


def _noise(frames: int = FRAMES) -> audio.Samples:
    return np.random.default_rng(0).normal(0, 0.05, (2, frames)).astype(np.float32)


def _encoded(
    tmp_path: Path, suffix: str, options: tuple[str, ...], encoding: audio.Encoding = "pcm16"
) -> Path:
    source, target = tmp_path / "source.wav", tmp_path / f"a.{suffix}"
    audio.write(source, _noise(), RATE, encoding=encoding)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", str(source), *options, str(target)], check=True
    )
    return target


def _by_ffmpeg(path: Path) -> int:
    begin = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0"]
    decoded = subprocess.run([*begin, "-ac", "1", "-f", "s16le", "-"], check=True, capture_output=True)
    return len(decoded.stdout) // 2


def _agree(path: Path) -> audio.Audio:
    whole = audio.read(path)
    assert audio.probe(path) == audio.AudioInfo(whole.frames, whole.sample_rate, whole.samples.shape[0])
    joined = np.concatenate([block.samples for block in audio.blocks(path, 7001)], axis=1)
    np.testing.assert_array_equal(joined, whole.samples)
    for start in (0, 1, 20_000, whole.frames - 10, whole.frames + 5):
        part = audio.read_part(path, start, 1000).samples
        np.testing.assert_array_equal(part, whole.samples[:, start : start + 1000])
    return whole


def _lag(found: audio.Samples) -> int:
    """By how many samples `found` is late, from -4000 to 4000."""
    middle = _noise()[0, 20_000:30_000]
    return int(np.argmax(np.correlate(found[0, 16_000:34_000], middle, "valid"))) - 4000


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_file_is_the_wav_it_was_made_of_to_the_bit(tmp_path, suffix):
    whole = _agree(_encoded(tmp_path, suffix, LOSSLESS[suffix]))
    np.testing.assert_array_equal(whole.samples, audio.read(tmp_path / "source.wav").samples)


def test_24_bits_of_an_alac_file_are_kept(tmp_path):
    path = _encoded(tmp_path, "m4a", ("-c:a", "alac", "-sample_fmt", "s32p"), "pcm24")
    np.testing.assert_array_equal(_agree(path).samples, audio.read(tmp_path / "source.wav").samples)


@pytest.mark.parametrize("suffix", LOSSY)
def test_a_lossy_file_is_read_as_far_as_ffmpeg_decodes_it(tmp_path, suffix):
    path = _encoded(tmp_path, suffix, LOSSY[suffix])
    padding = _by_ffmpeg(path) - _agree(path).frames
    assert padding == 0 or (suffix == "m4a" and 0 < padding < 1024)  # which the edit list cuts off


def test_an_m4a_is_in_place_and_as_long_as_what_was_encoded(tmp_path):
    whole = _agree(_encoded(tmp_path, "m4a", LOSSY["m4a"]))
    assert whole.frames == FRAMES
    assert _lag(whole.samples) == 0


def test_an_mp3_inside_a_wav_is_in_place_and_as_long_as_what_was_encoded(tmp_path):
    mp3 = _encoded(tmp_path, "mp3", ("-b:a", "192k", "-id3v2_version", "0"))
    wav = tmp_path / "mp3.wav"
    head = ["-v", "error", "-y", "-nostdin", "-i"]
    subprocess.run(["ffmpeg", *head, str(mp3), "-c:a", "copy", "-f", "wav", str(wav)], check=True)
    data = wav.read_bytes()
    at = data.index(b"data") + 8
    wav.write_bytes(data[: at - 4] + mp3.stat().st_size.to_bytes(4, "little") + mp3.read_bytes())
    np.testing.assert_array_equal(_agree(wav).samples, audio.read(mp3).samples)
    assert _lag(audio.read(wav).samples) == 0


@pytest.mark.parametrize("suffix", ["m4a", "wma", "wv", "webm", "mka"])
@pytest.mark.parametrize("kept", [0.9, 0.5])
def test_a_cut_file_of_such_a_format_is_refused(tmp_path, suffix, kept):
    path = _encoded(tmp_path, suffix, LOSSY.get(suffix, ()))
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(AudioFileError):
        audio.read(path)


def test_a_suffix_that_lies_does_not_matter(tmp_path):
    path = _encoded(tmp_path, "m4a", LOSSY["m4a"])
    liar = path.rename(tmp_path / "take.wav")
    assert audio.read(liar).frames == FRAMES


def test_a_playlist_opens_nothing(tmp_path):
    secret = _encoded(tmp_path, "mp3", ())
    for text in (f"#EXTM3U\n#EXTINF:1,\n{secret}\n", f"ffconcat version 1.0\nfile '{secret}'\n"):
        (tmp_path / "list.m4a").write_text(text)
        with pytest.raises(AudioFileError, match="no audio file"):
            audio.read(tmp_path / "list.m4a")
