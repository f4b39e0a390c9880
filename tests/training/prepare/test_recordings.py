"""Which recordings are whose, and what is no recording."""

import pytest

from svcfx.errors import InputError
from svcfx.training.prepare.recordings import find


def _touched(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")
    return folder


def test_folders_name_the_singers_through_and_through(tmp_path):
    top = _touched(tmp_path / "all", "mei/a.wav", "mei/live/b.FLAC", "tom/c.mp3", "tom/.hidden.wav")
    found = find(top)
    assert [(r.singer, r.label) for r in found.recordings] == [
        ("mei", "mei/a.wav"), ("mei", "mei/live/b.FLAC"), ("tom", "tom/c.mp3"),
    ]  # fmt: skip


def test_files_without_folders_are_of_one_singer_called_as_the_folder(tmp_path):
    found = find(_touched(tmp_path / "ada", "b.wav", "a.wav"))
    assert [(r.singer, r.label) for r in found.recordings] == [("ada", "a.wav"), ("ada", "b.wav")]


def test_a_file_beside_singers_folders_is_asked_about_unless_all_are_of_one(tmp_path):
    top = _touched(tmp_path / "all", "mei/a.wav", "stray.wav")
    with pytest.raises(InputError, match=r"'stray\.wav'.*'mei': whose is it"):
        find(top)
    assert {r.singer for r in find(top, "ada").recordings} == {"ada"}


def test_what_so_vits_svc_keeps_beside_the_sound_is_counted_and_not_read(tmp_path):
    top = _touched(tmp_path / "44k", "mei/a.wav", "mei/a.wav.soft.pt", "mei/a.spec.pt", "mei/a.wav.f0.npy")
    found = find(top)
    assert [r.label for r in found.recordings] == ["mei/a.wav"]
    assert found.passed_over == {".npy": 1, ".pt": 2}


def test_a_single_file_is_a_recording_and_the_output_is_none(tmp_path):
    top = _touched(tmp_path, "ada.wav", "out/items/old.wav")
    assert [r.singer for r in find(top / "ada.wav").recordings] == ["ada"]
    assert [r.label for r in find(top, "ada", leave_out=top / "out").recordings] == ["ada.wav"]


@pytest.mark.parametrize(
    ("names", "words"), [((), "it is empty"), (("a.txt", "b.odt"), r"only 1 \.odt, 1 \.txt")]
)
def test_a_folder_without_recordings_is_refused(tmp_path, names, words):
    top = tmp_path / "none"
    top.mkdir()
    with pytest.raises(InputError, match=words):
        find(_touched(top, *names))


def test_a_folder_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    (tmp_path / "recordings").mkdir()
    with pytest.raises(InputError, match=r"does not exist \(did you mean 'recordings'\?\)"):
        find(tmp_path / "recoding")
