"""Bad input through the real commands: one sentence, the right exit code, no traceback, no partial file.

`refused` checks all of that; the tests here say which sentence.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from svcfx import audio

RATE = 44_100
NATIVE = 'svcfx_preset = 1\nname = "native"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'


@pytest.fixture(autouse=True)
def _voice(synthetic_voice):
    return synthetic_voice


def _broken(kind: str, folder: Path, sung) -> Path:
    path = folder / f"stem.{'wav' if kind in ('missing', 'empty', 'nan', 'text') else kind}"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("la la la " * 400)
    elif kind == "nan":
        samples = np.zeros((RATE, 1), np.float32)
        samples[4_000] = np.nan
        soundfile.write(path, samples, RATE, subtype="FLOAT")
    elif kind != "missing":
        sung(path, seconds=2.0)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


STEMS = {
    "missing": "does not exist",
    "empty": "is empty (0 bytes)",
    "nan": "not finite at frame 4000, channel 0",
    "text": "is no audio file that svcfx reads",
    "wav": "is truncated: ",
    "flac": "is damaged: ",
    "ogg": "is truncated: ",
    "mp3": "is truncated: ",
}


@pytest.mark.parametrize("kind", STEMS)
def test_convert_refuses_a_broken_stem(refused, sung, tmp_path, kind):
    assert STEMS[kind] in refused("convert", _broken(kind, tmp_path, sung), "--voice", "tess")


@pytest.mark.parametrize("kind", STEMS)
def test_render_refuses_a_broken_stem(refused, sung, tmp_path, kind):
    session = _session(tmp_path, stem := _broken(kind, tmp_path, sung))
    assert STEMS[kind] in (message := refused("render", session, "-o", "out"))
    assert stem.name in message


def test_a_file_in_a_pipe_is_called_standard_input(refused):
    assert refused("convert", "-", "--voice", "tess", stdin=b"la la").startswith("standard input is no audio")
    assert refused("convert", "-", "--voice", "tess", stdin=b"") == "standard input is empty (0 bytes)"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--voice", "tes"), "no voice is called 'tes' (did you mean 'tess'?)"),
        (("-t", "99"), "transpose_semitones is 99 st, outside -36 to 36 st"),
        (("-t", "nan"), "transpose_semitones is nan st, outside -36 to 36 st"),
        (("--mix", "1.5"), "mix is 1.5 ratio, outside 0 to 1 ratio"),
        (("--pitch", "crêpe"), "pitch is 'crêpe', allowed are swift, "),
        (("-t", "8va"), "transpose_semitones is '8va', must be a number from -36 to 36 st"),
        (("-n", "0.2"), "voice 'tess' has no prior noise, so noise must be 0.4"),
        (("-r", "0.5"), "voice 'tess' has no index, so index_rate must be 0"),
        (("--diffusion-steps", "2.5"), "diffusion_steps is 2.5, must be a whole number from 1 to 1000 steps"),
        (("--enhance", "13"), "enhancer_key is 13 st, outside 0 to 12 st"),
        (("--blend-with", "tom"), "voice 'tess' has no second singer, so blend_with must be left out"),
        (("-c", "config.json"), "--config-path belongs to a --model-path, which is missing"),
        (("-v", "tess", "-m", "G_0.pth"), "--voice is 'tess' and --model-path 'G_0.pth'"),
        (("--seed", "-1"), "seed is -1, outside 0 to 4294967295"),
        (("--tail", "inf"), "tail is inf s, outside 0 to 60 s"),
        (("--name", "{stern}"), "name template has no variable 'stern' (did you mean 'stem'?)"),
        (("--name", "../{stem}"), "name template '../{stem}' holds a folder"),
        (("-o", "out.flac", "--encoding", "float"), "FLAC holds no float samples"),
        (("-o", "out.flac", "--format", "mp3"), "the output 'out.flac' is no mp3"),
        (("--transpos", "5"), "No such option '--transpos'."),
    ],
)
def test_convert_refuses_a_wrong_option(refused, sung, tmp_path, options, sentence):
    voice = () if {"--voice", "-v", "-c"} & {*options} else ("--voice", "tess")
    assert refused("convert", sung(tmp_path / "a.wav"), *voice, *options).startswith(sentence)


def test_convert_says_at_once_that_weights_of_a_tracker_are_not_here(refused, sung, tmp_path):
    said = refused("convert", sung(tmp_path / "a.wav"), "--voice", "tess", "--pitch", "rmvpe", code=1)
    assert said.startswith("pitch rmvpe needs weights that are not here yet")


def test_convert_refuses_what_would_lose_a_file(refused, sung, tmp_path):
    one, two = sung(tmp_path / "a.wav"), sung(tmp_path / "b.wav")
    voice = ("--voice", "tess")
    message = refused("convert", one, *voice, "-o", one, "--on-exists", "overwrite")
    assert message == f"the output '{one}' of '{one}' is the input '{one}'"
    assert "is one file and there are 2 inputs" in refused("convert", one, two, *voice, "-o", "out.wav")
    before = two.read_bytes()
    assert refused("convert", one, *voice, "-o", two) == f"'{two}' exists already"
    assert two.read_bytes() == before


def test_an_error_of_a_node_names_the_file(refused, sung, tmp_path):
    sentence = refused("convert", sung(tmp_path / "a.wav", rate=4_000), "--voice", "tess")
    assert sentence == "'a.wav': sample_rate is 4000 Hz, outside 8000 to 192000 Hz"


def test_a_rate_that_mp3_does_not_hold_is_refused_before_rendering(refused, sung, tmp_path):
    source = sung(tmp_path / "a.wav", rate=96_000)
    sentence = refused("convert", source, "--voice", "tess", "--format", "mp3")
    assert "would be at 96000 Hz, MP3 holds 8000, 11025" in sentence


def _preset(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('"Gain"', '"Gian"', "(did you mean 'Gain'?)"),
        ("gain_db", "gain_bd", "(did you mean 'gain_db'?)"),
        ("-6.0", "600.0", "outside -200 to 100 dB"),
        ("-6.0", "nan", "nan"),
        ("svcfx_preset = 1", "svcfx_preset = 9", "svcfx_preset"),
        ("[[nodes]]", "[[node]]", "(did you mean 'nodes'?)"),
        ("[[nodes]]", "[[nodes", "mine.toml"),
        (
            'node = "Gain"\ngain_db = -6.0',
            'node = "VoiceConversion"\nvoice = "tes"',
            "(did you mean 'tess'?)",
        ),
    ],
)
def test_batch_refuses_a_wrong_preset(refused, sung, tmp_path, before, after, sentence):
    assert before in NATIVE
    preset = _preset(tmp_path, NATIVE.replace(before, after))
    message = refused("batch", sung(tmp_path / "a.wav"), "-p", preset)
    assert sentence in message
    assert "mine.toml" in message


def test_batch_names_the_nearest_preset(refused, sung, tmp_path):
    _preset(tmp_path, NATIVE)
    source = sung(tmp_path / "a.wav")
    assert "(did you mean 'mine.toml'?)" in refused("batch", source, "-p", tmp_path / "mien.toml")
    assert "no preset is called 'no-such-preset'" in refused("batch", source, "-p", "no-such-preset")


@pytest.mark.parametrize("escape", ["dots", "absolute", "link"])
def test_a_preset_from_elsewhere_does_not_reach_outside_its_folder(refused, sung, tmp_path, escape):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    secret = tmp_path / "secret.toml"
    secret.write_text(NATIVE)
    (folder / "link.toml").symlink_to(secret)
    written = {"dots": "../secret.toml", "absolute": str(secret), "link": "link.toml"}[escape]
    preset = _preset(folder, f'svcfx_preset = 1\nname = "mine"\nextends = "{written}"\n')
    assert "leads outside the preset's folder" in refused("batch", sung(tmp_path / "a.wav"), "-p", preset)


def test_a_plugin_by_path_needs_leave(refused, sung, tmp_path):
    preset = _preset(tmp_path, 'svcfx_preset = 1\nname = "x"\n[[nodes]]\nnode = "VST3"\nfile = "evil.vst3"\n')
    message = refused("batch", sung(tmp_path / "a.wav"), "-p", preset)
    assert "evil.vst3" in message


def _session(folder: Path, *stems: object, more: str = "") -> Path:
    path = folder / "session.toml"
    listed = "".join(
        f'[[stems]]\nfile = "{getattr(stem, "name", stem)}"\nrole = "accompaniment"\n' for stem in stems
    )
    path.write_text(f"svcfx_session = 1\n{listed}{more}")
    return path


@pytest.mark.parametrize("escape", ["dots", "absolute", "link", "one up"])
def test_a_session_from_elsewhere_does_not_reach_outside_its_folder(refused, sung, tmp_path, escape):
    folder = tmp_path / "down" / "elsewhere"
    folder.mkdir(parents=True)
    secret = sung(tmp_path / "secret.wav")
    (folder / "link.wav").symlink_to(secret)
    sung(tmp_path / "down" / "near.wav")
    written = {
        "dots": "../../secret.wav",
        "absolute": str(secret),
        "link": "link.wav",
        "one up": "../near.wav",
    }[escape]
    message = refused("render", _session(folder, written), "-o", "out")
    assert "leads outside the session's folder" in message
    assert "stems[1].file" in message


def test_the_user_s_own_stems_beside_the_session_work(svcfx, sung, tmp_path):
    (tmp_path / "song").mkdir()
    (tmp_path / "stems").mkdir()
    sung(tmp_path / "stems" / "lead.wav")
    result = svcfx("render", _session(tmp_path / "song", "../stems/lead.wav"), "-o", "out", "--quiet")
    assert result.exit_code == 0, result.output
    assert Path(result.stdout.splitlines()[0]).is_file()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("gain = 3\n", "(did you mean 'gain_db'?)"),
        ("gain_db = 300.0\n", "gain_db"),
        ('preset = "no-such-preset"\n', "no preset is called 'no-such-preset'"),
        ('[stems.automation]\n"gain.gain_db" = [[0, 1]]\n', "there is no preset"),
    ],
)
def test_render_refuses_a_wrong_session(refused, sung, tmp_path, more, sentence):
    assert sentence in refused("render", _session(tmp_path, sung(tmp_path / "a.wav"), more=more), "-o", "out")


@pytest.mark.parametrize("command", ["convert", "batch", "render"])
def test_a_read_only_folder_is_said_before_rendering(refused, sung, tmp_path, read_only_folder, command):
    line = _command(command, tmp_path, sung(tmp_path / "a.wav"))
    assert "read-only" in refused(*line, "-o", read_only_folder, code=1)
    assert str(read_only_folder) in refused(*line, "-o", read_only_folder / "new" / "folder", code=1)


@pytest.mark.parametrize("command", ["convert", "render"])
def test_a_full_disk_leaves_nothing(refused, sung, tmp_path, small_disk, command):
    line = _command(command, tmp_path, sung(tmp_path / "a.wav", seconds=8.0))
    assert refused(*line, "-o", small_disk, code=1).endswith("could not be written: the disk is full")
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []


def test_a_file_where_the_folder_should_be_is_said(refused, sung, tmp_path):
    line = _command("convert", tmp_path, sung(tmp_path / "a.wav"))
    Path("out").write_text("a file")
    message = refused(*line, "-o", "out/deeper", code=1)
    assert message == f"'out/deeper' cannot be a folder: '{Path.cwd() / 'out'}' is a file"


def _command(command: str, folder: Path, source: Path) -> tuple[object, ...]:
    return {
        "convert": ("convert", source, "--voice", "tess", "--mix", "0"),
        "batch": ("batch", source, "-p", _preset(folder, NATIVE)),
        "render": ("render", _session(folder, source)),
    }[command]


def test_inspect_says_when_there_is_no_recipe(refused, sung, tmp_path):
    assert "has no recipe" in refused("inspect", sung(tmp_path / "a.wav"))


def test_names_that_no_terminal_can_show_do_not_break_the_run(svcfx, sung, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n.wav"))
    sung(tmp_path / "a.wav").rename(odd)
    result = svcfx("convert", odd, "--voice", "tess", "--mix", "0")
    assert result.exit_code == 0, result.output
    assert len(list(Path("renders").glob("*.wav"))) == 1


def test_a_real_process_prints_one_sentence_and_no_traceback(tmp_path):
    source = tmp_path / "grüße.wav"
    source.write_text("la la la")
    done = subprocess.run(
        [sys.executable, "-m", "svcfx", "convert", str(source), "--mix", "0", "--voice", "tess", "-o", "out"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_pipe_that_does_not_fit_is_said(refused, sung, tmp_path, small_disk, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    whole = sung(tmp_path / "a.wav", seconds=8.0).read_bytes()
    sentence = refused("convert", "-", "--voice", "tess", stdin=whole, code=1)
    assert sentence == f"standard input could not be kept in '{small_disk}': no space left on device"
    assert list(small_disk.iterdir()) == []


def test_a_full_standard_output_is_said(sung, tmp_path, capfd, monkeypatch, synthetic_voice):
    from svcfx.cli.main import main

    source = sung(tmp_path / "a.wav")
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            main(["convert", str(source), "-o", "-", "--voice", "tess", "--mix", "0", "--quiet"])
    assert ended.value.code == 1
    assert capfd.readouterr().err == "Error: standard output could not be written: no space left on device\n"


AT_WORK = """
import sys, time
from svcfx.chain.parametric import stream
from svcfx.cli.main import main

