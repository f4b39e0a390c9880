import pytest

from svcfx.errors import SessionError
from svcfx.session import document

HEAD = 'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\n'


def load(tmp_path, text):
    path = tmp_path / "session.toml"
    path.write_text(text)
    return document.load(path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("gain_bd = 1", r"unknown key stems\[1\].gain_bd \(did you mean 'gain_db'\?\), allowed are preset, "),
        ("gain_db = 99", r"stems\[1\].gain_db is 99, must be a number from -120 to 40"),
        ("gain_db = nan", r"gain_db is nan, must be a number"),
        ("gain_db = inf", r"gain_db is inf, must be a number"),
        ('gain_db = "3"', r"gain_db is '3', must be a number"),
        ("mute = 1", r"mute is 1, must be true or false"),
        ("pan = -1.5", r"pan is -1.5, must be a number from -1 to 1"),
        ("start_bar = 0", r"start_bar is 0, must be a number from 1"),
        ("start_bar = 2\nstart_seconds = 1", "start_seconds and start_bar are both given"),
        ("automation.voice.mix = [[0, 1], [1]]", r"automation.voice.mix.points: point 2 has 1 number"),
        ("automation.voice.mix = [[2, 1], [1, 1]]", "time 1 comes after 2, must be in time order"),
        ("automation.voice.mix = []", "automation.voice.mix.points is"),
        (
            'automation.x = {points = [[0, 1]], interpolation = "stp"}',
            r"is 'stp', allowed are step, linear, smooth \(did you mean 'step'\?\)",
        ),
        ('cc = {200 = "pan"}', "controller is '200', allowed are 0 to 127"),
        ("cc = {10 = {to = 'pan', low = 1}}", "low and high belong together"),
        ("[midi]\nfile = 'x.mid'\nkey_from = 'cc'", "key_cc names no controller"),
        (
            "[midi]\nfile = 'x.mid'\nkey_from = 'cd'",
            "midi.key_from is 'cd', allowed are track, signatures, cc, none",
        ),
        (
            "[output]\nformats = ['wave']",
            r"output.formats\[1\] is 'wave', allowed are wav, .*did you mean 'wav'",
        ),
        ("[output]\nformats = ['flac']\nencoding = 'float'", "encoding is 'float', which FLAC does not hold"),
        ("[master]\nceiling_dbtp = 1", "master.ceiling_dbtp is 1, must be a number from -30 to 0"),
        ("[[buses]]\nname = 'band'\nrole = 'lead'", r"unknown key buses\[1\].role .*allowed are preset"),
        ("[[stems]]\nfile = 'x/lead.wav'\nrole = 'lead'", r"stems\[1\] and stems\[2\] are both named 'lead'"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_key_value_and_what_is_allowed(tmp_path, line, said):
    with pytest.raises(SessionError, match=said) as caught:
        load(tmp_path, HEAD + line)
    assert "session.toml" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_role_that_is_none_names_the_nearest(tmp_path):
    with pytest.raises(SessionError, match=r"role is 'leed', allowed are lead, .* \(did you mean 'lead'\?\)"):
        load(tmp_path, HEAD.replace('"lead"\n', '"leed"\n'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "svcfx_session is missing"),
        ("svcfx_session = 2\nstems = []", "svcfx_session is 2, allowed are 1"),
        ("svcfx_session = 1", "stems is missing"),
        ("svcfx_session = 1\nstems = []", "stems is"),
        ("svcfx_session = = 1", "is no TOML"),
        ("a = " + "[" * 20_000, "is no TOML"),
    ],
)
def test_a_file_that_is_no_session_is_refused(tmp_path, text, said):
    with pytest.raises(SessionError, match=said):
        load(tmp_path, text)


def test_a_binary_file_a_folder_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "song.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SessionError, match="not UTF-8"):
        document.load(tmp_path / "song.toml")
    with pytest.raises(SessionError, match="is a folder"):
        document.load(tmp_path)
    with pytest.raises(SessionError, match=r"does not exist \(did you mean 'song.toml'\?\)"):
        document.load(tmp_path / "sonk.toml")


def test_a_lane_may_be_written_in_four_ways(tmp_path):
    text = HEAD + (
        '[stems.automation]\nvoice.mix = [[0, 1], [1, 0]]\n"reverb.wet_level" = [[0, 1]]\npan = [[0, -1]]\n'
        'voice.formant_semitones = { points = [[1, 2]], unit = "bars", interpolation = "step" }\n'
    )
    lanes = load(tmp_path, text).session.stems[0].automation
    assert set(lanes) == {"voice.mix", "reverb.wet_level", "pan", "voice.formant_semitones"}
    assert lanes["voice.mix"].points == [[0.0, 1.0], [1.0, 0.0]]
    assert lanes["voice.formant_semitones"].unit == "bars"


def test_outputs_are_named_after_the_folder_of_a_plain_session_toml(tmp_path):
    assert load(tmp_path, HEAD).name == tmp_path.name
    (tmp_path / "ballad.toml").write_text(HEAD)
    assert document.load(tmp_path / "ballad.toml").name == "ballad"
