"""Laws of the mix, on stems without presets: what a session does when it does nothing."""

import json

import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import AudioFileError, InputError, OutputError, OutputExistsError, SessionError
from svcfx.session import recipe
from svcfx.session.bounce import bounce

RATE = 44_100
FLOAT = '[output]\nformats = ["wav"]\nencoding = "float"\n'


def stem(name, role="accompaniment", more=""):
    return f'[[stems]]\nfile = "{name}"\nrole = "{role}"\n{more}\n'


def db(difference):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-30))


def render(path, tmp_path, **settings):
    done = bounce(path, tmp_path / "out", **{"on_exists": "overwrite", **settings})
    return done, audio.read(done.mix[0])


def test_a_stem_of_another_rate_is_resampled_and_said_once(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0))
    song.stem("two.wav", make["tone"](440, 1.0, rate=48_000), 48_000)
    done, mix = render(song.session(stem("one.wav") + stem("two.wav", more="solo = true") + FLOAT), tmp_path)
    assert [note.text for note in done.notes] == ["stem 'two' is resampled from 48000 to 44100 Hz"]
    inner = slice(2000, 40_000)
    assert db(mix.samples[0, inner] - make["tone"](440, 1.0)[0, inner]) < -80


def test_mute_and_solo_choose_what_is_heard(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0))
    two = song.stem("two.wav", make["tone"](330, 1.0))
    for pair in (("mute = true", ""), ("", "solo = true"), ("solo = true\nmute = true", "solo = true")):
        path = song.session(stem("one.wav", more=pair[0]) + stem("two.wav", more=pair[1]) + FLOAT)
        _, mix = render(path, tmp_path)
        assert db(mix.samples[:, :RATE] - two) < -120
    with pytest.raises(SessionError, match="every stem is muted"):
        render(song.session(stem("one.wav", more="mute = true")), tmp_path)


def test_gain_pan_and_a_fader_lane_are_applied(song, make, tmp_path):
    one = song.stem("one.wav", make["tone"](220, 1.0))
    lane = "[stems.automation]\ngain_db = { points = [[0, 0], [0.5, -20]], interpolation = 'step' }"
    path = song.session(stem("one.wav", more="pan = -1\n" + lane) + FLOAT)
    _, mix = render(path, tmp_path)
    expected = one[0] * np.sqrt(2) * np.where(np.arange(RATE) < RATE // 2, 1.0, 0.1)
    assert db(mix.samples[0, :RATE] - expected) < -120
    assert db(mix.samples[1]) < -200


@pytest.mark.bytes
def test_a_stem_starts_on_its_bar_and_bars_cut_the_whole_render(song, make, tmp_path):
    bar = 4 * 480
    song.midi("song.mid", [make["tempo"](0, 240), make["tempo"](bar, 120)])  # bars 1 s, then 2 s
    one = song.stem("one.wav", make["tone"](220, 5.0))
    midi = '[midi]\nfile = "song.mid"\n'
    path = song.session(
        midi + stem("one.wav", more="start_bar = 2") + "[master]\ntarget_lufs = -20\n" + FLOAT
    )
    _, whole = render(path, tmp_path)
    assert not whole.samples[:, :RATE].any()
    gain = whole.samples[0, RATE + 100] / one[0, 100]
    assert db(whole.samples[0, RATE : 6 * RATE] - one[0] * gain) < -120
    done, part = render(path, tmp_path, bars="2-3")
    assert done.mix[0].name == "song-bars-2-3.wav"
    np.testing.assert_array_equal(part.samples, whole.samples[:, RATE : 5 * RATE])
    with pytest.raises(SessionError, match="after the song's end"):
        render(path, tmp_path, bars="90-91")


def test_stems_are_written_too_and_add_up_to_the_mix(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0, channels=2))
    song.stem("two.wav", make["tone"](330, 0.5))
    text = stem("one.wav", more="gain_db = -3") + stem("two.wav", more="start_seconds = 0.5\npan = 0.5")
    done, mix = render(song.session(text + FLOAT + "stems = true"), tmp_path)
    assert [path.name for path in done.stems] == ["one.wav", "two.wav"]
    both = sum(audio.read(path).samples.astype(np.float64) for path in done.stems)
    assert db(both - mix.samples) < -120
    assert recipe.read(done.stems[1]).inputs[0].file == "two.wav"


