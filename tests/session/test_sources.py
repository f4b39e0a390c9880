"""Which files a list of paths means."""

from pathlib import Path

import pytest

from svcfx.errors import AudioFileError
from svcfx.session.sources import collect, natural


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def _labels(*paths: Path, **options) -> list[str]:
    return [source.label for source in collect(paths, **options).sources]


def test_a_folder_is_read_through_in_natural_order(tmp_path):
    for name in ["take 10.wav", "Take 2.wav", "take 1.FLAC", "b/x.ogg", "a/deep/y.mp3", "notes.txt"]:
        _touch(tmp_path / name)
    assert _labels(tmp_path) == ["take 1.FLAC", "Take 2.wav", "take 10.wav", "a/deep/y.mp3", "b/x.ogg"]


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    for name in [".hidden.wav", ".git/a.wav", "._take.wav", "seen.wav"]:
        _touch(tmp_path / name)
    assert _labels(tmp_path) == ["seen.wav"]


def test_a_loop_of_links_ends_and_linked_folders_are_read_once(tmp_path):
    _touch(tmp_path / "in" / "a.wav")
    _touch(tmp_path / "elsewhere" / "b.wav")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "one").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "two").symlink_to(tmp_path / "elsewhere")
    assert _labels(tmp_path / "in") == ["a.wav", "one/b.wav"]


def test_a_file_given_twice_is_one_file(tmp_path):
    first = _touch(tmp_path / "a.wav")
    assert _labels(tmp_path, first, tmp_path / "x" / ".." / "a.wav") == ["a.wav"]


def test_results_below_the_inputs_are_no_inputs_of_the_next_run(tmp_path):
    _touch(tmp_path / "a.wav")
    _touch(tmp_path / "renders" / "a_warm.wav")
    assert _labels(tmp_path, leave_out=tmp_path / "renders") == ["a.wav"]
    assert _labels(tmp_path, leave_out=tmp_path) == ["a.wav", "renders/a_warm.wav"]


def test_a_missing_file_stays_in_the_list_to_fail_by_itself(tmp_path):
    assert _labels(tmp_path / "gone.wav") == ["gone.wav"]


def test_folders_without_audio_are_said(tmp_path):
    _touch(tmp_path / "notes.txt")
    with pytest.raises(AudioFileError, match=f"no audio file in '{tmp_path}'"):
        collect([tmp_path])


def test_digits_sort_as_numbers():
    assert sorted(["v10", "v9", "V1", "10", "9b", "a"], key=natural) == ["9b", "10", "a", "V1", "v9", "v10"]
