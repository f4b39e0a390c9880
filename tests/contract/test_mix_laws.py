"""The laws of a mix: what may be relied on whatever the song."""

import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.dsp import loudness
from svcfx.session import recipe
from svcfx.session.bounce import bounce

RATE = 44_100
FLOAT = '[output]\nformats = ["wav"]\nencoding = "float"\n'
HALF = '[[nodes]]\nnode = "Gain"\ngain_db = -6.0206\n'


def tone(hz, seconds, channels=1):
    """A tone, shape (channels, frames); each channel has its own phase."""
    when = np.arange(round(seconds * RATE)) / RATE
    return np.stack([0.2 * np.sin(2 * np.pi * hz * when + c) for c in range(channels)]).astype(np.float32)


def sung(hz, seconds):
    """A tone with vibrato, twelve harmonics and short gaps, shape (1, frames)."""
    when = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(hz * 2 ** (0.2 * np.sin(2 * np.pi * 5 * when) / 12)) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 13)) * 0.1
    return (sound * (np.sin(2 * np.pi * 0.8 * when) > -0.8)).astype(np.float32)[None]


def write(folder, name, samples):
    audio.write(folder / name, samples, RATE, encoding="float")
    return samples


def preset_in(folder, name, nodes):
    (folder / name).write_text(f'svcfx_preset = 1\nname = "{name}"\n{nodes}')
    return name


def session_in(folder, text):
    (folder / "song.toml").write_text("svcfx_session = 1\n" + text)
    return folder / "song.toml"


def stem(name, role="accompaniment", more=""):
    return f'[[stems]]\nfile = "{name}"\nrole = "{role}"\n{more}\n'


def voice(name, more=""):
    return f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{name}"\n{more}'


def render(path, tmp_path):
    done = bounce(path, tmp_path / "out", on_exists="overwrite")
    return done, audio.read(done.mix[0]).samples


def db(difference):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-30))


def codes(done):
    return {note.code for note in done.notes}


def test_untouched_stems_add_up_to_their_sum(tmp_path):
    one = write(tmp_path, "one.wav", tone(220, 1.5, channels=2))
    two = write(tmp_path, "two.wav", tone(330, 1.0))
    path = session_in(tmp_path, stem("one.wav") + stem("two.wav", "lead", "start_seconds = 0.25") + FLOAT)
    done, mix = render(path, tmp_path)
    expected = np.zeros((2, round(3.5 * RATE)))
    expected[:, : one.shape[1]] += one
    expected[:, 11_025 : 11_025 + two.shape[1]] += two
    assert mix.shape == expected.shape  # the last stem ends at 1.5 s, the tail is 2 s
    assert db(mix - expected) < -120
    assert [note.code for note in done.notes] == ["padded"]


def test_stems_whose_effects_are_bypassed_add_up_to_their_sum(tmp_path, synthetic_voice):
    nodes = voice(synthetic_voice, "bypassed = true\n") + HALF + "bypassed = true\n"
    preset = preset_in(tmp_path, "off.toml", nodes)
    one, two = write(tmp_path, "one.wav", tone(220, 1.0)), write(tmp_path, "two.wav", tone(330, 1.0))
    text = stem("one.wav", "lead", f'preset = "{preset}"') + stem(
        "two.wav", "backing", f'preset = "{preset}"'
    )
    _, mix = render(session_in(tmp_path, text + FLOAT), tmp_path)
    assert db(mix[:, :RATE] - (one + two)) < -120


@pytest.mark.bytes
@pytest.mark.parametrize(
    ("formats", "encoding"),
    [(["wav", "flac", "mp3"], "pcm16"), (["wav", "flac"], "pcm24"), (["wav"], "float")],
)
def test_two_renders_are_the_same_bytes_and_so_are_their_recipes(tmp_path, formats, encoding):
    write(tmp_path, "one.wav", tone(220, 1.0))
    path = session_in(
        tmp_path,
        stem("one.wav", more="pan = 0.3") + f'[output]\nformats = {formats}\nencoding = "{encoding}"',
    )
    first, second = (bounce(path, tmp_path / name) for name in ("a", "b"))
    for left, right in zip(first.mix, second.mix, strict=True):
        assert left.read_bytes() == right.read_bytes()
        assert recipe.sidecar(left).read_bytes() == recipe.sidecar(right).read_bytes()


def test_two_ogg_renders_are_the_same_samples(tmp_path):
    write(tmp_path, "one.wav", tone(220, 1.0))
    path = session_in(tmp_path, stem("one.wav") + '[output]\nformats = ["ogg"]')
    first, second = (audio.read(bounce(path, tmp_path / name).mix[0]) for name in ("a", "b"))
    np.testing.assert_array_equal(first.samples, second.samples)


