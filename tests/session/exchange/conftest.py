"""Songs to send out and bring back."""

import numpy as np
import pytest

from svcfx.session import document, grid, overview
from svcfx.session.bounce import bounce
from svcfx.session.exchange import FORMATS, doors

RATE = 44_100
WHOLE = """title = "Round & <round>"
[midi]
file = "song.mid"
key_from = "none"
[[stems]]
file = "a.wav"
name = "lead \\"1\\""
role = "lead"
gain_db = -2.7
pan = 0.3
to = "vocals"
sends = [{ bus = "room", gain_db = -12.5 }, { bus = "echo", gain_db = -3.0, tap = "pre" }]
[stems.automation]
gain_db = [[0.0, -6.0], [0.5, 0.0], [1.0, -60.0]]
"sends.room.gain_db" = [[0.2, -12.0], [0.4, -120.0]]
[[stems]]
file = "b.wav"
role = "drums"
start_seconds = 0.31
[stems.automation]
pan = { points = [[0.4, -1.0], [0.7, 1.0]], interpolation = "step" }
[[stems]]
file = "c.wav"
role = "backing"
mute = true
[[buses]]
name = "vocals"
gain_db = 1.1
to = "all"
[[buses]]
name = "all"
pan = -0.2
[[buses]]
name = "room"
gain_db = -6.0
solo = true
[[buses]]
name = "echo"
"""


@pytest.fixture
def noises(song):
    """Stems `a` to `c` of a second and more of noise each."""
    random = np.random.default_rng(1)
    for number, name in enumerate("abc"):
        frames = round(RATE * (1.0 + 0.1 * number))
        song.stem(f"{name}.wav", (0.1 * random.standard_normal((2, frames))).astype(np.float32))


@pytest.fixture
def whole(song, make, noises):
    """A session with all that other programs know of one."""
    import mido

    marks = [(480 * 4 * n, mido.MetaMessage("marker", text=f"part {n}")) for n in range(3)]
    meters = [(480 * 4, mido.MetaMessage("time_signature", numerator=6, denominator=8))]
    song.midi("song.mid", [make["tempo"](0, 96.3), *meters, make["tempo"](480 * 8, 141)], marks)
    return document.load(song.session(WHOLE))


@pytest.fixture
def mixed(tmp_path):
    """Renders a session; gives the mix's bytes."""

    def rendered(path):
        return bounce(path, tmp_path / f"out-{path.parent.name}").mix[0].read_bytes()

    return rendered


@pytest.fixture
def facts():
    """What a session says of its strips and its time, in seconds, by name."""

    def said(found):
        session, timeline = found.session, overview.timeline_of(found)
        apart = {"file", "start_bar", "name"}
        return {
            "strips": [each.model_dump(exclude=apart) for each in (*session.stems, *session.buses)],
            "title": session.title,
            "tempos": grid.tempos(timeline),
            "bars": grid.bars(timeline, 20.0),
            "markers": grid.markers(timeline),
        }

    return said


@pytest.fixture(params=FORMATS)
def there_and_back(request, tmp_path):
    """Sends a session out and brings it back; gives the new one and what was lost on either way."""

    def sent(found):
        left = doors.take_out(found, found.path.parent / f"song.{request.param}")
        back = doors.bring_in(left.path, tmp_path / "back")
        return document.load(back.session), (*left.lost, *back.lost)

    return sent
