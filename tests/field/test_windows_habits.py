"""What editors, shells and file managers of Windows and macOS do to documents and the paths in them."""

import unicodedata

import numpy as np
import pytest

from svcfx import audio, preset
from svcfx.errors import PresetError, SessionError, VoiceError
from svcfx.session import document, plan, recipe
from svcfx.voices import card

RATE = 44_100
SESSION = 'svcfx_session = 1\n[[stems]]\nfile = {file}\nrole = "pass"\n'
PRESET = 'svcfx_preset = 1\nname = "mine"\n[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'
CARD = (
    'family = "parametric"\nrate = 44100\nlicence = "CC0"\nconsent = "synthetic"\nweights = "a.safetensors"\n'
    f'sha256 = "{"0" * 64}"\n[singers.mei]\n'
)


@pytest.fixture
def folder(tmp_path):
    stems = tmp_path / "stems"
    stems.mkdir()
    for name in ("tone.wav", "lead vocal.wav", unicodedata.normalize("NFD", "größe.wav")):
        audio.write(stems / name, np.full((1, RATE // 10), 0.1, np.float32), RATE)
    return tmp_path


def planned(folder, file, encoding="utf-8"):
    path = folder / "song.toml"
    path.write_bytes(SESSION.format(file=file).encode(encoding))
    return plan.make(document.load(path)).stems[0].recording.path


def refusal(folder, file, encoding="utf-8"):
    with pytest.raises(SessionError) as caught:
        planned(folder, file, encoding)
    return str(caught.value)


def test_a_mark_in_front_of_utf_8_is_passed_over_in_every_document(folder):
    mark = "\ufeff"
    assert planned(folder, "'stems/tone.wav'", "utf-8-sig").name == "tone.wav"
    for name, text in (("mine.toml", PRESET), ("card.toml", CARD)):
        (folder / name).write_text(mark + text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert preset.load(folder / "mine.toml").nodes[0].parameters == {"gain_db": -6.0}
    assert list(card.read(folder / "card.toml").singers) == ["mei"]
    made = recipe.Recipe(kind="mix", inputs=[])
    (folder / "a.wav.json").write_text(mark + made.model_dump_json(), encoding="utf-8")
    assert recipe.read(folder / "a.wav") == made


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_encoding_with_wide_letters_is_named(folder, encoding):
    name = "UTF-32" if encoding == "utf-32" else "UTF-16"
    assert f"is {name} text, not UTF-8" in refusal(folder, "'stems/tone.wav'", encoding)
    for suffix, text, read, error in (
        ("preset", PRESET, preset.load, PresetError),
        ("card", CARD, card.read, VoiceError),
    ):
        path = folder / f"{suffix}.toml"
        path.write_bytes(text.encode(encoding))
        with pytest.raises(error, match=f"{name} text"):
            read(path)


def test_an_older_encoding_is_refused_with_the_line_of_its_first_letter(folder):
    assert "not UTF-8 text: byte 0xF6 in line 3" in refusal(folder, "'stems/größe.wav'", "cp1252")


@pytest.mark.parametrize("written", ["'stems\\tone.wav'", "'.\\stems\\tone.wav'", '"stems\\\\tone.wav"'])
def test_a_backslash_is_a_slash(folder, written):
    assert planned(folder, written) == (folder / "stems/tone.wav").resolve()


def test_a_file_that_has_a_backslash_in_its_name_is_still_found(folder):
    (folder / "stems\\tone.wav").write_bytes((folder / "stems/tone.wav").read_bytes())
    assert planned(folder, "'stems\\tone.wav'").name == "stems\\tone.wav"


@pytest.mark.parametrize("written", ["'..\\..\\etc\\passwd'", "'C:\\songs\\tone.wav'", "'\\\\nas\\tone.wav'"])
def test_a_backslash_leads_no_further_than_a_slash(folder, written):
    assert "leads outside" in refusal(folder, written)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("'Stems/Tone.WAV'", "stems/tone.wav"),
        ("'STEMS\\TONE.wav'", "stems/tone.wav"),
        ("'stem/tone.wave'", "stems/tone.wav"),
        ("'stems/Lead Vocal.wav'", "stems/lead vocal.wav"),
        ('"stems\\tone.wav"', "stems/tone.wav"),  # the \t is a tabulator by then
        ("'stems/größe.wav'", unicodedata.normalize("NFD", "stems/größe.wav")),
    ],
)
def test_the_right_spelling_of_the_whole_path_is_told(folder, written, right):
    assert f"(did you mean '{right}'?)" in refusal(folder, written)


@pytest.mark.parametrize("written", ['"stems\\lead.wav"', '"C:\\Users\\lead.wav"'])
def test_a_backslash_in_double_quotes_is_explained(folder, written):
    said = refusal(folder, written)
    assert "line 3" in said
    assert f'write "{written.strip(chr(34)).replace(chr(92), "/")}"' in said


def test_quotes_of_a_word_processor_are_explained(folder):
    assert "write straight ones" in refusal(folder, "“stems/tone.wav”")


def test_a_session_given_in_another_case_is_told(folder):
    (folder / "Song.toml").write_text(SESSION.format(file="'stems/tone.wav'"))
    with pytest.raises(SessionError, match=r"did you mean 'Song\.toml'"):
        document.load(folder / "song.TOML")


def test_a_preset_finds_its_base_by_a_backslash(folder):
    (folder / "base").mkdir()
    (folder / "base/quiet.toml").write_text(PRESET)
    (folder / "mine.toml").write_text("svcfx_preset = 1\nname = 'x'\nextends = 'base\\quiet.toml'\n")
    assert preset.load(folder / "mine.toml").nodes[0].parameters == {"gain_db": -6.0}
    (folder / "mine.toml").write_text("svcfx_preset = 1\nname = 'x'\nextends = 'Base/Quiet.TOML'\n")
    with pytest.raises(PresetError, match=r"did you mean 'base/quiet\.toml'"):
        preset.load(folder / "mine.toml")
