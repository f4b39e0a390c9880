"""`svcfx batch`: folders in, folders out; the broken files do not stop the others."""

import json
from pathlib import Path

import numpy as np
import pytest

from svcfx import audio
from svcfx.session import recipe
from svcfx.session.journal import FOLDER

QUIETER = 'svcfx_preset = 1\nname = "quieter"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'


@pytest.fixture
def quieter(tmp_path) -> Path:
    """A preset of one native plugin."""
    path = tmp_path / "quieter.toml"
    path.write_text(QUIETER)
    return path


@pytest.fixture
def takes(tmp_path, sung) -> Path:
    """A folder of five vocals, two of them in folders below; some files that are none."""
    folder = tmp_path / "takes"
    for name, options in {
        "take 2.wav": {"channels": 2},
        "take 10.flac": {"rate": 48_000},
        "chorus/high.wav": {"rate": 22_050},
        "chorus/deep/low.ogg": {},
        "solo.mp3": {},
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        sung(folder / name, **options)
    (folder / "notes.txt").write_text("no audio")
    (folder / ".hidden.wav").write_text("no audio")
    return folder


def files_in(folder: Path) -> list[Path]:
    """All files below a folder but the journal."""
    found = [path for path in folder.rglob("*") if FOLDER not in path.parts and path.is_file()]
    return sorted(found)


def test_a_folder_is_mirrored(svcfx, takes, quieter):
    result = svcfx("batch", takes, "-p", quieter, "-o", "out", "--quiet")
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    made = {str(path.relative_to("out")) for path in Path("out").rglob("*.wav")}
    assert made == {
        "take 2_quieter.wav",
        "take 10_quieter.wav",
        "chorus/high_quieter.wav",
        "chorus/deep/low_quieter.wav",
        "solo_quieter.wav",
    }
    for path in Path("out").rglob("*.wav"):
        source = next(takes.rglob(f"{path.stem.removesuffix('_quieter')}.*"))
        assert audio.probe(path) == audio.probe(source)
        expected = audio.read(source).samples * 10 ** (-6 / 20)
        np.testing.assert_allclose(audio.read(path).samples, expected, atol=2e-7)
        made_by = recipe.read(path)
        assert made_by.inputs[0].file == source.relative_to(takes).as_posix()
        assert made_by.inputs[1].kind == "preset"


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_what_would_exceed_full_scale_is_turned_down_by_the_amount_that_is_said(svcfx, tmp_path, form):
    louder = tmp_path / "louder.toml"
    louder.write_text(QUIETER.replace("-6.0", "9.0"))
    wave = 0.8 * np.sin(np.arange(44_100) * 0.05, dtype=np.float32)[None]
    audio.write(tmp_path / "hot.wav", wave, 44_100)
    result = svcfx("batch", tmp_path / "hot.wav", "-p", louder, "--format", form)
    made = audio.read(Path(f"renders/hot_louder.{form}")).samples
    down_db = float(result.stderr.split("turned down by ")[1].split(" dB")[0])
    assert np.abs(made).max() < 1.0
    np.testing.assert_allclose(made, wave * 10 ** ((9.0 - down_db) / 20), atol=0.01)
    assert "turned down by" in recipe.read(Path(f"renders/hot_louder.{form}")).notes[0]


def test_a_float_file_keeps_what_exceeds_full_scale(svcfx, tmp_path):
    louder = tmp_path / "louder.toml"
    louder.write_text(QUIETER.replace("-6.0", "9.0"))
    wave = 0.8 * np.sin(np.arange(44_100) * 0.05, dtype=np.float32)[None]
    audio.write(tmp_path / "hot.wav", wave, 44_100)
    result = svcfx("batch", tmp_path / "hot.wav", "-p", louder, "--encoding", "float")
    assert "turned down" not in result.stderr
    made = audio.read(Path("renders/hot_louder.wav")).samples
    np.testing.assert_allclose(made, wave * 10 ** (9.0 / 20), atol=1e-5)


def test_the_table_at_the_end_is_in_natural_order_and_counts(svcfx, takes, quieter):
    lines = svcfx("batch", takes, "-p", quieter, "-o", "out").stdout.splitlines()
    assert lines[0].split() == ["FILE", "STATUS", "RESULT"]
    labels = [line.split("  ")[0] for line in lines[1:-1]]
    assert labels == ["solo.mp3", "take 2.wav", "take 10.flac", "chorus/high.wav", "chorus/deep/low.ogg"]
    assert lines[-1] == "5 done"


def test_broken_files_fail_alone_and_the_run_ends_with_3(svcfx, takes, quieter):
    (takes / "empty.wav").touch()
    (takes / "lyrics.wav").write_text("la la la")
    cut = takes / "chorus" / "cut.wav"
    cut.write_bytes((takes / "take 2.wav").read_bytes()[:5000])
    result = svcfx("batch", takes, "-p", quieter, "-o", "out")
    assert result.exit_code == 3
    assert "Error: 3 of 8 files failed; the others are on disk" in result.stderr
    assert "5 done, 3 failed" in result.stdout
    for name, why in [
        ("empty.wav", "0 bytes"),
        ("lyrics.wav", "no audio file"),
        ("chorus/cut.wav", "truncated"),
    ]:
        row = next(line for line in result.stdout.splitlines() if line.startswith(name))
        assert "failed" in row
        assert why in row
    assert len(list(Path("out").rglob("*.wav"))) == 5
    assert len(list(Path("out").rglob("*.json"))) == 5
    assert len(files_in(Path("out"))) == 10


@pytest.mark.parametrize("count", [1, 2])
def test_when_all_fail_the_run_ends_with_2(svcfx, tmp_path, quieter, count):
    bad = [tmp_path / f"bad{index}.wav" for index in range(count)]
    for path in bad:
        path.write_text("la la la")
    result = svcfx("batch", *bad, "-p", quieter)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "bad0.wav" in result.stderr


def test_a_full_disk_fails_the_files_that_do_not_fit(svcfx, tmp_path, sung, quieter, small_disk):
    short, long = sung(tmp_path / "a.wav"), sung(tmp_path / "b.wav", seconds=10.0)
    result = svcfx("batch", short, long, "-p", quieter, "-o", small_disk)
    assert result.exit_code == 3
    assert "the disk is full" in result.stdout
    assert {path.name for path in files_in(small_disk)} == {"a_quieter.wav", "a_quieter.wav.json"}


def test_a_full_disk_for_all_ends_with_1(svcfx, tmp_path, sung, quieter, small_disk):
    files = [sung(tmp_path / f"{name}.wav", seconds=10.0) for name in "ab"]
    assert svcfx("batch", *files, "-p", quieter, "-o", small_disk).exit_code == 1
    assert files_in(small_disk) == []


def test_an_unexpected_error_of_one_file_keeps_its_traceback_and_the_others_go_on(
    svcfx, takes, quieter, monkeypatch, caplog
):
    from svcfx.session import isolate

    real = isolate.audio.read

    def read(path):
        return 1 / 0 if path.name == "solo.mp3" else real(path)

    monkeypatch.setattr(isolate.audio, "read", read)
    result = svcfx("batch", takes, "-p", quieter, "-o", "out")
    assert result.exit_code == 3
    assert "4 done, 1 failed" in result.stdout
    assert "ZeroDivisionError" in caplog.text
    assert "Traceback" in caplog.text


def test_a_second_run_skips_what_is_there(svcfx, takes, quieter):
    svcfx("batch", takes, "-p", quieter, "-o", "out")
    (Path("out") / "solo_quieter.wav").unlink()
    result = svcfx("batch", takes, "-p", quieter, "-o", "out", "--on-exists", "skip")
    assert result.stdout.splitlines()[-1] == "1 done, 4 skipped"


def test_results_inside_the_folder_are_no_inputs_of_the_next_run(svcfx, takes, quieter):
    first = svcfx("batch", takes, "-p", quieter, "-o", takes / "renders")
    again = svcfx("batch", takes, "-p", quieter, "-o", takes / "renders", "--on-exists", "overwrite")
    assert first.stdout == again.stdout


def test_a_parameter_can_be_set(svcfx, tmp_path, sung, quieter):
    source = sung(tmp_path / "a.wav")
    svcfx("batch", source, "-p", quieter, "--set", "gain.gain_db=-12", "-o", "out")
    made = Path("out") / "a_quieter.wav"
    expected = audio.read(source).samples * 10 ** (-12 / 20)
    np.testing.assert_allclose(audio.read(made).samples, expected, atol=2e-7)
    assert recipe.read(made).settings == {"set": {"gain.gain_db": "-12"}}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("gain.gain_dB=-12", "'gain' has no parameter 'gain_dB' (did you mean 'gain_db'?)"),
        ("gian.gain_db=-12", "no node is called 'gian' (did you mean 'gain'?)"),
        ("gain.gain_db=999", "gain.gain_db is 999, outside -200 to 100 dB"),
        ("gain.gain_db=nan", "gain.gain_db is nan, outside"),
        ("gain.gain_db=loud", "gain.gain_db is 'loud', must be a number"),
        ("gain.gain_db", "'gain.gain_db' sets nothing"),
    ],
)
def test_a_wrong_setting_is_refused_before_any_file(refused, sung, tmp_path, quieter, setting, message):
    assert message in refused("batch", sung(tmp_path / "a.wav"), "-p", quieter, "--set", setting)


