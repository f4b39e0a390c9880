"""A manifest: each line is a file with its own preset, voice and knobs; a wrong one is told by its number."""

import contextlib
import json
import time

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import InputError
from svcfx.session import recipe
from svcfx.session.files import batch, batch_manifest
from svcfx.session.isolate import Destination
from svcfx.session.manifest import read

QUIETER = 'svcfx_preset = 1\nname = "quieter"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'
SUNG = 'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "tess"\n'


@pytest.fixture
def songs(tmp_path):
    """Three short files, and two presets beside them."""
    wave = (0.1 * np.sin(np.arange(8_000) * 0.09)).astype(np.float32)[None]
    for number in (1, 2, 3):
        audio.write(tmp_path / "takes" / f"{number}.wav", number * wave, 16_000)
    (tmp_path / "quieter.toml").write_text(QUIETER)
    (tmp_path / "sung.toml").write_text(SUNG)
    return tmp_path


def table(songs, text, **given):
    (songs / "jobs.csv").write_text(text)
    return run(songs, "jobs.csv", **given)


def run(songs, name, **given):
    listed = read(songs / name)
    return batch_manifest(listed, output=Destination(songs / "out"), **given).files


def test_each_line_has_its_own_preset_name_and_parameters(songs):
    done = table(
        songs,
        "input,preset,name,gain.gain_db\n"
        "takes/1.wav,quieter.toml,,\n"
        "takes/2.wav,quieter.toml,second,-12\n"
        "takes/2.wav,quieter.toml,third.wav,-20\n",
    )
    assert [file.target.name for file in done] == ["1.wav", "second.wav", "third.wav"]
    levels = [np.abs(audio.read(file.target).samples).max() for file in done]
    np.testing.assert_allclose(
        levels, 0.1 * 10 ** (np.array([-6.0, -12.0 + 6.02, -20.0 + 6.02]) / 20), rtol=0.01
    )


@pytest.mark.bytes
def test_a_line_makes_the_bytes_of_a_batch_of_its_own(songs, synthetic_voice):
    done = table(
        songs,
        "input,transpose,formant_semitones,name\ntakes/1.wav,2,1.5,a\ntakes/2.wav,,,b\n",
        preset=songs / "sung.toml",
    )
    settings = {"voice.transpose_semitones": "2", "voice.formant_semitones": "1.5"}
    output = Destination(songs / "alone", template="{stem}")
    [alone] = batch([songs / "takes" / "1.wav"], songs / "sung.toml", output=output, settings=settings).files
    assert done[0].target.read_bytes() == alone.target.read_bytes()
    assert recipe.read(done[0].target).key == recipe.read(alone.target).key
    assert recipe.read(done[1].target).settings == {}


