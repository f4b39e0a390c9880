"""Audio files: what is read is what was written, what is damaged is said, what fails leaves nothing."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from svcfx import audio
from svcfx.errors import AudioFileError, AudioShapeError, OutputError, SvcfxError

RATE = 44_100
SUFFIXES = ("wav", "flac", "ogg", "mp3")


def _tone(seconds: float = 1.0, channels: int = 2, rate: int = RATE) -> audio.Samples:
    wave = 0.3 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)
    return np.stack([wave * (1 - 0.2 * channel) for channel in range(channels)]).astype(np.float32)


def _written(path: Path, samples: audio.Samples | None = None, **options) -> Path:
    audio.write(path, _tone() if samples is None else samples, RATE, **options)
    return path


def _refused(path: Path) -> str:
    with pytest.raises(AudioFileError) as caught:
        audio.read(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "encoding", "bits"),
    [("a.wav", "pcm16", 16), ("a.wav", "pcm24", 24), ("a.wav", "float", 40), ("a.flac", "pcm24", 24)],
)
def test_a_lossless_file_is_exact_to_half_a_step(tmp_path, name, encoding, bits):
    samples = _tone()
    back = audio.read(_written(tmp_path / name, samples, encoding=encoding))
    assert back.sample_rate == RATE
    assert back.samples.dtype == np.float32
    assert back.samples.flags["C_CONTIGUOUS"]
    # Half a step is 2^-bits; a float32 of 24 bits rounds once more.
    np.testing.assert_allclose(back.samples, samples, atol=2.0**-bits + 2.0**-25)


@pytest.mark.parametrize("encoding", ["pcm16", "pcm24"])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_rounding_to_pcm_adds_no_offset(tmp_path, suffix, encoding):
    noise = np.random.default_rng(0).normal(0, 0.1, (1, 100_000)).astype(np.float32)
    first = audio.read(_written(tmp_path / f"a.{suffix}", noise, encoding=encoding)).samples
    step = 2.0 ** -(15 if encoding == "pcm16" else 23)
    assert abs(np.mean((first - noise).astype(np.float64))) < 0.01 * step  # rounding down would give 0.5
    again = audio.read(_written(tmp_path / f"b.{suffix}", first, encoding=encoding)).samples
    assert again.tobytes() == first.tobytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("frames", [1, 1151, 50_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_length_rate_and_channels_come_back(tmp_path, suffix, frames, channels):
    path = _written(tmp_path / f"a.{suffix}", _tone(2.0, channels)[:, :frames])
    assert audio.read(path).samples.shape == (channels, frames)
    assert audio.probe(path) == audio.AudioInfo(frames, RATE, channels)


@pytest.mark.parametrize("suffix", ["ogg", "mp3"])
def test_a_lossy_file_is_in_place(tmp_path, suffix):
    noise = np.random.default_rng(0).normal(0, 0.05, (1, RATE)).astype(np.float32)
    back = audio.read(_written(tmp_path / f"a.{suffix}", noise)).samples
    lags = np.correlate(back[0, 100:-100], noise[0], "valid")
    assert int(np.argmax(lags)) == 100


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_pcm_clips_at_full_scale_and_does_not_wrap(tmp_path, suffix):
    loud = np.array([[1.5, -1.5, 0.25, 1.0, -1.0]], np.float32)
    back = audio.read(_written(tmp_path / f"a.{suffix}", loud)).samples
    np.testing.assert_allclose(back, [[1.0, -1.0, 0.25, 1.0, -1.0]], atol=1e-6)


def test_float_keeps_what_is_over_full_scale(tmp_path):
    loud = np.array([[1.5, -3.0, 1e-9]], np.float32)
    assert audio.read(_written(tmp_path / "a.wav", loud, encoding="float")).samples.tolist() == loud.tolist()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a.wav", "pcm16"), ("a.wav", "pcm24"), ("a.wav", "float"), ("a.flac", "pcm24"), ("a.mp3", "pcm24")],
)
def test_equal_samples_are_equal_bytes_at_another_time(tmp_path, name, encoding):
    first = _written(tmp_path / name, encoding=encoding).read_bytes()
    assert _written(tmp_path / name, encoding=encoding).read_bytes() == first
    peak = first.find(b"PEAK")
    assert peak < 0 or first[peak + 12 : peak + 16] == bytes(4)  # where libsndfile writes the second


def test_an_ogg_repeats_its_samples(tmp_path):
    first, second = (audio.read(_written(tmp_path / f"{name}.ogg")).samples for name in "ab")
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5, 0.1])
def test_a_cut_file_is_refused(tmp_path, suffix, kept):
    whole = _written(tmp_path / f"a.{suffix}", _tone(3.0)).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    message = _refused(cut)
    assert any(word in message for word in ("truncated", "damaged", "no audio file"))


def test_a_cut_wav_says_how_much_is_left(tmp_path):
    path = _written(tmp_path / "a.wav", _tone(1.0), encoding="pcm16")
    path.write_bytes(path.read_bytes()[: 44 + 4 * 1000])
    assert "1000 frames of 44100 could be read" in _refused(path)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_piped_wav_whose_header_does_not_know_its_length_is_read(tmp_path, size):
    path = _written(tmp_path / "a.wav", _tone(0.1), encoding="pcm16")
    data = bytearray(path.read_bytes())
    data[4:8] = data[data.index(b"data") + 4 : data.index(b"data") + 8] = struct.pack("<I", size)
    path.write_bytes(data)
    assert audio.read(path).frames == 4410


def test_what_is_no_audio_is_refused_in_a_sentence(tmp_path):
    text = tmp_path / "lyrics.wav"
    text.write_text("la la la " * 500)
    assert "no audio file" in _refused(text)
    empty = tmp_path / "empty.wav"
    empty.touch()
    assert "0 bytes" in _refused(empty)
    assert "is a folder" in _refused(tmp_path)
    assert "no audio file" in _refused(_copy(text, "song.mp3"))
    assert "no audio file" in _refused(_copy(text, "song.flac"))
    assert "no audio file" in _refused(_copy(text, "song.ogg"))


def _copy(path: Path, name: str) -> Path:
    twin = path.with_name(name)
    twin.write_bytes(path.read_bytes())
    return twin


def test_a_header_without_frames_holds_no_audio(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2)), RATE)
    assert "0 frames" in _refused(tmp_path / "a.wav")


def test_a_missing_file_names_its_neighbour(tmp_path):
    _written(tmp_path / "lead_vocal.wav", _tone(0.1))
    assert "does not exist (did you mean 'lead_vocal.wav'?)" in _refused(tmp_path / "lead_vocl.wav")
    assert _refused(tmp_path / "no" / "such.wav").endswith("does not exist")
    assert "too long" in _refused(tmp_path / ("x" * 300 + ".wav"))


def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "device or pipe" in _refused(tmp_path / "pipe.wav")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sample_that_is_not_finite_is_placed(tmp_path, value):
    samples = _tone()
    samples[1, 1234] = value
    soundfile.write(tmp_path / "a.wav", samples.T, RATE, subtype="FLOAT")
    assert "not finite at frame 1234, channel 1" in _refused(tmp_path / "a.wav")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_leaves_nothing(small_disk, suffix):
    noise = np.random.default_rng(0).normal(0, 0.2, (2, 60 * RATE)).astype(np.float32)
    with pytest.raises(OutputError, match=r"could not be written: the disk is full"):
        audio.write(small_disk / f"a.{suffix}", noise, RATE)
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_keeps_the_file_that_was_there(small_disk):
    before = _written(small_disk / "a.wav", _tone(0.1)).read_bytes()
    with pytest.raises(OutputError):
        _written(small_disk / "a.wav", _tone(5.0))
    assert (small_disk / "a.wav").read_bytes() == before
    assert [path.name for path in small_disk.iterdir()] == ["a.wav"]


def test_a_read_only_folder_is_said(read_only_folder):
    with pytest.raises(OutputError, match=r"could not be written: (read-only|permission denied)") as caught:
        _written(read_only_folder / "a.wav")
    assert "`out`" in caught.value.hint
    with pytest.raises(OutputError):
        _written(read_only_folder / "new" / "a.wav")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), audio.atomic(path) as temporary:
        raise (temporary.write_text("half") and error)()
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    assert _written(tmp_path / "a.wav").stat().st_mode == plain.stat().st_mode


def test_samples_that_are_no_audio_are_not_written(tmp_path):
    for shape in [(10,), (1, 0), (0, 5), (1, 2, 3)]:
        with pytest.raises(AudioShapeError, match="channels, frames"):
            _written(tmp_path / "a.wav", np.zeros(shape, np.float32))
    with pytest.raises(OutputError, match="not finite"):
        _written(tmp_path / "a.wav", np.full((1, 9), np.nan, np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "rate", "channels", "encoding", "message"),
    [
        ("a.aiff", RATE, 1, "pcm24", "ends in '.aiff', allowed are .flac, .mp3, .ogg, .wav"),
        ("a.flac", RATE, 1, "float", "FLAC holds no float"),
        ("a.mp3", 96_000, 2, "pcm24", "MP3 holds 8000, 11025"),
        ("a.mp3", RATE, 3, "pcm24", "3 channels, MP3 holds at most 2"),
        ("a.flac", RATE, 9, "pcm24", "9 channels, FLAC holds at most 8"),
    ],
)
def test_what_a_format_cannot_hold_is_known_before_writing(tmp_path, name, rate, channels, encoding, message):
    with pytest.raises(AudioFileError) as caught:
        audio.check_holds(tmp_path / name, rate, channels, encoding=encoding)
    assert message in caught.value.message
    with pytest.raises(SvcfxError):
        audio.write(tmp_path / name, np.zeros((channels, 100), np.float32), rate, encoding=encoding)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_blocks_and_parts_of_a_file_are_the_file(tmp_path, suffix):
    path = tmp_path / f"take{suffix}"
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 30_000)).astype(np.float32)
    audio.write(path, noise, 44_100)
    whole = audio.read(path).samples
    pieces = [block.samples for block in audio.blocks(path, 7000)]
    assert max(piece.shape[1] for piece in pieces) == 7000
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    np.testing.assert_allclose(audio.read_part(path, 12_000, 500).samples, whole[:, 12_000:12_500], atol=1e-4)
    assert audio.read_part(path, whole.shape[1] - 10, 500).frames == 10


def test_a_truncated_file_is_told_at_its_last_block(tmp_path):
    path = tmp_path / "take.wav"
    audio.write(path, np.ones((1, 30_000), np.float32) * 0.1, 44_100)
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(AudioFileError, match="truncated"):
        list(audio.blocks(path, 7000))


def test_a_path_may_be_text(tmp_path):
    path = str(tmp_path / "a.wav")
    audio.write(path, np.full((1, 10), 0.5, np.float32), 8000, encoding="float")
    assert audio.probe(path).frames == 10
    np.testing.assert_array_equal(audio.read(path).samples, 0.5)