def test_a_converted_stem_keeps_its_loudness_and_is_named(tmp_path, synthetic_voice):
    one = write(tmp_path, "one.wav", sung(220, 4.0))
    squeezed = '[[nodes]]\nnode = "Compressor"\nthreshold_db = -40\nratio = 4\n'
    preset = preset_in(tmp_path, "lead.toml", HALF + voice(synthetic_voice) + squeezed)
    path = session_in(tmp_path, stem("one.wav", "lead", f'preset = "{preset}"') + FLOAT)
    done, mix = render(path, tmp_path)
    source = loudness.integrated_lufs(np.repeat(one, 2, axis=0) / 2, RATE)  # the gain of -6 dB was asked for
    assert loudness.integrated_lufs(mix, RATE) == pytest.approx(source, abs=1.0)
    again = bounce(path, tmp_path / "again")
    assert again.mix[0].read_bytes() == done.mix[0].read_bytes()
    made = recipe.read(done.mix[0])
    assert made.statement == "converted by svcfx"
    assert [(used.name, used.licence) for used in made.voices] == [(synthetic_voice, "none")]
    assert "out-of-range" not in codes(done)


def test_a_gain_that_the_voice_is_asked_for_stays(tmp_path, synthetic_voice):
    one = write(tmp_path, "one.wav", sung(220, 3.0))
    preset = preset_in(tmp_path, "lead.toml", voice(synthetic_voice, "output_gain_db = -9\n"))
    _, mix = render(session_in(tmp_path, stem("one.wav", "lead", f'preset = "{preset}"') + FLOAT), tmp_path)
    source = loudness.integrated_lufs(np.repeat(one, 2, axis=0), RATE)
    assert loudness.integrated_lufs(mix, RATE) == pytest.approx(source - 9, abs=1.0)


def test_a_choir_sent_to_a_voice_is_said(tmp_path, synthetic_voice):
    write(tmp_path, "choir.wav", sum(sung(hz, 2.0) for hz in (220, 262, 330)))
    preset = preset_in(tmp_path, "lead.toml", voice(synthetic_voice))
    done, _ = render(session_in(tmp_path, stem("choir.wav", "backing", f'preset = "{preset}"')), tmp_path)
    assert "polyphonic" in codes(done)


def test_a_melody_outside_the_voices_range_warns_and_suggests_an_octave(tmp_path, synthetic_voice):
    write(tmp_path, "one.wav", sung(440, 2.0))  # the synthetic singer reaches from 80 to 800 Hz
    preset = preset_in(tmp_path, "lead.toml", voice(synthetic_voice, "transpose_semitones = 12\n"))
    done, _ = render(session_in(tmp_path, stem("one.wav", "lead", f'preset = "{preset}"')), tmp_path)
    said = next(note.text for note in done.notes if note.code == "out-of-range")
    assert "tess's range, 80 to 800 Hz" in said
    assert "transpose_semitones -12 more would suit" in said


def clicks(seconds):
    """Stereo: noise bursts four times a second over a soft tone, and where they begin."""
    when = np.arange(round(seconds * RATE)) / RATE
    wave = np.stack([0.05 * sum(np.sin(2 * np.pi * 220 * k * when) / k for k in range(1, 6))] * 2)
    burst = 0.2 * np.random.default_rng(0).standard_normal((2, 400)) * np.exp(-np.arange(400) / 60)
    starts = [round(at * RATE) for at in np.arange(0.1, seconds - 0.1, 0.25)]
    for start in starts:
        wave[:, start : start + 400] += burst
    return wave.astype(np.float32), starts


def arrival(samples, near):
    """Frame at which a third of a click's brightness has come, above 5 kHz where the tone is not."""
    piece = samples[0, near - 900 : near + 900].astype(np.float64)
    spectrum = np.fft.rfft(piece)
    spectrum[: round(5000 * len(piece) / RATE)] = 0.0
    energy = np.cumsum(np.fft.irfft(spectrum, len(piece)) ** 2)
    return float(np.searchsorted(energy, 0.33 * energy[-1]))


def test_accompaniment_stays_within_a_millisecond_of_the_rest_in_every_key(tmp_path):
    events = [mido.MetaMessage("track_name", name="key")]
    for semitones in (0, 2, -3):  # each for 2 s, at 120 quarters a minute
        events.append(mido.Message("note_on", note=60 + semitones, velocity=90))
        events.append(mido.Message("note_off", note=60 + semitones, time=4 * 480))
    mido.MidiFile(ticks_per_beat=480, tracks=[mido.MidiTrack(events)]).save(tmp_path / "song.mid")
    wave, starts = clicks(5.5)
    write(tmp_path, "band.wav", wave)
    write(tmp_path, "click.wav", wave)
    late = "start_seconds = 0.5"  # a stem that starts later has its keys at other samples of its own
    text = '[midi]\nfile = "song.mid"\n' + stem("band.wav", more=late) + stem("click.wav", "pass", late)
    done = bounce(session_in(tmp_path, text + FLOAT + "stems = true\n"), tmp_path / "out")
    band, click = (audio.read(path).samples for path in done.stems)
    for first, last in ((0.5, 2.0), (2.0, 4.0), (4.0, 6.0)):
        inside = [at + RATE // 2 for at in starts if first + 0.05 < at / RATE + 0.5 < last - 0.05]
        offsets = [arrival(band, at) - arrival(click, at) for at in inside]
        assert abs(np.median(offsets)) / RATE < 0.001