def test_a_preset_with_a_voice_sings_and_its_names_know_it(svcfx, sung, tmp_path, synthetic_voice):
    preset = tmp_path / "duet.toml"
    preset.write_text(
        QUIETER.replace("quieter", "duet")
        + '[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\ntranspose_semitones = 3.0\n'
    )
    command = (
        "batch",
        sung(tmp_path / "a.wav"),
        "-p",
        preset,
        "--name",
        "{stem}-{voice}{transpose}-{preset}",
    )
    result = svcfx(*command, "--set", "voice.voice=tom", "--quiet")
    assert result.exit_code == 0, result.output
    made = recipe.read(Path("renders") / "a-tom+3-duet.wav")
    assert made.statement == "converted by svcfx"
    assert [voice.name for voice in made.voices] == ["tom"]


def test_two_inputs_of_one_name_are_refused_before_any_work(refused, svcfx, tmp_path, sung, quieter):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    pair = [sung(tmp_path / name / "lead.wav") for name in ("x", "y")]
    assert "would both write 'renders/lead_quieter.wav'" in refused("batch", *pair, "-p", quieter)
    renamed = svcfx("batch", *pair, "-p", quieter, "--on-exists", "rename")
    assert "lead_quieter-2.wav" in renamed.stdout


def test_a_dry_run_plans_all_and_writes_nothing(svcfx, takes, quieter):
    (takes / "empty.wav").touch()
    result = svcfx("batch", takes, "-p", quieter, "--dry-run", "--json")
    assert result.exit_code == 0
    files = [json.loads(line) for line in result.stdout.splitlines()]
    assert [file["status"] for file in files].count("planned") == 5
    assert next(file for file in files if file["file"] == "empty.wav")["error"]["code"] == "AudioFileError"
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.bytes
def test_two_processes_make_the_bytes_of_one_and_a_broken_file_still_fails_alone(
    svcfx, takes, tmp_path, synthetic_voice
):
    preset = tmp_path / "sung.toml"
    preset.write_text(
        'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\n'
        '[[nodes]]\nnode = "Reverb"\n'
    )
    (takes / "broken.wav").write_bytes(b"RIFF no audio")
    made = []
    for jobs in (1, 2):
        result = svcfx("batch", takes, "-p", preset, "-o", f"out{jobs}", "--jobs", jobs)
        assert result.exit_code == 3, result.output
        assert "broken.wav" in result.output
        paths = files_in(Path(f"out{jobs}"))
        made.append({str(path.relative_to(f"out{jobs}")): path.read_bytes() for path in paths})
    assert len(made[0]) == 10
    assert made[0] == made[1]