real = stream.SliceEngine._advance

def told(*words):
    real(*words)
    print("at work", file=sys.stderr, flush=True)
    time.sleep(3600)

stream.SliceEngine._advance = told
main()
"""
"""The program itself, which says that its first slice is done and goes no further."""


@pytest.mark.parametrize("stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ctrl_c_or_sigterm_ends_a_real_process_with_130_and_no_file(tmp_path, sung, stop):
    source = sung(tmp_path / "long.wav", seconds=2.0)
    words = ["convert", str(source), "--voice", "tess", "-o", "out", "--no-cache"]
    run = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, *words],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's "&" has it ignored
    )
    assert run.stderr is not None
    assert run.stderr.readline() == "convert long.wav\n"
    assert run.stderr.readline() == "at work\n"
    run.send_signal(stop)
    rest = run.communicate(timeout=900)[1]
    assert run.returncode == 130
    assert rest == "Interrupted; no partial file was left.\n"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_the_fixture_would_see_a_partial_file(refused, sung, tmp_path, monkeypatch):
    """`refused` itself: a command that leaves a file behind is found out."""
    from svcfx.session import isolate

    def leaves_a_file(path):
        Path("partial.wav").touch()
        raise audio.AudioFileError("broken")

    monkeypatch.setattr(isolate.audio, "read", leaves_a_file)
    with pytest.raises(AssertionError):
        refused("convert", sung(tmp_path / "a.wav"), "--voice", "tess")
