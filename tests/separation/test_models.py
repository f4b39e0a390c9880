"""Networks are fetched once and checked; what is not known or not safe is refused in a sentence."""

import json

import numpy as np
import pytest

pytest.importorskip("onnx")

from separation import nets
from voices.hub_server import Hub, serve

from svcfx.errors import HubError, SeparationError, VoiceError
from svcfx.separation import models
from svcfx.separation.network import Network

READING = models.Reading(nets.FFT, nets.HOP)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A hub with one small network in place of the published ones."""
    folder = tmp_path / "repository"
    folder.mkdir()
    file = nets.write(folder / "small.onnx", np.ones(8))
    known = models.Published("small.onnx", models.sha256_of(file), READING)
    monkeypatch.setattr(models, "KNOWN", {"small": known})
    with serve(Hub(models.REPOSITORY, folder)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


def test_a_network_is_fetched_once(home, published):
    said = []
    path, reading = models.find("small", said.append)
    assert path == home / "separators/small.onnx"
    assert reading == READING
    asked = len(published.asked)
    assert models.find("small", said.append) == (path, reading)
    assert len(published.asked) == asked
    assert len(said) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["small.onnx"]


def test_a_hub_that_gives_another_file_is_not_believed(home, published):
    nets.write(published.folder / "small.onnx", np.zeros(8))
    with pytest.raises(VoiceError, match="came down with the hash"):
        models.find("small", print)
    assert not (home / "separators/small.onnx").exists()


def test_offline_it_says_what_to_fetch_and_where_to_put_it(home, published, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match=r"small\.onnx is not here yet") as caught:
        models.find("small", print)
    assert str(home / "separators/small.onnx") in caught.value.hint
    assert models.PUBLISHED in caught.value.hint


def test_a_hub_that_holds_it_no_more_leaves_the_other_way(home, published):
    (published.folder / "small.onnx").rename(published.folder / "other.onnx")
    with pytest.raises(HubError, match="does not hold it any more") as caught:
        models.find("small", print)
    assert models.PUBLISHED in caught.value.hint


def test_a_file_that_was_put_there_by_hand_is_used(home, published, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (home / "separators").mkdir(parents=True)
    (home / "separators/small.onnx").write_bytes((published.folder / "small.onnx").read_bytes())
    assert models.find("small", print)[0] == home / "separators/small.onnx"


def test_a_file_that_changed_is_refused(home, published):
    path, _ = models.find("small", print)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(SeparationError, match="hashes to"):
        models.find("small", print)


@pytest.mark.parametrize("name", ["htdemucs.th", "model_bs_roformer.ckpt", "UVR-De-Reverb.pth"])
def test_pickled_classes_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(SeparationError, match="pickled classes"):
        models.find(str(tmp_path / name), print)


def test_a_near_name_is_told():
    with pytest.raises(SeparationError, match="did you mean 'voc-ft'"):
        models.find("vocft", print)


def test_a_network_of_which_nothing_is_known_says_what_to_write(tmp_path):
    file = nets.write(tmp_path / "own.onnx", np.ones(8))
    file.with_suffix(".json").unlink()
    with pytest.raises(SeparationError, match=r"nothing is known of 'own\.onnx'") as caught:
        models.find(str(file), print)
    assert "own.json" in caught.value.hint


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mdx_n_fft_scale_set": 511}, "mdx_n_fft_scale_set is 511"),
        ({"mdx_n_fft_scale_set": None}, "mdx_n_fft_scale_set is None"),
        ({"hop_length": 0}, "hop_length is 0"),
        ({"compensate": "loud"}, "compensate is 'loud'"),
        ({"primary_stem": "Drums"}, "primary_stem is 'Drums'"),
    ],
)
def test_a_json_that_cannot_be_is_refused(tmp_path, changed, says):
    file = nets.write(tmp_path / "own.onnx", np.ones(8), **changed)
    with pytest.raises(SeparationError, match=says):
        models.find(str(file), print)


def test_a_json_that_is_none_is_refused(tmp_path):
    file = nets.write(tmp_path / "own.onnx", np.ones(8))
    for text in ("{", json.dumps([1])):
        file.with_suffix(".json").write_text(text)
        with pytest.raises(SeparationError, match=r"own\.json"):
            models.find(str(file), print)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "page.onnx").write_bytes(b"<!doctype html>")
    with pytest.raises(SeparationError, match="cannot be opened as an ONNX network"):
        Network(tmp_path / "page.onnx", READING)


def test_a_network_of_another_kind_is_refused(tmp_path):
    file = nets.write(tmp_path / "six.onnx", np.ones(8), planes=6)
    with pytest.raises(SeparationError, match="is no MDX-Net"):
        Network(file, READING)


def test_transforms_that_do_not_fit_are_refused(tmp_path):
    file = nets.write(tmp_path / "wide.onnx", np.ones(nets.FFT // 2 + 1))
    with pytest.raises(SeparationError, match="reads 257 bins"):
        Network(file, models.Reading(nets.FFT // 2, nets.HOP))
    with pytest.raises(SeparationError, match="too few for transforms of 8192"):
        Network(file, models.Reading(8192, nets.HOP))
