"""The curve of a training, as TensorBoard itself reads it."""

import io
import sys

import numpy as np
import pytest
import soundfile

from svcfx.errors import MissingPartError
from svcfx.training import history


def board(out):
    """What TensorBoard shows of a folder."""
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
    )
    found = reader.EventAccumulator(str(out / "tensorboard"))
    return found.Reload()


def written(out, steps, first=0):
    made = history.History(out, first, ("step", "mel", "check"), tensorboard=True)
    for step in steps:
        made.hear(step, np.full(4410, 1.5, np.float32), 44100)
        made.add({"step": step, "mel": 10.0 / step, "check": 0.1 * step})
    return made


def test_tensorboard_shows_what_the_table_holds_and_the_previews(tmp_path, capsys):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    written(tmp_path, (1, 2, 4))
    shown = board(tmp_path)
    for name in ("mel", "check"):
        kept = [(int(row["step"]), float(row[name])) for row in history.rows(tmp_path)]
        seen = [(event.step, event.value) for event in shown.Scalars(name)]
        np.testing.assert_allclose(seen, kept, rtol=1e-5)
    heard, rate = soundfile.read(io.BytesIO(shown.Audio("preview")[-1].encoded_audio_string))
    assert (len(heard), rate) == (4410, 44100)
    assert heard.min() > 0.99  # clipped
    assert capsys.readouterr().out == ""  # stdout is the voice's name alone


def test_what_came_after_the_state_that_a_run_goes_on_from_is_shown_no_more(tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    written(tmp_path, (1, 2, 3))
    written(tmp_path, (3, 4), first=2)
    assert [event.step for event in board(tmp_path).Scalars("mel")] == [1, 2, 3, 4]
    assert [row["step"] for row in history.rows(tmp_path)] == ["1", "2", "3", "4"]


def test_without_tensorboard_a_sentence_says_so_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(MissingPartError, match="TensorBoard is not installed") as error:
        history.History(tmp_path / "out", 0, ("step",), tensorboard=True)
    assert "`tensorboard`" in error.value.hint
    assert not (tmp_path / "out").exists()
