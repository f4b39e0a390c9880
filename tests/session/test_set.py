"""Values that a stem sets in place of its preset's own."""

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import SessionError
from svcfx.session import document, plan, recipe
from svcfx.session.bounce import bounce

PRESET = (
    '[[nodes]]\nnode = "Gain"\ngain_db = 0.0\n'
    '[[nodes]]\nnode = "Mix"\n[[nodes.nodes]]\nnode = "Gain"\nname = "wet"\ngain_db = -6.0\n'
    '[[nodes.nodes]]\nnode = "Dry"\n'
)


@pytest.fixture
def planned(song, make):
    """Plans a session of one stem whose preset has two gains, the second inside a Mix."""
    song.stem("a.wav", make["tone"](220.0, 0.5))
    song.preset("two.toml", PRESET)

    def made(settings):
        stem = f'[[stems]]\nfile = "a.wav"\nrole = "pass"\npreset = "two.toml"\n{settings}\n'
        return plan.make(document.load(song.session(stem + "[master]\ntail_seconds = 0\n")))

    return made


def mixed(song, made):
    done = bounce(made.document.path, song.folder / "out", on_exists="overwrite")
    return audio.read(done.mix[0]).samples, recipe.read(done.mix[0])


def test_a_value_set_is_what_the_preset_would_have_said(song, planned):
    loud, _ = mixed(song, planned(""))
    quiet, told = mixed(song, planned('set = { "gain.gain_db" = -6.0 }'))
    np.testing.assert_allclose(quiet, loud * 10 ** (-6 / 20), atol=2e-6)
    assert told.settings["session"]["stems"][0]["set"] == {"gain.gain_db": -6.0}
    assert told.presets["two.toml, as set by a"]["nodes"][0]["gain_db"] == -6.0


def test_a_node_inside_a_container_is_found_and_written_without_quotes(planned):
    made = planned("set.wet.gain_db = -20")
    assert made.stems[0].preset.nodes[1].nodes[0].parameters["gain_db"] == -20


def test_a_node_is_switched_off(song, planned):
    off, _ = mixed(song, planned('set = { "gain.gain_db" = -60.0, "gain.bypassed" = true }'))
    on, _ = mixed(song, planned(""))
    np.testing.assert_allclose(off, on, atol=2e-6)


def test_the_preset_itself_stays_as_it_is(song, planned):
    planned('set = { "gain.gain_db" = -6.0 }')
    assert planned("").stems[0].preset.nodes[0].parameters["gain_db"] == 0.0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            'set = { "gian.gain_db" = 1.0 }',
            r"stems\[1\]\.set: .*no node is called 'gian' \(did you mean 'gain'",
        ),
        ('set = { "gain.gain_bd" = 1.0 }', r"stems\[1\]\.set: .*gain_bd"),
        ('set = { "gain.gain_db" = 1e6 }', r"stems\[1\]\.set: .*gain_db is 1e\+06"),
        ('set = { "gain.file" = "/etc/passwd" }', "is no parameter"),
        ('set = { "gain.state" = "QQ==" }', "is no parameter"),
        ('set = { "gain.bypassed" = 1 }', "allowed are true and false"),
        ("set = { gain = 1.0 }", "no address"),
        ('set = { "gain.gain_db" = nan }', r"stems\[1\]\.set"),
    ],
)
def test_what_fits_nothing_is_refused_where_it_stands(planned, settings, said):
    with pytest.raises(SessionError, match=said):
        planned(settings)


def test_a_value_without_a_preset_is_refused(song, make):
    song.stem("a.wav", make["tone"](220.0, 0.5))
    path = song.session('[[stems]]\nfile = "a.wav"\nrole = "pass"\nset = { "gain.gain_db" = 1.0 }\n')
    with pytest.raises(SessionError, match=r"stems\[1\]\.set sets 'gain.gain_db', but there is no preset"):
        plan.make(document.load(path))


def test_another_singer_is_a_value_too(song, make, synthetic_voice):
    song.stem("a.wav", make["tone"](220.0, 0.5))
    song.preset("sung.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    path = song.session(
        '[[stems]]\nfile = "a.wav"\nrole = "lead"\npreset = "sung.toml"\nset = { "voice.voice" = "tom" }\n'
    )
    assert [voice.name for voice in plan.make(document.load(path)).stems[0].used] == ["tom"]


SUNG = '[[nodes]]\nnode = "VoiceConversion"\nvoice = "vela"\ntranspose_semitones = 1.0\n'


@pytest.fixture
def sung(song, make):
    """Plans a session of one stem that vela sings."""
    song.stem("a.wav", make["tone"](220.0, 0.5))
    song.preset("sung.toml", SUNG)

    def made(settings):
        stem = f'[[stems]]\nfile = "a.wav"\nrole = "lead"\npreset = "sung.toml"\n{settings}\n'
        return plan.make(document.load(song.session(stem)))

    return made


@pytest.mark.parametrize("semitones", [-12, 0, 0.5])
def test_a_transposition_is_what_the_preset_would_have_said(sung, semitones):
    one, other = sung(f"transpose = {semitones}"), sung(f"set.voice.transpose_semitones = {semitones}")
    assert one.stems[0].preset.nodes == other.stems[0].preset.nodes
    assert one.stems[0].preset.nodes[0].parameters["transpose_semitones"] == semitones
    assert not one.stems[0].auto_octave


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("transpose = 37", r"stems\[1\].* is 37, allowed are -36 to 36 semitones and \"auto\"$"),
        ('transpose = "up"', r"stems\[1\].* is 'up', allowed are -36 to 36 semitones and \"auto\"$"),
        ("transpose = 2\nset.voice.transpose_semitones = 2", "are one: leave one out"),
    ],
)
def test_a_transposition_that_cannot_be_is_refused(sung, settings, said):
    with pytest.raises(SessionError, match=said):
        sung(settings)


def test_a_transposition_without_a_voice_is_refused(planned):
    with pytest.raises(SessionError, match=r"stems\[1\]\.transpose moves a voice, but .* has none"):
        planned("transpose = 3")
