"""Trainings in the song's folder, and those that the studio was told to watch, and no others."""

import numpy as np
import pytest
from ui.conftest import Api, opened

from svcfx import audio
from svcfx.errors import InputError
from svcfx.training import history
from svcfx.ui.studio import Studio


def trained(out):
    made = history.History(out, 0, ("step", "mel", "check"))
    for step in (20, 40):
        made.add({"step": step, "mel": 10.0 / step, "check": 20.0 / step})
    path = history.preview_path(out, 40)
    path.parent.mkdir(parents=True)
    audio.write(path, np.full((1, 441), 0.5, np.float32), 44_100)
    return out


def test_a_training_is_seen_and_heard(api: Api):
    trained(api.studio.folder / "voices" / "me")
    (seen,) = api.ask("GET", "/api/trainings")
    assert seen["name"] == "voices/me"
    assert (seen["steps"], seen["best_step"], seen["previews"]) == ([20, 40], 40, [40])
    assert seen["columns"] == {"mel": [0.5, 0.25], "check": [1.0, 0.5]}
    answer = api.client.get("/api/trainings/preview", params={"name": "voices/me", "step": 40})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")


def test_one_elsewhere_is_seen_if_the_studio_was_told_so(folder, tmp_path):
    out = trained(tmp_path / "elsewhere" / "you")
    with opened(folder, watched=(tmp_path / "elsewhere",)) as api:
        assert [seen["name"] for seen in api.ask("GET", "/api/trainings")] == [str(out)]
    with opened(folder) as api:
        assert api.ask("GET", "/api/trainings") == []
        refused = api.refused("GET", f"/api/trainings/preview?name={out}&step=40")
        assert refused[0] == 404
        assert "there is no training" in refused[1]


def test_what_is_watched_must_be_a_folder(folder, tmp_path):
    with pytest.raises(InputError, match="is no folder to be watched"):
        Studio.at(folder, None, (tmp_path / "none",))