def test_the_ceiling_wins_over_the_loudness_and_says_so(song, make, tmp_path):
    song.stem(
        "one.wav", make["tone"](220, 3.0) * np.sin(np.arange(3 * RATE) / RATE * 9).astype(np.float32) ** 8
    )
    path = song.session(stem("one.wav") + "[master]\ntarget_lufs = -6\nceiling_dbtp = -1\n" + FLOAT)
    done, _ = render(path, tmp_path)
    assert done.dbtp <= -1.0
    assert [note.code for note in done.notes] == ["ceiling"]
    assert recipe.read(done.mix[0]).loudness["true_peak_dbtp"] == pytest.approx(done.dbtp, abs=0.01)


def test_a_mix_that_clips_warns(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0, level=0.9))
    done, _ = render(song.session(stem("one.wav", more="gain_db = 6")), tmp_path)
    assert [note.code for note in done.notes if note.is_warning] == ["clips"]
    done, _ = render(song.session(stem("one.wav", more="gain_db = 6") + FLOAT), tmp_path)
    assert not done.notes  # float holds it


def test_a_stem_s_own_file_is_turned_down_where_it_would_clip_and_the_mix_is_not_moved_by_that(
    song, make, tmp_path
):
    song.stem("one.wav", make["tone"](220, 1.0, level=0.9))
    song.stem("two.wav", -make["tone"](220, 1.0, level=0.8))
    louder = stem("one.wav", more="gain_db = 6") + stem("two.wav", more="gain_db = 6")
    done, mix = render(song.session(louder + "[output]\nstems = true\n"), tmp_path)
    first, second = (audio.read(path).samples for path in done.stems)
    assert max(np.abs(first).max(), np.abs(second).max()) < 1.0
    downs = [note.text for note in done.notes if note.code == "turned-down"]
    amounts = [float(text.split("turned down by ")[1].split(" dB")[0]) for text in downs]
    assert downs[0].startswith("stem 'one': its own file is turned down by ")
    both = sum(part * 10 ** (amount / 20) for part, amount in zip((first, second), amounts, strict=True))
    np.testing.assert_allclose(both, mix.samples, atol=0.03)
    assert recipe.read(done.stems[0]).notes == [downs[0]]


def test_a_silent_song_is_silence_and_has_no_loudness(song, tmp_path):
    song.stem("one.wav", np.zeros((1, RATE), np.float32))
    done, mix = render(song.session(stem("one.wav") + "[master]\nceiling_dbtp = -1\n"), tmp_path)
    assert not mix.samples.any()
    assert recipe.read(done.mix[0]).loudness == {"integrated_lufs": None, "true_peak_dbtp": None}


def test_the_recipe_says_what_went_in(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0))
    path = song.session('title = "Ballad"\n' + stem("one.wav"))
    done, _ = render(path, tmp_path)
    found = recipe.read(done.mix[0])
    assert (found.title, found.kind, found.statement) == ("Ballad", "mix", "made by svcfx")
    assert {item.file: item.sha256 for item in found.inputs} == {
        "one.wav": recipe.file_sha256(song.folder / "one.wav"),
        "session.toml": recipe.file_sha256(path),
    }
    assert str(tmp_path) not in recipe.sidecar(done.mix[0]).read_text()
    assert json.loads(recipe.sidecar(done.mix[0]).read_text())["versions"]["svcfx"]


