"""What objects show in a notebook: whole HTML that fetches nothing, names escaped, figures true."""

import base64
import re
from html.parser import HTMLParser

import numpy as np
import pedalboard
import pytest

from svcfx import Board, Formant, Lane, VoiceConversion, audio
from svcfx.session.bounce import bounce

RATE = 44_100
HOSTILE = "<script>alert(1)</script>"


class _Page(HTMLParser):
    """Text and attributes; every tag that opens must close."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.sources, self.text = [], [], [], ""
        self.feed(html)
        assert self.open == []
        assert "script" not in self.tags
        assert all(source.startswith("data:") for source in self.sources)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f" {data} "


def shown(thing):
    return _Page(thing._repr_html_())


def played(page, folder):
    """The sound of the page's player."""
    (source,) = page.sources
    (folder / "played.ogg").write_bytes(base64.b64decode(source.partition(",")[2]))
    return audio.read(folder / "played.ogg")


@pytest.mark.parametrize(("channels", "rate"), [(1, 22_050), (2, 44_100), (6, 96_000)])
def test_audio_is_played_as_long_and_as_loud_as_it_is(channels, rate, tmp_path):
    when = np.arange(2 * rate) / rate
    tone = (0.3 * np.sin(2 * np.pi * 440 * when)).astype(np.float32)
    page = shown(audio.Audio(np.repeat(tone[None], channels, axis=0), rate, (HOSTILE,)))
    sound = played(page, tmp_path)
    assert sound.seconds == pytest.approx(2.0, abs=0.03)
    assert np.std(sound.samples[:, 4800:-4800]) == pytest.approx(0.3 / np.sqrt(2), rel=0.03)
    assert "2.00 s" in page.text
    assert HOSTILE in page.text


def test_audio_without_samples_says_so():
    page = shown(audio.Audio(np.zeros((1, 0), np.float32), RATE))
    assert page.sources == []
    assert "0.00 s" in page.text


def test_a_lane_is_drawn_with_its_lowest_value_at_the_foot():
    html = Lane(((0.0, -6.0), (4.0, 3.0)))._repr_html_()
    pairs = re.search(r'points="([^"]*)"', html)[1].split()
    heights = [float(pair.split(",")[1]) for pair in pairs]
    assert np.all(np.diff(heights) <= 0)  # downwards is more, on a screen
    assert heights[0] > heights[-1]
    text = _Page(html).text
    assert "-6 to 3" in text
    assert "2 points" in text
    assert "1 point " in shown(Lane.constant(1.0)).text


def test_a_voice_shows_its_moved_knobs_first_and_the_others_below(synthetic_voice):
    page = shown(VoiceConversion(voice=synthetic_voice, transpose_semitones=5.0))
    moved, _, rest = page.text.partition("as it rests")
    assert synthetic_voice in moved
    assert re.search(r"transpose_semitones\s+5 st", moved)
    assert "formant_semitones" not in moved
    assert re.search(r"formant_semitones\s+0 st", rest)


def test_a_board_shows_its_nodes_in_order_with_their_units(synthetic_voice):
    inner = Board([pedalboard.Reverb(room_size=0.3)])
    board = Board(
        [
            pedalboard.Compressor(threshold_db=-18),
            VoiceConversion(voice=synthetic_voice),
            None,
            Formant(),
            inner,
        ]
    )
    board.set_bypassed(0)
    text = shown(board).text
    places = [
        text.index(name)
        for name in ("compressor, bypassed", "VoiceConversion", "nothing", "Formant", "reverb")
    ]
    assert places == sorted(places)
    assert re.search(r"threshold_db\s+-18 dB", text)
    assert re.search(r"room_size\s+0.3", text)


def test_a_bounce_plays_its_mix_and_tells_its_files(tmp_path):
    audio.write(tmp_path / "tone.wav", np.full((1, RATE), 0.1, np.float32), RATE)
    (tmp_path / "session.toml").write_text(
        f'svcfx_session = 1\ntitle = "{HOSTILE}"\n'
        '[[stems]]\nfile = "tone.wav"\nrole = "pass"\n[master]\ntail_seconds = 0.0\n'
    )
    done = bounce(tmp_path / "session.toml", tmp_path / "<out>")
    page = shown(done)
    assert played(page, tmp_path).seconds == pytest.approx(1.0, abs=0.03)
    assert str(done.mix[0]) in page.text
    assert "LUFS" in page.text
    done.mix[0].unlink()
    assert shown(done).sources == []


def test_a_bounce_shows_the_pitch_of_what_was_sung_with_its_gaps(tmp_path, synthetic_voice):
    when = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * 220 * k * when) / k for k in range(1, 9))
    sung = (0.1 * tone * ((when < 0.8) | (when > 1.2))).astype(np.float32)
    audio.write(tmp_path / "lead.wav", sung[None], RATE)
    audio.write(tmp_path / "band.wav", sung[None], RATE)
    (tmp_path / "sung.toml").write_text(
        f'svcfx_preset = 1\nname = "sung"\n[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n'
    )
    (tmp_path / "session.toml").write_text(
        'svcfx_session = 1\n[[stems]]\nfile = "lead.wav"\nrole = "lead"\npreset = "sung.toml"\n'
        '[[stems]]\nfile = "band.wav"\nrole = "pass"\n[output]\nstems = true\n'
        "[master]\ntail_seconds = 0.0\n"
    )
    html = bounce(tmp_path / "session.toml", tmp_path / "out")._repr_html_()
    (label,) = re.findall(r'aria-label="(Pitch of [^"]*)"', html)
    assert label.startswith("Pitch of lead.wav, from ")
    picture = html[html.index(label) :].partition("</svg>")[0]
    lines = [line.split() for line in re.findall(r'points="([^"]*)"', picture)]
    assert len(lines) >= 2  # the silence between is no note
    places = [float(point.partition(",")[0]) for line in lines for point in line]
    assert not [place for place in places if 0.45 * 640 < place < 0.55 * 640]
    assert _Page(html).sources
