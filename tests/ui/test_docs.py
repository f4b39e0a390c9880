"""docs/studio.md: its program runs, and every call that it lists is one."""

import re
from pathlib import Path

import pytest
from ui.browser import served

from svcfx import audio

PAGE = (Path(__file__).parents[2] / "docs" / "studio.md").read_text()


@pytest.mark.slow
def test_the_program_renders_a_song_two_semitones_up(folder, monkeypatch, capsys):
    (folder / "session.toml").write_text(
        'svcfx_session = 1\n[tempo]\nbpm = 240.0\n[[stems]]\nfile = "lead vox.wav"\nrole = "pass"\n'
    )
    program = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    monkeypatch.chdir(folder)
    with served(folder) as url:
        base, _, token = url.partition("/#token=")
        given = f'BASE, TOKEN = "{base}", "{token}"'
        exec(compile(re.sub("BASE, TOKEN = .*", given, program), "docs/studio.md", "exec"), {})
    assert capsys.readouterr().out.startswith("done -")
    assert audio.read(folder / "mix.wav").seconds == pytest.approx(4.0)


def test_every_call_of_the_page_is_in_the_api(api):
    paths = set(api.client.get("/openapi.json").json()["paths"])
    for first, more in re.findall(r"^\| `(?:GET|PATCH|POST|PUT) (/api/[^`]*)`(.*?) \|", PAGE, re.MULTILINE):
        assert first in paths
        for other in re.findall(r"`([a-z/{}]+)`", more):
            assert f"{first.rpartition('/')[0]}/{other}" in paths