def break_stem(kind, path):
    if kind == "missing":
        path.unlink()
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("no audio")
    elif kind == "truncated":
        path.write_bytes(path.read_bytes()[:9000])
    else:
        samples = np.zeros((1, RATE), np.float32)
        samples[0, 77] = {"nan": np.nan, "infinite": np.inf}[kind]
        import soundfile

        soundfile.write(path, samples.T, RATE, subtype="FLOAT")


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "truncated", "nan", "infinite"])
def test_a_stem_that_cannot_be_used_stops_the_render_and_leaves_nothing(song, make, tmp_path, kind):
    song.stem("one.wav", make["tone"](220, 1.0))
    song.stem("two.wav", make["tone"](220, 1.0))
    break_stem(kind, song.folder / "two.wav")
    each = "[output]\nstems = true\n"
    with pytest.raises((AudioFileError, SessionError), match=r"two\.wav"):
        bounce(song.session(stem("one.wav") + stem("two.wav") + each), tmp_path / "out")
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_an_existing_output_is_found_before_anything_is_rendered(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 1.0))
    path = song.session(stem("one.wav"))
    out = bounce(path, tmp_path / "out").mix[0]
    recipe.sidecar(out).unlink()  # nobody knows how it was made
    before = out.read_bytes()
    stages = []
    with pytest.raises(OutputExistsError, match="exists already"):
        bounce(path, tmp_path / "out", on_progress=stages.append)
    assert not stages
    assert bounce(path, tmp_path / "out", on_exists="skip").skipped == (out,)
    assert bounce(path, tmp_path / "out", on_exists="rename").mix[0].name == "song-2.wav"
    assert out.read_bytes() == before


def test_an_output_never_replaces_a_stem(song, make):
    song.stem("song.wav", make["tone"](220, 0.5))
    with pytest.raises(InputError, match=r"is the input"):
        bounce(song.session(stem("song.wav")), song.folder, on_exists="overwrite")


def test_a_read_only_folder_is_refused_before_rendering(song, make, read_only_folder):
    song.stem("one.wav", make["tone"](220, 0.5))
    stages = []
    with pytest.raises(OutputError, match=r"(cannot|could not) be written"):
        bounce(song.session(stem("one.wav")), read_only_folder, on_progress=stages.append)
    assert not stages


def test_a_full_disk_leaves_no_partial_file(song, make, small_disk):
    song.stem("one.wav", make["tone"](220, 3.0))
    with pytest.raises(OutputError, match=r"disk is full|no space"):
        bounce(song.session(stem("one.wav") + FLOAT), small_disk)
    assert list(small_disk.iterdir()) == []


def test_an_interrupt_leaves_no_partial_file(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 0.5))

    def interrupt(progress):
        if progress.stage == "write":
            raise KeyboardInterrupt

    for output in ("", "[output]\nstems = true\n"):  # the stem's own file lay there by then
        with pytest.raises(KeyboardInterrupt):
            bounce(song.session(stem("one.wav") + output), tmp_path / "new/out", on_progress=interrupt)
        assert list(tmp_path.iterdir()) == [song.folder]


def test_progress_rises_from_nothing_to_all(song, make, tmp_path):
    song.stem("one.wav", make["tone"](220, 0.5))
    song.stem("two.wav", make["tone"](220, 0.5))
    told = []
    bounce(song.session(stem("one.wav") + stem("two.wav")), tmp_path / "out", on_progress=told.append)
    fractions = [progress.done_fraction for progress in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert [progress.stem for progress in told if progress.stage == "stem"] == ["one", "two"]


def test_surround_stems_and_an_mp3_at_96_khz_are_refused_early(song, make, tmp_path):
    song.stem("six.wav", np.zeros((6, 1000), np.float32))
    with pytest.raises(
        SessionError, match=r"stems\[1\].file is 'six.wav' with 6 channels, allowed are 1 and 2"
    ):
        bounce(song.session(stem("six.wav")), tmp_path / "out")
    song.stem("one.wav", make["tone"](220, 0.5))
    with pytest.raises(AudioFileError, match="96000 Hz"):
        bounce(
            song.session(stem("one.wav") + '[output]\nformats = ["mp3"]\nsample_rate = 96000'),
            tmp_path / "out",
        )
