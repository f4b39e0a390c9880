"""Nothing in a torch file ever runs, and none of them fills the memory."""

import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from svcfx.chain.checkpoint.pickled import read
from svcfx.errors import VoiceError


class Malicious:
    """An object whose pickle asks for a shell command when it is read."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.proof}",)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_a_malicious_pickle_runs_nothing(tmp_path: Path, zipped: bool) -> None:
    path, proof = tmp_path / "evil.pth", tmp_path / "it_ran"
    evil = {"model": {"pre.weight": torch.zeros(2)}, "learning_rate": Malicious(proof)}
    torch.save(evil, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(VoiceError, match="asks for code, not only data, and was not opened") as caught:
        read(path)
    assert "system" in caught.value.message
    assert not proof.exists()
    torch.load(path, weights_only=False)
    assert proof.exists(), "the pickle would have run where it is not refused"


def test_a_bare_malicious_pickle_runs_nothing(tmp_path: Path) -> None:
    path, proof = tmp_path / "evil.pth", tmp_path / "it_ran"
    path.write_bytes(pickle.dumps(Malicious(proof), protocol=2))
    with pytest.raises(VoiceError):
        read(path)
    assert not proof.exists()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", b"\0" * 50_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(VoiceError, match="would unpack from"):
        read(path)


def test_a_tensor_larger_than_its_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stretched.pth"
    torch.save({"model": {"pre.weight": torch.zeros(1).expand(10**6, 10**6)}}, path)
    with pytest.raises(VoiceError, match="claims more numbers than the file holds"):
        read(path)


@pytest.mark.parametrize("odd", [torch.zeros(2, 2).to_sparse(), torch.zeros(2, dtype=torch.complex64)])
def test_a_tensor_that_is_no_plain_array_is_refused(tmp_path: Path, odd: torch.Tensor) -> None:
    path = tmp_path / "odd.pth"
    torch.save({"model": {"pre.weight": odd}}, path)
    with pytest.raises(VoiceError, match="is no plain array of numbers"):
        read(path)


def test_a_dict_that_holds_itself_is_read_once(tmp_path: Path) -> None:
    path, ring = tmp_path / "ring.pth", {"model": {"pre.weight": torch.zeros(1)}}
    ring["self"] = ring  # type: ignore[assignment]
    torch.save(ring, path)
    assert set(read(path)) == {"model", "self"}


def test_a_file_that_holds_no_dict_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.pth"
    torch.save([1, 2], path)
    with pytest.raises(VoiceError, match="holds a list, a checkpoint is a dict"):
        read(path)
