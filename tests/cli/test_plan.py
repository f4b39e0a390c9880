"""`svcfx plan`: as text, as JSON, as a picture; what it cannot plan is refused."""

import json
from pathlib import Path


def test_a_vocal_is_planned_for_a_singer(svcfx, sung):
    sung(Path("vocal.wav"))
    done = svcfx("plan", "vocal.wav", "--voice", "vela", "--picture", "plan.png")
    assert done.exit_code == 0, done.output
    rows = [line for line in done.stdout.splitlines() if "%" in line and "#" in line]
    assert [line.split()[0] for line in rows if "<- suggested" in line] == ["+0"]
    assert "Suggestion: transpose the voice by +0: 0 semitones suits vela's" in done.stdout
    assert Path("plan.png").read_bytes()[:4] == b"\x89PNG"
    told = json.loads(svcfx("plan", "vocal.wav", "--voice", "vela", "--json").stdout)
    assert len(told["transpositions"]) == 25
    assert told["suggestion"]["transpose_semitones"] == 0


def test_nobody_named_and_a_voice_beside_a_session_are_refused(refused, sung):
    sung(Path("vocal.wav"))
    assert "nobody is named to sing it" in refused("plan", "vocal.wav")
    assert "which says who sings" in refused("plan", "song.toml", "--voice", "vela")