def test_lines_of_json_say_the_same(songs, synthetic_voice):
    text = "input,voice,transpose,name\ntakes/1.wav,tess,-1,a\ntakes/2.wav,tess,,b\n"
    by_table = table(songs, text)
    lines = [
        {"input": "takes/1.wav", "voice": "tess", "transpose": -1, "name": "c"},
        {"input": "takes/2.wav", "voice": "tess", "transpose": None, "name": "d"},
    ]
    (songs / "jobs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    by_json = run(songs, "jobs.jsonl")
    for one, other in zip(by_table, by_json, strict=True):
        assert one.target.read_bytes() == other.target.read_bytes()
    assert recipe.read(by_json[0].target).kind == "convert"


def test_what_a_line_says_goes_before_what_is_said_for_all(songs, synthetic_voice):
    done = table(
        songs,
        "input,formant_semitones,voice.mix\ntakes/1.wav,2,\ntakes/2.wav,2,0.5\ntakes/3.wav,,\n",
        preset=songs / "sung.toml",
        settings={"voice.formant_semitones": "1", "voice.mix": "0.25"},
    )
    said = [recipe.read(file.target).settings["set"] for file in done]
    assert [one["voice.formant_semitones"] for one in said] == ["2", "2", "1"]
    assert [one["voice.mix"] for one in said] == ["0.25", "0.5", "0.25"]


def test_each_file_is_told_as_it_comes(songs):
    told = []
    done = table(
        songs,
        "input\ntakes/1.wav\ntakes/2.wav\n",
        preset=songs / "quieter.toml",
        on_result=lambda file: told.append((file.label, file.target.exists())),
    )
    assert told == [("1.wav", True), ("2.wav", True)]
    assert len(done) == 2


def test_lines_that_ask_for_the_same_share_one_board(songs, monkeypatch):
    from svcfx.session import effects

    made = []
    real = effects.of_preset
    monkeypatch.setattr(
        effects, "of_preset", lambda *words, **more: made.append(words) or real(*words, **more)
    )
    lines = "".join(f"takes/{n % 3 + 1}.wav,{n},{-6 if n % 2 else -3}\n" for n in range(12))
    assert len(table(songs, f"input,name,gain.gain_db\n{lines}", preset=songs / "quieter.toml")) == 12
    assert len(made) == 2


def test_what_is_there_already_is_not_made_again_and_a_changed_line_is(songs):
    text = "input,name,gain.gain_db\ntakes/1.wav,a,-6\ntakes/2.wav,b,{}\n"
    (songs / "jobs.csv").write_text(text.format(-6))

    def again():
        output = Destination(songs / "out", on_exists="skip")
        done = batch_manifest(read(songs / "jobs.csv"), output=output, preset=songs / "quieter.toml")
        return [file.status for file in done.files]

    assert again() == ["done", "done"]
    assert again() == ["skipped", "skipped"]
    (songs / "jobs.csv").write_text(text.format(-9))
    assert again() == ["skipped", "done"]


WRONG = {
    "": "names no file",
    "input\n": "names no file",
    "input,tempo\ntakes/1.wav,3\n": "line 1: no column 'tempo'",
    "input,transpsoe\ntakes/1.wav,3\n": "did you mean 'transpose'",
    "input,input\ntakes/1.wav,takes/2.wav\n": "line 1: the column 'input' stands there twice",
    "input;preset\ntakes/1.wav;quieter.toml\n": "line 1: no column 'input;preset'",
    "preset\nquieter.toml\n": "line 2: it names no input",
    "input,preset\n\n\n,quieter.toml\n": "line 4: it names no input",
    "input\ntakes/1.wav,more\n": "line 2: it has 2 cells, the head 1",
    "input\n/etc/passwd\n": "line 2: input is '/etc/passwd', which leads outside",
    "input\n../../a.wav\n": "line 2: input is '../../a.wav', which leads outside",
    "input\ntakes/9.wav\n": "line 2: input is 'takes/9.wav', which does not exist",
    "input\ntakes\n": "line 2: input is 'takes', which is a folder",
    "input,preset\ntakes/1.wav,../../p.toml\n": "line 2: preset is '../../p.toml', which leads outside",
    "input,name\ntakes/1.wav,../evil\n": "line 2: name is '../evil', which is no plain file name",
    "input,name\ntakes/1.wav,a/b\n": "line 2: name is 'a/b', which is no plain file name",
    "input,name\ntakes/1.wav,.wav\n": "line 2: name is '.wav', which is no plain file name",
    'input,name\ntakes/1.wav,"a\nb"\n': "line 2: name is 'a",
    'input\n"takes/1.wav\n': "line 2: unexpected end of data",
    "input,preset\ntakes/1.wav,quieter.toml\ntakes/1.wav,quieter.toml\n": "line 3: it writes",
    "input,preset,name\ntakes/1.wav,quieter.toml,a\ntakes/2.wav,quieter.toml,a.wav\n": "as line 2 does",
    "input\ntakes/1.wav\n": "line 2: there is no voice, but no preset is named",
    "input,gain.gain_db\ntakes/1.wav,3\n": "line 2: 'gain.gain_db' is set, but no preset is named",
    "input,preset\ntakes/1.wav,nobody\n": "line 2: no preset is called 'nobody'",
    "input,preset,voice\ntakes/1.wav,quieter.toml,tess\n": "line 2: voice is 'tess', but preset",
    "input,voice\ntakes/1.wav,nobody\n": "line 2: no voice is called 'nobody'",
    "input,voice,retune\ntakes/1.wav,tess,7\n": "line 2: voice.retune is 7, outside 0 to 1",
    "input,preset,gain.gain\ntakes/1.wav,quieter.toml,3\n": "line 2: 'gain' has no parameter 'gain'",
    "input,voice,transpose,transpose_semitones\ntakes/1.wav,tess,1,2\n": "line 2: transpose and",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_wrong_line_is_refused_by_its_number_before_anything_is_rendered(songs, text, synthetic_voice):
    with pytest.raises(InputError) as refused:
        table(songs, text)
    assert WRONG[text] in str(refused.value)
    assert not (songs / "out").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: it is no JSON"),
        ("[" * 100_000, "line 1: it is no JSON"),
        ("[]", "line 1: it is no object"),
        ('{"input": "takes/1.wav", "input": "takes/2.wav"}', "'input' stands there twice"),
        ('{"input": ["takes/1.wav"]}', "line 1: input is"),
        ('{"input": "takes/1.wav", "colour": "red"}', "no column 'colour'"),
        ('{"input": "takes/1.wav", "voice": "tess", "retune": NaN}', "line 1: voice.retune is nan"),
    ],
)
def test_a_wrong_line_of_json_is_refused_too(songs, line, said, synthetic_voice):
    (songs / "jobs.jsonl").write_text(line)
    with pytest.raises(InputError, match=said):
        run(songs, "jobs.jsonl")


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.jsonl"])
def test_very_many_names_in_one_line_are_refused_at_once(songs, name):
    names = [f"gain.{number}" for number in range(40_000)]
    table_of = f"{','.join(names)}\n{','.join(names)}\n"
    (songs / name).write_text(table_of if name.endswith("csv") else json.dumps(dict.fromkeys(names, 1)))
    started = time.process_time()
    with pytest.raises(InputError, match="more than a file can be told"):
        read(songs / name)
    assert time.process_time() - started < 20.0


def test_a_file_elsewhere_may_be_named_once_its_folder_is_allowed(songs, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (songs / "takes" / "1.wav").rename(other / "1.wav")
    (songs / "jobs.csv").write_text(f"input,preset\n{other / '1.wav'},quieter.toml\n")
    with pytest.raises(InputError, match="outside"):
        read(songs / "jobs.csv")
    assert read(songs / "jobs.csv", allow_paths=[other]).lines[0].input == (other / "1.wav").resolve()


@pytest.mark.parametrize("seed", range(30))
def test_any_bytes_are_a_manifest_or_a_refusal(songs, seed):
    random = np.random.default_rng(seed)
    text = bytearray(b'input,preset,name\ntakes/1.wav,quieter.toml,"a"\ntakes/2.wav,quieter.toml,b\n')
    for place in random.integers(0, len(text), 4):
        text[place] = random.integers(256)
    path = songs / ("jobs.csv" if seed % 2 else "jobs.jsonl")
    path.write_bytes(bytes(text))
    with contextlib.suppress(InputError):
        assert len(read(path).lines) <= 3
