"""Sessions whose stems go through presets: native effects, the key, and a voice."""

import os
from pathlib import Path

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import PresetError, SessionError
from svcfx.session import recipe
from svcfx.session.bounce import bounce

RATE = 44_100
FLOAT = '[output]\nformats = ["wav"]\nencoding = "float"\n'
HALF = '[[nodes]]\nnode = "Gain"\ngain_db = -6.0206\n'
ECHO = '[[nodes]]\nnode = "Delay"\ndelay_seconds = 0.75\nmix = 0.5\nfeedback = 0\n'


def stem(name, role="accompaniment", more=""):
    return f'[[stems]]\nfile = "{name}"\nrole = "{role}"\n{more}\n'


def voice(name, more=""):
    return f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{name}"\n{more}'


def render(path, tmp_path):
    done = bounce(path, tmp_path / "out", on_exists="overwrite")
    return done, audio.read(done.mix[0]).samples


def db(difference):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-30))


def pitch_hz(samples, low=60.0, high=1000.0):
    """The strongest period of (frames,) by autocorrelation."""
    spectrum = np.fft.rfft(samples * np.hanning(len(samples)), 2 * len(samples))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)
    lags = np.arange(int(RATE / high), int(RATE / low))
    return RATE / lags[np.argmax(correlation[lags])]


def test_a_preset_by_name_by_path_and_on_the_master_are_played(song, make, tmp_path):
    one = song.stem("one.wav", make["tone"](220, 1.0))
    preset = song.preset("half.toml", HALF)
    text = stem("one.wav", more=f'preset = "{preset}"') + f'[master]\npreset = "{preset}"\n' + FLOAT
    done, mix = render(song.session(text), tmp_path)
    assert db(mix[:, :RATE] - one / 4) < -100
    assert set(recipe.read(done.mix[0]).presets) == {"half.toml", "master"}
    render(song.session(stem("one.wav", more='preset = "accompaniment-bed"')), tmp_path)


def test_effects_ring_out_in_the_tail(song, make, tmp_path):
    one = song.stem("one.wav", make["tone"](220, 1.0))
    preset = song.preset("echo.toml", ECHO)
    text = stem("one.wav", more=f'preset = "{preset}"') + "[master]\ntail_seconds = 1\n" + FLOAT
    _, mix = render(song.session(text), tmp_path)
    start = round(0.75 * RATE)
    tail = slice(RATE, start + RATE)
    assert db(mix[0, tail] - one[0, RATE - start :] / 2) < -60


def test_a_lane_of_the_session_moves_a_parameter_in_song_time(song, make, tmp_path):
    one = song.stem("one.wav", make["tone"](220, 1.0))
    preset = song.preset("half.toml", HALF)
    lane = "[stems.automation]\ngain.gain_db = { points = [[0, 0], [1.5, -60]], interpolation = 'step' }\n"
    text = stem("one.wav", more=f'preset = "{preset}"\nstart_seconds = 1\n{lane}') + FLOAT
    _, mix = render(song.session(text), tmp_path)
    assert db(mix[:, RATE : RATE * 3 // 2] - one[:, : RATE // 2]) < -100
    assert db(mix[:, RATE * 3 // 2 + 64 :]) < -60


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "gaim.gain_db = [[0, 0]]",
            r"stems\[1\].automation: .*no node is called 'gaim' \(did you mean 'gain'\?\)",
        ),
        ("gain.gain = [[0, 0]]", r"stems\[1\].automation: .*did you mean 'gain_db'"),
        ("gain.gain_db = [[0, 900]]", r"stems\[1\].automation: .*reaches 900, outside"),
    ],
)
def test_a_lane_that_leads_nowhere_is_refused_before_rendering(song, make, tmp_path, more, said):
    song.stem("one.wav", make["tone"](220, 0.5))
    preset = song.preset("half.toml", HALF)
    with pytest.raises(SessionError, match=said):
        render(
            song.session(stem("one.wav", more=f'preset = "{preset}"\n[stems.automation]\n{more}')), tmp_path
        )
    assert not (tmp_path / "out").exists()


def test_a_lane_without_a_preset_and_unknown_presets_are_refused(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 0.5))
    with pytest.raises(SessionError, match=r"moves 'gain.gain_db', but there is no preset"):
        render(song.session(stem("one.wav", more="[stems.automation]\ngain.gain_db = [[0, 0]]")), tmp_path)
    with pytest.raises(PresetError, match="did you mean 'drum-bus'"):
        render(song.session(stem("one.wav", more='preset = "drum-buss"')), tmp_path)
    with pytest.raises(SessionError, match=r"stems\[1\].preset is '../../x.toml', which leads outside"):
        render(song.session(stem("one.wav", more='preset = "../../x.toml"')), tmp_path)


