"""A notebook is executed by Jupyter's own client, and what its objects show stands in its cells."""

import importlib.util
import os

import numpy as np
import pytest
from ports import free_port

from svcfx import audio

RATE = 44_100
HANGS_SECONDS = 300
"""Ends a test that would hang; no outcome depends on it."""
CELLS = (
    "import pedalboard\nfrom svcfx import Board, Lane, VoiceConversion, audio",
    "sound = audio.read('tone.wav')\nsound",
    "Lane(((0.0, -6.0), (4.0, 3.0)))",
    "voice = VoiceConversion(voice=SINGER, transpose_semitones=5.0)\nvoice",
    "board = Board([pedalboard.Compressor(threshold_db=-18), voice])\nboard",
    "audio.Audio(board(sound.samples, sound.sample_rate), sound.sample_rate)",
    "from svcfx.session.bounce import bounce\nbounce('session.toml', 'out')",
)


@pytest.fixture
def executed(tmp_path, synthetic_voice):
    """The HTML that each cell of a notebook shows, run in a folder with a tone and a session of it."""
    missing = [name for name in ("nbclient", "ipykernel") if importlib.util.find_spec(name) is None]
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs {' and '.join(missing)}")
        pytest.skip(f"{' and '.join(missing)} are not installed: the extra test brings them")
    import nbformat
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    when = np.arange(RATE) / RATE
    audio.write(tmp_path / "tone.wav", (0.2 * np.sin(2 * np.pi * 220 * when))[None].astype(np.float32), RATE)
    (tmp_path / "session.toml").write_text(
        'svcfx_session = 1\n[[stems]]\nfile = "tone.wav"\nrole = "pass"\n[master]\ntail_seconds = 0.0\n'
    )
    cells = [nbformat.v4.new_code_cell(text.replace("SINGER", repr(synthetic_voice))) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    places = {f"{name}_port": free_port() for name in ("shell", "iopub", "stdin", "hb", "control")}
    kernel = AsyncKernelManager(kernel_name="python3", cache_ports=False, **places)
    hangs = {"timeout": HANGS_SECONDS, "startup_timeout": HANGS_SECONDS}
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, km=kernel, resources=resources, **hangs).execute()
    return [_shown(cell) for cell in notebook.cells[1:]]


def _shown(cell):
    (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
    return result.data["text/html"]


@pytest.mark.slow
def test_every_object_shows_itself(executed, synthetic_voice):
    sound, lane, voice, board, sung, bounced = executed
    for heard in (sound, sung, bounced):
        assert heard.count("<audio controls") == 1
        assert "data:audio/ogg;base64," in heard
    assert "1.00 s" in sound
    assert "<polyline" in lane
    assert synthetic_voice in voice
    assert "transpose_semitones" in voice
    assert "threshold_db" in board
    assert "LUFS" in bounced
