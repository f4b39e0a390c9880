"""An effect that still sounds where the render ends is told, with its level and the key that helps."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.session.bounce import bounce
from svcfx.session.files import batch
from svcfx.session.isolate import Destination

RATE = 44_100
REVERB = 'node = "Reverb"\nroom_size = 1.0\ndamping = 0.0\nwet_level = 0.6\ndry_level = 0.4\n'
DELAY = 'node = "Delay"\ndelay_seconds = 1.0\nfeedback = 0.9\nmix = 0.5\n'


def noise(seconds):
    return (0.2 * np.random.default_rng(3).standard_normal((1, round(seconds * RATE)))).astype(np.float32)


def written(folder, node, samples, more=""):
    audio.write(folder / "hit.wav", samples, RATE)
    (folder / "verb.toml").write_text(f'svcfx_preset = 1\nname = "verb"\n[[nodes]]\n{node}')
    stem = '[[stems]]\nfile = "hit.wav"\nrole = "pass"\npreset = "verb.toml"\n'
    (folder / "session.toml").write_text(f"svcfx_session = 1\n{stem}{more}")
    return folder


def told(notes):
    return [note for note in notes if note.code == "tail-cut"]


@pytest.mark.parametrize("node", [REVERB, DELAY], ids=["reverb", "delay"])
def test_a_session_that_cuts_a_tail_warns_with_the_level_of_its_last_10_ms(tmp_path, node):
    done = bounce(written(tmp_path, node, noise(0.5)) / "session.toml", tmp_path / "out")
    [stem, *_] = told(done.notes)
    assert stem.is_warning
    assert "master.tail_seconds, 2 s now" in stem.text
    last = audio.read(done.mix[0]).samples[:, -RATE // 100 :]
    level = 20 * np.log10(np.sqrt(np.mean(np.square(last))))
    assert f"{level:.1f} dBFS" in stem.text


@pytest.mark.parametrize("node", [REVERB, DELAY], ids=["reverb", "delay"])
@pytest.mark.parametrize("tail", [0.0, 0.3])
def test_a_batch_warns_even_where_the_source_sounds_to_its_last_frame(tmp_path, node, tail):
    folder = written(tmp_path, node, noise(1.5))
    output = Destination(tmp_path / "out", tail_seconds=tail)
    [file] = batch([folder / "hit.wav"], folder / "verb.toml", output=output).files
    [note] = told(file.notes)
    assert f"tail_seconds, {tail:g} s now" in note.text


@pytest.mark.parametrize("node", ['node = "Gain"\ngain_db = -3.0\n', 'node = "Compressor"\nratio = 4.0\n'])
def test_a_source_that_ends_at_full_level_is_no_cut_tail(tmp_path, node):
    folder = written(tmp_path, node, noise(0.5), "[master]\ntail_seconds = 0\n")
    [file] = batch([folder / "hit.wav"], folder / "verb.toml", output=Destination(tmp_path / "out")).files
    assert not told(file.notes)
    assert not told(bounce(folder / "session.toml", tmp_path / "song").notes)


def test_a_tail_that_rings_out_is_not_told(tmp_path):
    short = 'node = "Reverb"\nroom_size = 0.0\ndamping = 1.0\nwet_level = 0.3\n'
    folder = written(tmp_path, short, noise(0.5), "[master]\ntail_seconds = 8\n")
    assert not told(bounce(folder / "session.toml", tmp_path / "out").notes)


def test_a_tail_that_the_fader_has_closed_is_not_told(tmp_path):
    fade = "automation.gain_db = [[0, 0], [1, 0], [2, -120]]\n"
    folder = written(tmp_path, REVERB, noise(0.5), fade)
    assert not told(bounce(folder / "session.toml", tmp_path / "out").notes)