def test_accompaniment_follows_the_key_and_drums_do_not(song, make, tmp_path):
    song.midi("song.mid", [make["tempo"](0, 120)], make["key_track"]((0, 0), (1920, 2)))  # +2 st from 2 s
    song.stem("band.wav", make["tone"](220, 4.0))
    song.stem("drums.wav", make["tone"](150, 4.0))
    text = '[midi]\nfile = "song.mid"\n' + stem("band.wav") + stem("drums.wav", "drums") + FLOAT
    done = bounce(song.session(text + "stems = true\n"), tmp_path / "out")
    band, drums = (audio.read(path).samples[0] for path in done.stems)
    before, after = slice(RATE // 2, RATE * 3 // 2), slice(RATE * 5 // 2, RATE * 7 // 2)
    assert pitch_hz(band[before]) == pytest.approx(220, rel=0.006)
    assert pitch_hz(band[after]) == pytest.approx(220 * 2 ** (2 / 12), rel=0.006)
    assert pitch_hz(drums[after]) == pytest.approx(150, rel=0.006)
    assert recipe.read(done.mix[0]).stretcher == "rubberband"


def sung(hz, seconds):
    """A tone with vibrato, twelve harmonics and short gaps, shape (1, frames)."""
    when = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(hz * 2 ** (0.2 * np.sin(2 * np.pi * 5 * when) / 12)) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 13)) * 0.1
    return (sound * (np.sin(2 * np.pi * 0.8 * when) > -0.8)).astype(np.float32)[None]


def codes(done):
    return {note.code for note in done.notes}


def test_the_voice_sings_in_the_songs_key_on_top_of_its_own(song, make, tmp_path, synthetic_voice):
    song.midi("song.mid", [make["tempo"](0, 120)], make["key_track"]((0, 0), (1920, 2)))
    song.stem("one.wav", sung(220, 3.0))
    preset = song.preset("lead.toml", voice(synthetic_voice, "transpose_semitones = 5\n"))
    text = '[midi]\nfile = "song.mid"\n'
    text += stem("one.wav", "lead", f'preset = "{preset}"\nstart_seconds = 1') + FLOAT
    _, mix = render(song.session(text), tmp_path)
    before, after = mix[0, RATE * 5 // 4 : RATE * 7 // 4], mix[0, RATE * 11 // 4 : RATE * 13 // 4]
    assert pitch_hz(before) == pytest.approx(220 * 2 ** (5 / 12), rel=0.02)
    assert pitch_hz(after) == pytest.approx(220 * 2 ** (7 / 12), rel=0.02)


ZAM = Path("/usr/lib/vst3/ZamComp.vst3")


@pytest.mark.skipif(
    not ZAM.exists() and not os.environ.get("CI"), reason="Debian's zam-plugins is not installed"
)
def test_a_mono_plug_in_plays_on_the_stereo_of_a_session(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 0.5))
    preset = song.preset("mono.toml", '[[nodes]]\nnode = "ZamComp"\n')
    render(song.session(stem("one.wav", more=f'preset = "{preset}"')), tmp_path / "mono")
    preset = song.preset("stereo.toml", '[[nodes]]\nnode = "ZamCompX2"\n')
    done, _ = render(song.session(stem("one.wav", more=f'preset = "{preset}"')), tmp_path / "stereo")
    assert codes(done) == set()  # it repeats
