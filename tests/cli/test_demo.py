"""`svcfx demo`: a mix and a picture, nothing overwritten unasked, where the mix is on stdout."""

import os
from pathlib import Path

import click.testing
import numpy as np
import pytest

from svcfx import audio
from svcfx.cli import demo as command
from svcfx.cli.main import main
from svcfx.session import document

RATE = 44_100


@pytest.fixture
def short_song(tmp_path: Path, synthetic_voice: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second and a half of song in place of the bundled one; the working folder is empty."""
    time = np.arange(round(1.5 * RATE)) / RATE
    tone = sum(0.2 / k * np.sin(2 * np.pi * 220.0 * k * time) for k in range(1, 12))
    song = tmp_path / "demo"
    song.mkdir()
    audio.write(song / "lead.wav", tone[None].astype(np.float32), RATE)
    (song / "sung.toml").write_text(
        f'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n'
    )
    (song / "session.toml").write_text(
        'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sung.toml"\n'
        "[master]\ntail_seconds = 0.0\n[output]\nstems = true\n"
    )
    monkeypatch.setattr(command, "SESSION", song / "session.toml")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty


def run(*arguments: str) -> click.testing.Result:
    result = click.testing.CliRunner().invoke(main, ["demo", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_the_demo_says_where_mix_and_picture_are(short_song: Path) -> None:
    printed = run().stdout.split()
    assert printed == ["renders/demo/demo.wav", "renders/demo/demo.png"]
    assert audio.read(short_song / printed[0]).seconds == pytest.approx(1.5)
    assert (short_song / printed[1]).read_bytes().startswith(b"\x89PNG")


def test_a_second_demo_overwrites_nothing_unless_asked(short_song: Path) -> None:
    run()
    mix = short_song / "renders" / "demo" / "demo.wav"
    os.utime(mix, (1, 1))
    again = run()
    assert mix.stat().st_mtime == 1
    assert "renders/demo/demo.wav" in again.stdout
    assert "--on-exists overwrite" in again.stderr
    run("--on-exists", "overwrite", "-o", "renders/demo")
    assert mix.stat().st_mtime > 1


def test_a_picture_that_is_missing_is_drawn_from_what_is_there(short_song: Path) -> None:
    picture = short_song / run().stdout.split()[1]
    before = picture.read_bytes()
    picture.unlink()
    assert run().stdout.split() == ["renders/demo/demo.wav", "renders/demo/demo.png"]
    assert picture.read_bytes() == before


def test_rename_keeps_the_first_picture_beside_the_first_mix(short_song: Path) -> None:
    run()
    assert run("--on-exists", "rename").stdout.split()[0] == "renders/demo/demo.wav"  # the same is not made
    for path in (short_song / "renders" / "demo").rglob("*.json"):
        path.unlink()
    printed = run("--on-exists", "rename").stdout.split()
    assert printed == ["renders/demo/demo-2.wav", "renders/demo/demo-2.png"]


def test_a_quiet_demo_prints_its_results_alone(short_song: Path) -> None:
    result = run("--quiet", "-o", "here")
    assert result.stderr == ""
    assert result.stdout.split() == ["here/demo.wav", "here/demo.png"]


def test_the_tour_has_its_own_folder_and_a_picture_of_its_key_plan(
    short_song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tour = command.SESSION.rename(command.SESSION.with_name("tour.toml"))
    monkeypatch.setattr(command, "TOUR", tour)
    names = [f"renders/tour/{name}" for name in ("tour.wav", "tour.png", "tour-plan.png")]
    assert run("--tour").stdout.split() == names
    assert all((short_song / name).stat().st_size for name in names)
    again = run("--tour")
    assert again.stdout.split() == names
    assert "svcfx demo --tour --on-exists overwrite" in again.stderr


def test_the_bundled_session_is_where_the_command_looks() -> None:
    assert len(document.load(command.SESSION).session.stems) == 4
