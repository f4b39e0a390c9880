"""4.1's pickled index is converted only on trust, in another process, whole or not at all."""

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chain.checkpoint.malicious import Malicious
from voices import checkpoints

from svcfx.chain.checkpoint import convert_index, index_conversion, open_bank
from svcfx.errors import MissingPartError, VoiceError


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    return checkpoints.write_neighbours(tmp_path / "feature_and_index.pkl", ("mei", "jo"))


def test_a_trusted_index_becomes_a_bank_by_singer(pickled: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept" / "index.safetensors"
    bank = open_bank(convert_index(pickled, out, trust=True), {"mei": 0, "jo": 1})
    assert bank.width == 256
    given = np.random.default_rng(4).standard_normal((40, 256)).astype(np.float32)
    for name in ("mei", "jo"):
        np.testing.assert_array_equal(bank.tables[name].numpy(), given)


def test_the_same_index_gives_the_same_bytes(pickled: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        convert_index(pickled, tmp_path / f"{name}.safetensors", trust=True)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_without_trust_nothing_of_it_runs(tmp_path: Path) -> None:
    path, proof, out = tmp_path / "evil.pkl", tmp_path / "it_ran", tmp_path / "out.safetensors"
    path.write_bytes(pickle.dumps({0: Malicious(proof)}))
    with pytest.raises(VoiceError, match="runs whatever its maker put into it, and was not opened") as caught:
        convert_index(path, out)
    assert "`trust`" in caught.value.hint
    assert not proof.exists()
    assert not out.exists()


def test_what_is_trusted_and_no_index_leaves_nothing_behind(tmp_path: Path) -> None:
    path, proof, out = tmp_path / "evil.pkl", tmp_path / "it_ran", tmp_path / "out.safetensors"
    path.write_bytes(pickle.dumps({0: Malicious(proof)}))
    with pytest.raises(VoiceError, match=r"'evil\.pkl' is no retrieval index"):
        convert_index(path, out, trust=True)
    assert proof.exists(), "trust means that it runs: this is what the word is for"
    assert not out.exists()


@pytest.mark.parametrize("held", [[1, 2], {}, {0: "an index"}, b"\x00", None])
def test_another_pickle_is_refused(tmp_path: Path, held: Any) -> None:
    path = tmp_path / "other.pkl"
    path.write_bytes(held if isinstance(held, bytes) else pickle.dumps(held))
    with pytest.raises(VoiceError) as caught:
        convert_index(path, tmp_path / "out.safetensors", trust=True)
    assert "\n" not in caught.value.message
    assert [file.name for file in tmp_path.iterdir()] == ["other.pkl"]


def test_secrets_of_the_environment_stay_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    path, proof = tmp_path / "evil.pkl", tmp_path / "seen"
    path.write_bytes(pickle.dumps(Malicious(proof, f"env > {proof}")))
    with pytest.raises(VoiceError):
        convert_index(path, tmp_path / "out.safetensors", trust=True)
    assert "PATH=" in proof.read_text()
    assert "secret" not in proof.read_text()


def test_a_pickle_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_conversion, "MOST_SECONDS", 1)
    path, proof = tmp_path / "slow.pkl", tmp_path / "late"
    path.write_bytes(pickle.dumps(Malicious(proof, f"exec sleep 3; touch {proof}")))
    with pytest.raises(VoiceError, match=r"'slow\.pkl' was not read within 1 seconds"):
        convert_index(path, tmp_path / "out.safetensors", trust=True)
    assert [file.name for file in tmp_path.iterdir()] == ["slow.pkl"]


def test_faiss_that_is_not_installed_is_asked_for(
    pickled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingPartError, match="needs faiss, which is not installed") as caught:
        convert_index(pickled, tmp_path / "out.safetensors", trust=True)
    assert "svcfx[index]" in caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"none\.pkl' is not a file"):
        convert_index(tmp_path / "none.pkl", tmp_path / "out.safetensors", trust=True)
