"""A content encoder of 16 channels on a shelf of the tests' own."""

from pathlib import Path

import pytest
from voices import checkpoints

from svcfx.voices import encoder


@pytest.fixture(scope="session")
def _encoder_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SVCFX_HOME", str(folder / "home"))
        encoder.put(checkpoints.write_encoder(folder / "made"), "the tests")
    return folder / "home"


@pytest.fixture
def small_encoder(_encoder_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SVCFX_HOME holds a ContentVec for 256-wide content."""
    monkeypatch.setenv("SVCFX_HOME", str(_encoder_home))
