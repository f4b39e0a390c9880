import os
import shutil

import pytest

REASON = "flite and espeak-ng are not installed"


@pytest.fixture(scope="session")
def engines():
    """Both speech engines; skipped by name where they are missing, required in CI."""
    if not (shutil.which("flite") and shutil.which("espeak-ng")):
        if os.environ.get("CI"):
            pytest.fail(REASON)
        pytest.skip(REASON)
    if not os.environ.get("CI"):
        pytest.importorskip("pyworld", reason="the train extra is not installed")
