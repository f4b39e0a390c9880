"""Files that belong together come together, or not at all."""

import pytest

from svcfx.atomic import placed
from svcfx.errors import OutputError


def test_what_is_written_takes_the_place_of_what_was_there(tmp_path):
    out = tmp_path / "out"
    for text in ("first", "second"):
        with placed(out) as folder:
            (folder / "model").write_text(text)
            (folder / "config.json").write_text(text)
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "model": "second", "config.json": "second"
    }  # fmt: skip


def test_nothing_comes_when_the_last_of_them_cannot_be_written(tmp_path):
    (tmp_path / "model").write_text("before")

    def write(folder):
        (folder / "model").write_text("after")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="no space left"), placed(tmp_path) as folder:
        write(folder)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("model", "before")]
