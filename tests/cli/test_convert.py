"""`svcfx convert` from files to files, with a small made-up voice."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli.conftest import vowel

from svcfx import audio
from svcfx.formats import sndfile
from svcfx.session import recipe


@pytest.fixture(autouse=True)
def _voice(synthetic_voice):
    return synthetic_voice


def test_a_vocal_is_sung_by_another_voice_and_keeps_its_form(svcfx, sung, tmp_path):
    for name, channels, rate in [("mono.wav", 1, 22_050), ("stereo.flac", 2, 48_000)]:
        source = sung(tmp_path / name, channels=channels, rate=rate)
        result = svcfx("convert", source, "--voice", "tess", "-t", "5", "--quiet")
        assert result.exit_code == 0, result.output
        made = Path("renders") / f"{source.stem}_tess_+5.wav"
        assert result.stdout == f"{made}\n"
        assert result.stderr == ""
        before, after = audio.read(source), audio.read(made)
        assert (after.sample_rate, after.samples.shape) == (before.sample_rate, before.samples.shape)
        assert np.max(np.abs(after.samples - before.samples)) > 0.01


def test_the_recipe_says_how(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    svcfx("convert", source, "--voice", "tom", "-t", "-3", "--formant", "1.5", "--seed", "7", "-o", "out.wav")
    made = recipe.read(Path("out.wav"))
    assert made.statement == "converted by svcfx"
    assert (made.kind, made.seed, made.voices[0].name, made.voices[0].licence) == (
        "convert",
        7,
        "tom",
        "none",
    )
    assert (made.settings["transpose_semitones"], made.settings["formant_semitones"]) == (-3.0, 1.5)
    assert made.inputs[0].file == "a.wav"
    assert made.inputs[0].sha256 == recipe.file_sha256(source)
    assert recipe.is_unchanged(Path("out.wav"), made)


@pytest.mark.bytes
def test_the_same_command_gives_the_same_bytes(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    for out in ("one", "two"):
        svcfx("convert", source, "--voice", "tess", "-o", out)
    files = [Path(out) / "a_tess_0.wav" for out in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert recipe.sidecar(files[0]).read_bytes() == recipe.sidecar(files[1]).read_bytes()


def test_at_mix_zero_the_file_comes_back_to_the_bit(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav", channels=2)
    svcfx("convert", source, "--voice", "tess", "--mix", "0", "-o", "out.wav")
    assert audio.read(Path("out.wav")).samples.tobytes() == audio.read(source).samples.tobytes()


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg"])
def test_other_formats_by_option_and_by_name(svcfx, sung, tmp_path, suffix):
    source = sung(tmp_path / "a.wav")
    assert svcfx("convert", source, "--voice", "tess", "--mix", "0", "--format", suffix).exit_code == 0
    assert svcfx("convert", source, "--voice", "tess", "--mix", "0", "-o", f"b.{suffix}").exit_code == 0
    for made in (Path("renders") / f"a_tess_0.{suffix}", Path(f"b.{suffix}")):
        assert audio.probe(made) == audio.probe(source)


def test_a_tail_is_added_when_asked_for(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    svcfx("convert", source, "--voice", "tess", "--mix", "0", "--tail", "0.25", "-o", "out.wav")
    assert audio.probe(Path("out.wav")).frames == audio.probe(source).frames + 11_025


def test_a_pipe_takes_a_wav_and_gives_a_wav(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    result = svcfx("convert", "-", "--voice", "tess", "--mix", "0", stdin=source.read_bytes())
    assert result.exit_code == 0, result.stderr
    samples, rate = soundfile.read(io.BytesIO(result.stdout_bytes), dtype="float32", always_2d=True)
    assert rate == 44_100
    assert samples.T.tobytes() == audio.read(source).samples.tobytes()
    assert list(Path.cwd().iterdir()) == []


def test_a_pipe_into_a_file_and_a_file_into_a_pipe(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    assert svcfx("convert", "-", "-o", "out.wav", "--voice", "tess", stdin=source.read_bytes()).exit_code == 0
    piped = svcfx("convert", source, "-o", "-", "--voice", "tess")
    assert piped.stdout_bytes == Path("out.wav").read_bytes()


def test_a_dry_run_says_where_and_writes_nothing(svcfx, sung, tmp_path):
    source = sung(tmp_path / "a.wav")
    result = svcfx("convert", source, "--voice", "tess", "--dry-run", "--quiet")
    assert result.exit_code == 0
    assert str(Path("renders") / "a_tess_0.wav") in result.stdout
    assert list(Path.cwd().iterdir()) == []


def test_json_is_one_object_a_file(svcfx, sung, tmp_path):
    good, bad = sung(tmp_path / "a.wav"), tmp_path / "b.wav"
    bad.write_text("no sound")
    result = svcfx("convert", good, bad, "--voice", "tess", "--json")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["status"], first["output"], first["audio_seconds"]) == ("done", "renders/a_tess_0.wav", 0.5)
    assert (second["status"], second["error"]["code"]) == ("failed", "AudioFileError")
    assert result.exit_code == 3


def test_a_conversion_over_full_scale_is_turned_down_and_that_is_said(svcfx, tmp_path):
    audio.write(tmp_path / "a.wav", np.full((1, 9000), 1.5, np.float32), 44_100, encoding="float")
    out = tmp_path / "out.wav"
    result = svcfx("convert", tmp_path / "a.wav", "--voice", "tess", "--mix", "0", "-o", out)
    over_db = 20.0 * np.log10(1.5)
    said = float(result.stderr.split("turned down by ")[1].split(" dB")[0])
    assert over_db < said < over_db + 0.2
    assert 0.97 < np.abs(audio.read(out).samples).max() < 1.0


@pytest.mark.parametrize("command", ["convert", "batch"])
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("noise", "nothing is sung in it: hardly anything has a pitch (0% of what is loud)"),
        ("silence", "nothing is sung in it: hardly anything has a pitch (0% of what is loud)"),
        ("chord", "it holds several notes at once"),
        ("voice", ""),
    ],
)
def test_input_that_no_voice_sings_is_said_at_a_fixed_transposition(svcfx, tmp_path, command, made, said):
    voice = [vowel(2.0, hz=hz) for hz in (220.0, 277.2, 329.6)]
    loud = np.random.default_rng(1).standard_normal(voice[0].shape).astype(np.float32)
    wave = {"noise": 0.1 * loud, "silence": 0 * loud, "chord": sum(voice) / 3, "voice": voice[0]}[made]
    audio.write(tmp_path / "a.wav", wave, 44_100)
    preset = tmp_path / "sung.toml"
    preset.write_text(
        'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\n'
    )
    how = ("-v", "tess", "-t", 3) if command == "convert" else ("-p", preset)
    result = svcfx(command, tmp_path / "a.wav", *how, "-o", "out.wav")
    assert result.exit_code == 0, result.output
    notes = [line for line in result.stderr.splitlines() if "'a.wav'" in line]
    assert (said in notes[0]) if said else (notes == [])
    assert [said in note for note in recipe.read(Path("out.wav")).notes] == ([True] if said else [])


def test_a_stereo_vocal_that_loses_its_sides_is_said(svcfx, sung, tmp_path):
    source = tmp_path / "wide.wav"
    wave = audio.read(sung(tmp_path / "a.wav")).samples
    audio.write(source, np.concatenate([wave, -0.9 * wave]), 44_100)
    result = svcfx("convert", source, "--voice", "tess", "-o", "out.wav")
    assert "Warning: 'wide.wav':" in result.stderr
    assert recipe.read(Path("out.wav")).notes


def test_an_existing_result_is_refused_skipped_overwritten_or_renamed(svcfx, sung, tmp_path):
    command = ("convert", sung(tmp_path / "a.wav"), "--voice", "tess", "--mix", "0")
    svcfx(*command)
    made = Path("renders") / "a_tess_0.wav"
    made.write_bytes(b"mine")
    assert svcfx(*command).exit_code == 2
    assert svcfx(*command, "--on-exists", "skip").exit_code == 0
    assert made.read_bytes() == b"mine"
    assert svcfx(*command, "--on-exists", "rename").stdout == "renders/a_tess_0-2.wav\n"
    assert made.read_bytes() == b"mine"
    svcfx(*command, "--on-exists", "overwrite")
    assert made.read_bytes() != b"mine"


def test_an_interrupt_leaves_no_partial_file(svcfx, sung, tmp_path, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    source = sung(tmp_path / "a.wav")
    monkeypatch.setattr(sndfile.soundfile.SoundFile, "write", interrupted)
    result = svcfx("convert", source, "--voice", "tess")
    assert result.exit_code == 130
    assert "Interrupted" in result.stderr
    assert [path for path in Path.cwd().rglob("*") if path.is_file()] == []
