"""Configs are read as they stand, and what would stall or swell a reader is not read on."""

from pathlib import Path

import pytest

from svcfx.chain.checkpoint.documents import LONGEST_BYTES, read_json, read_yaml
from svcfx.errors import VoiceError

LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.file"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_mark_that_windows_puts_in_front_is_skipped(tmp_path: Path) -> None:
    assert read_json(written(tmp_path, '\ufeff{"a": 1}')) == {"a": 1}
    assert read_yaml(written(tmp_path, "\ufeffa: 1")) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LAUGHS, "repeats parts of itself by alias"),
        ("[" * 200_000, "is nested 17 deep"),
        ("- " * 100_000, "is nested 17 deep"),
        ("a: !!python/object/apply:os.system ['touch it_ran']", "is not plain YAML: could not determine"),
        ("a: !!timestamp 2020-99-99", "is not plain YAML"),
        ("a: [1", "is not plain YAML"),
        ("- 1", "holds a list"),
        ("", "holds a NoneType"),
        ("a: " + "x" * LONGEST_BYTES, "is longer than"),
        (b"a: \xff", "is no UTF-8 text"),
        ("<!DOCTYPE html><html>", "holds a str"),
    ],
    ids=["laughs", "deep", "dashes", "code", "date", "open", "list", "empty", "long", "bytes", "html"],
)
def test_yaml_that_is_no_config_is_refused(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(VoiceError, match=says) as caught:
        read_yaml(written(tmp_path, text))
    assert "\n" not in caught.value.message
    assert not Path("it_ran").exists()


@pytest.mark.parametrize(
    "text", ["{", "[" * 200_000, '{"a": ' + "9" * 200_000 + "}", b"\xff", " " * (LONGEST_BYTES + 1), "[]"]
)
def test_json_that_is_no_config_is_refused(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(VoiceError) as caught:
        read_json(written(tmp_path, text))
    assert "\n" not in caught.value.message


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"none\.json' cannot be read: No such file"):
        read_json(tmp_path / "none.json")
