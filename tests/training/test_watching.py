"""A training is watched by what it leaves in its folder, whatever it is writing just then."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import UnknownNameError
from svcfx.training import history


@pytest.fixture
def run(tmp_path):
    """A training of four reports and two checks, each with a phrase."""
    out = tmp_path / "voices" / "me"
    made = history.History(out, 0, ("step", "seconds", "mel", "check"))
    for step, mel in ((20, 2.5), (40, 2.0), (60, 1.5), (80, 1.25)):
        made.add({"step": step, "mel": mel} | ({"check": 3.0 - step / 40} if step % 40 == 0 else {}))
    for step in (40, 80):
        path = history.preview_path(out, step)
        path.parent.mkdir(exist_ok=True)
        audio.write(path, np.zeros((1, 100), np.float32), 44_100)
    return out


def test_every_report_is_seen_with_the_best_check_and_what_was_sung(run):
    seen = history.look(run)
    assert seen.steps == (20, 40, 60, 80)
    assert seen.columns["mel"] == (2.5, 2.0, 1.5, 1.25)
    assert seen.columns["check"] == (None, 2.0, None, 1.0)
    assert (seen.best_step, seen.previews) == (80, (40, 80))
    assert audio.probe(history.preview(run, 40)).frames == 100
    with pytest.raises(UnknownNameError, match="'me' has no preview of step 20"):
        history.preview(run, 20)


@pytest.mark.parametrize("more", ["100", "100,0.1,ni", "x", "100,0.1,nan,inf", "\n\n"])
def test_a_row_that_is_being_written_hurts_nobody(run, more):
    with (run / history.NAME).open("a") as file:
        file.write(more)
    seen = history.look(run)
    assert seen.steps[:4] == (20, 40, 60, 80)
    assert seen.columns["mel"][4:] in ((), (None,))
    assert seen.best_step == 80


def test_a_folder_that_has_only_begun_has_nothing_to_show(tmp_path):
    (tmp_path / history.NAME).write_text("")
    assert history.look(tmp_path) == history.Seen((), {}, None, ())


def test_trainings_are_found_where_they_are_and_not_through_links_or_hidden_folders(run, tmp_path):
    (tmp_path / "link").symlink_to(run.parent)
    hidden = tmp_path / ".kept"
    history.History(hidden, 0, ("step",))
    history.History(tmp_path / "a/b/c/d", 0, ("step",))
    assert history.find(tmp_path) == [run]
    assert history.find(run) == [run]
