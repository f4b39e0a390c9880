"""What cards and documents alone show is refused before torch is loaded."""

import subprocess
import sys

import pytest

SAID = """
import sys
from pathlib import Path
from svcfx.errors import SvcfxError
{call}
"""
TRIED = """
try:
    {call}
except SvcfxError as error:
    print(error.message)
print("torch" in sys.modules)
"""
CONVERT = (
    "files.convert_files([Path('a.wav')], voice={voice!r}, options={options!r}, "
    "output=Destination(Path('out')))"
)


def said(folder, setup, call):
    script = SAID.format(call=setup) + TRIED.format(call=call)
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("voice", "options", "refused"),
    [
        ("velo", {}, "no voice is called 'velo'"),
        ("mei/alto", {}, "voice 'mei' has no singer 'alto'"),
        ("mei", {"index_rate": 0.5}, "voice 'mei' has no index, so index_rate must be 0"),
        (
            "mei",
            {"diffusion_depth": 0.1},
            "has no diffusion refiner, so diffusion_depth must be 0",
        ),
    ],
)
def test_a_voice_that_cannot_is_refused_by_its_card_without_torch(tmp_path, shelved, voice, options, refused):
    setup = "from svcfx.session import files\nfrom svcfx.session.isolate import Destination"
    told = said(tmp_path, setup, CONVERT.format(voice=voice, options=options))
    assert refused in told
    assert told.splitlines()[-1] == "False"


@pytest.mark.parametrize("more", ["voice = 'velo'\n", "voice = 'mei'\ndiffusion_depth = 0.5\n"])
def test_a_session_whose_last_preset_is_wrong_is_refused_without_torch(tmp_path, shelved, song, make, more):
    song.stem("a.wav", make["tone"](220.0, 0.1))
    song.preset("right.toml", "[[nodes]]\nnode = 'Gain'\n")
    song.preset("wrong.toml", f"[[nodes]]\nnode = 'VoiceConversion'\n{more}")
    stem = "[[stems]]\nfile = 'a.wav'\nname = '{0}'\nrole = 'lead'\npreset = '{0}.toml'\n"
    session = song.session(stem.format("right") + stem.format("wrong"))
    setup = "from svcfx.session import preview"
    told = said(tmp_path, setup, f"preview.preview(Path({str(session)!r}))")
    assert "nodes[1]: " in told
    assert "wrong.toml" in told
    assert told.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("words", "file", "begins"),
    [
        ("'render', '--dry-run'", "session.toml", "song: "),
        ("'presets', 'check'", "svc.toml", "{file}: 2 nodes, all right"),
        ("'presets', 'check'", "ours.toml", "{file}: 2 nodes, all right"),
    ],
)
def test_a_dry_run_or_a_check_of_what_is_right_loads_no_torch(
    tmp_path, svc_voice, synthetic_voice, song, make, words, file, begins
):
    """Voices of both kinds, lanes of their knobs, and a node that moves formants."""
    song.stem("a.wav", make["tone"](220.0, 0.1))
    voice = "[[nodes]]\nnode = 'VoiceConversion'\nvoice = '{}'\n"
    knobs = "index_rate = 0.2\ndiffusion_depth = 0.1\nblend_with = 'mei'\nblend = 0.3\n"
    song.preset("svc.toml", voice.format("duo/alto") + knobs + "[[nodes]]\nnode = 'Formant'\n")
    song.preset("ours.toml", voice.format("tess") + "[[nodes]]\nnode = 'Gain'\n")
    stem = "[[stems]]\nfile = 'a.wav'\nname = '{0}'\nrole = 'lead'\npreset = '{0}.toml'\n"
    lane = "[stems.automation]\n'voice.formant_semitones' = [[0, 0], [0.1, 3]]\n"
    song.session(stem.format("svc") + stem.format("ours") + lane)
    at = song.folder / file
    told = said(
        tmp_path,
        "from svcfx.cli.main import main",
        f"main([{words}, {str(at)!r}], standalone_mode=False)",
    )
    assert told.startswith(begins.format(file=at))
    assert told.splitlines()[-1] == "False"


@pytest.fixture
def shelved(home):
    """A card of an added voice with one singer, without diffusion and index; its weights are never opened."""
    folder = home / "voices" / "mei"
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(
        'family = "sovits40"\nrate = 44100\nlicence = "CC0"\nconsent = "no person"\n'
        f'[parts.generator]\nfile = "g.safetensors"\nsha256 = "{"0" * 64}"\n[singers.mei]\n'
    )
