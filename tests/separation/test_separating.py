"""A song comes apart into two files that add up to it."""

import shutil

import numpy as np
import pytest

pytest.importorskip("onnx")

from separation import nets

from svcfx import audio
from svcfx.errors import AudioFileError, OutputError, OutputExistsError
from svcfx.separation import models, network, separating
from svcfx.separation.network import Network

RATE = 44_100
SPLIT_HZ = 2000.0


def tones(hertz, seconds=1.5, rate=RATE, amplitude=0.1):
    time = np.arange(int(seconds * rate)) / rate
    left = sum(np.sin(2 * np.pi * f * time + i) for i, f in enumerate(hertz))
    right = sum(np.cos(2 * np.pi * f * time + i) for i, f in enumerate(hertz))
    return (amplitude * np.stack([left, right])).astype(np.float32)


def sdr_db(reference, estimate):
    wrong = np.sum((reference - estimate) ** 2, dtype=np.float64)
    return 10 * np.log10(np.sum(reference.astype(np.float64) ** 2) / wrong)


@pytest.fixture
def mask(tmp_path):
    """A network that keeps what lies below 2 kHz, where the vocals of these tests lie."""
    return nets.write(tmp_path / "mask.onnx", nets.below(SPLIT_HZ))


def separated(song, tmp_path, model, **more):
    made = separating.separate(song, tmp_path / "out", model=str(model), **more)
    return audio.read(made.vocals), audio.read(made.accompaniment)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.5])
def test_a_mix_comes_apart_as_well_as_its_spectra_do(tmp_path, mask, seconds):
    vocals, band = tones([220.0, 660.0, 1400.0], seconds), tones([3100.0, 5200.0, 9000.0], seconds)
    audio.write(tmp_path / "song.wav", vocals + band, RATE, encoding="float")
    given, left = separated(tmp_path / "song.wav", tmp_path, mask)
    # What a mask can do at all: one transform over the whole song, no chunks and no seams.
    whole = -(-vocals.shape[1] // nets.HOP) * nets.HOP
    padded = np.pad(vocals + band, ((0, 0), (nets.FFT, nets.FFT + whole - vocals.shape[1])))
    table = network.forward(padded, nets.FFT, nets.HOP) * nets.below(SPLIT_HZ)[None, :, None]
    best = network.backward(table, nets.FFT, nets.HOP)[:, nets.FFT : nets.FFT + vocals.shape[1]]
    possible = sdr_db(vocals, best)
    assert possible > 15.0
    assert sdr_db(vocals, given.samples) > possible - 0.5
    assert sdr_db(band, left.samples) > sdr_db(band, vocals + band - best) - 0.5


def test_the_two_add_up_to_the_song(tmp_path, mask):
    song = np.random.default_rng(3).uniform(-1, 1, (2, 70_001)).astype(np.float32)
    audio.write(tmp_path / "song.wav", song, RATE, encoding="float")
    given, left = separated(tmp_path / "song.wav", tmp_path, mask)
    np.testing.assert_allclose(given.samples + left.samples, song, atol=1e-6)


def test_a_network_that_changes_nothing_leaves_no_seam(tmp_path):
    model = nets.write(tmp_path / "all.onnx", np.ones(nets.FFT // 2 + 1))
    network = Network(model, models.Reading(nets.FFT, nets.HOP))
    for frames in (1, 100, 7000, 7039, 7040, 50_000):
        song = np.random.default_rng(frames).standard_normal((2, frames)).astype(np.float32)
        heard = []
        np.testing.assert_allclose(separating.by_chunks(network, song, heard.append), song, atol=1e-5)
        assert heard[-1] == 1.0
        assert heard == sorted(heard)


def test_what_the_network_gives_is_made_as_loud_as_its_maker_says(tmp_path):
    model = nets.write(tmp_path / "half.onnx", np.full(nets.FFT // 2 + 1, 0.5), compensate=1.6)
    audio.write(tmp_path / "song.wav", tones([440.0]), RATE, encoding="float")
    given, _ = separated(tmp_path / "song.wav", tmp_path, model)
    np.testing.assert_allclose(given.samples, 0.8 * tones([440.0]), atol=1e-5)


def test_a_network_for_the_accompaniment_leaves_the_vocals(tmp_path):
    model = nets.write(tmp_path / "low.onnx", nets.below(SPLIT_HZ), stem="Instrumental")
    bass, voice = tones([110.0]), tones([6000.0])
    audio.write(tmp_path / "song.wav", bass + voice, RATE, encoding="float")
    said = []
    given, left = separated(tmp_path / "song.wav", tmp_path, model, on_note=said.append)
    assert sdr_db(voice, given.samples) > 15
    assert sdr_db(bass, left.samples) > 15
    assert said == ["this model gives the accompaniment; the vocals are the song minus it"]


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (22_050, 1), (44_100, 1)])
def test_rate_channels_and_length_stay(tmp_path, mask, rate, channels):
    low, high = tones([440.0], rate=rate), tones([5000.0], rate=rate)
    song = (low + high)[:channels]
    audio.write(tmp_path / "song.wav", song, rate, encoding="float")
    given, left = separated(tmp_path / "song.wav", tmp_path, mask)
    for part in (given, left):
        assert (part.sample_rate, part.samples.shape) == (rate, song.shape)
    np.testing.assert_allclose(given.samples + left.samples, song, atol=1e-6)
    inside = slice(2000, -2000)
    assert sdr_db(low[:channels, inside], given.samples[:, inside]) > 20


def test_progress_rises_to_the_end(tmp_path, mask):
    audio.write(tmp_path / "song.wav", tones([440.0]), RATE)
    heard = []
    separated(tmp_path / "song.wav", tmp_path, mask, on_progress=heard.append)
    assert len(heard) > 3
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_nothing_is_overwritten_unasked(tmp_path, mask):
    audio.write(tmp_path / "song.wav", tones([440.0]), RATE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/song.accompaniment.wav").write_bytes(b"mine")
    with pytest.raises(OutputExistsError, match="exists already"):
        separated(tmp_path / "song.wav", tmp_path, mask)
    assert not (tmp_path / "out/song.vocals.wav").exists()
    given, left = separated(tmp_path / "song.wav", tmp_path, mask, overwrite=True)
    np.testing.assert_allclose(given.samples + left.samples, tones([440.0]), atol=1e-6)


def test_a_full_disk_leaves_neither_file(tmp_path, mask, small_disk):
    audio.write(tmp_path / "song.wav", tones([440.0]), RATE)
    with pytest.raises(OutputError, match="could not be written"):
        separating.separate(tmp_path / "song.wav", small_disk, model=str(mask))
    assert list(small_disk.iterdir()) == []


def test_a_song_of_many_channels_is_refused(tmp_path, mask):
    audio.write(tmp_path / "song.wav", np.zeros((6, 1000), np.float32), RATE)
    with pytest.raises(AudioFileError, match="6 channels"):
        separated(tmp_path / "song.wav", tmp_path, mask)


def test_a_published_network_is_known_wherever_it_lies(tmp_path, mask, monkeypatch):
    known = models.Published("x.onnx", models.sha256_of(mask), models.Reading(nets.FFT, nets.HOP, 0.5))
    monkeypatch.setitem(models.KNOWN, "small", known)
    copy = tmp_path / "renamed.onnx"
    shutil.copy(mask, copy)
    assert models.find(str(copy), print) == (copy, known.reading)
