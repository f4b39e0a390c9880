"""`svcfx presets`: what it prints, its exit codes, and that it never loses a file."""

import pytest
from click.testing import CliRunner

from svcfx import preset
from svcfx.cli.main import main


def run(*arguments):
    return CliRunner().invoke(main, ["presets", *map(str, arguments)])


def test_list_names_every_preset_with_its_use():
    done = run("list")
    assert done.exit_code == 0
    for name in preset.names():
        assert any(line.startswith(name) and "." in line for line in done.stdout.splitlines())


def test_show_prints_the_file_as_written():
    assert run("show", "drum-bus").stdout == preset.outline("drum-bus").text


def test_save_copies_and_the_copy_is_checked(tmp_path):
    done = run("save", "drum-bus", tmp_path / "mine")
    assert (done.exit_code, done.stdout.strip()) == (0, str(tmp_path / "mine.toml"))
    assert (tmp_path / "mine.toml").read_text() == preset.outline("drum-bus").text
    done = run("check", tmp_path / "mine.toml")
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path / 'mine.toml'}: 4 nodes, all right\n")


@pytest.mark.parametrize(
    ("on_exists", "code", "kept"),
    [(None, 2, True), ("error", 2, True), ("skip", 0, True), ("rename", 0, True), ("overwrite", 0, False)],
)
def test_a_file_is_never_lost_unasked(tmp_path, on_exists, code, kept):
    target = tmp_path / "mine.toml"
    target.write_text("precious")
    done = run("save", "drum-bus", target, *(["--on-exists", on_exists] if on_exists else []))
    assert done.exit_code == code
    assert (target.read_text() == "precious") == kept
    assert (tmp_path / "mine-2.toml").exists() == (on_exists == "rename")


def test_a_wrong_preset_is_one_sentence_and_exit_code_2(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('svcfx_preset = 1\nname = "x"\n[[nodes]]\nnode = "Gian"\n')
    done = run("check", path)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: preset '{path}': nodes[1]: no node is called 'Gian'")
    assert run("show", "nothing").exit_code == 2


@pytest.mark.parametrize("command", ["list", "show", "save", "check"])
def test_every_command_has_help(command):
    done = run(command, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout
