"""Buses and sends: what reaches the master, by which way, and how loud."""

import os
import pickle
import re
from pathlib import Path

import mido
import numpy as np
import pytest

from svcfx import audio
from svcfx.errors import SessionError
from svcfx.render.steps import Steps
from svcfx.render.store import Memory
from svcfx.session import document, plan, preview, recipe, strip_render
from svcfx.session.bounce import bounce

RATE = 44_100
ZAM = Path("/usr/lib/vst3/ZaMaximX2.vst3")
needs_zam = pytest.mark.skipif(
    not ZAM.exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
FLOAT = '[master]\ntail_seconds = 0\n[output]\nencoding = "float"\n'
INVERT = '[[nodes]]\nnode = "Invert"\n'
HALF = '[[nodes]]\nnode = "Gain"\ngain_db = -6.0\n'


def stem(name, more=""):
    return f'[[stems]]\nfile = "{name}.wav"\nrole = "pass"\n{more}\n'


def bus(name, more=""):
    return f'[[buses]]\nname = "{name}"\n{more}\n'


def db(difference):
    return 20 * np.log10(max(float(np.abs(difference).max()), 1e-30))


@pytest.fixture
def noises(song):
    """Stems `a` to `d` of one second of noise each; their samples by name."""
    random = np.random.default_rng(1)
    drawn = {name: (0.1 * random.standard_normal((2, RATE))).astype(np.float32) for name in "abcd"}
    for name, samples in drawn.items():
        song.stem(f"{name}.wav", samples)
    return drawn


@pytest.fixture
def mix(song, tmp_path, noises):
    """Renders a session's text; gives the mix."""

    def rendered(text, **settings):
        done = bounce(song.session(text + FLOAT), tmp_path / "out", on_exists="overwrite", **settings)
        return audio.read(done.mix[0]).samples

    return rendered


def planned(song, text):
    return plan.make(document.load(song.session(text + ("" if "[master]" in text else FLOAT))))


def test_strips_that_do_nothing_add_up_to_the_plain_sum(mix, noises):
    text = stem("a", 'to = "one"') + stem("b", 'to = "two"') + stem("c", 'to = "two"') + stem("d")
    found = mix(text + bus("one", 'to = "two"') + bus("two", 'to = "three"') + bus("three"))
    assert db(found - sum(samples.astype(np.float64) for samples in noises.values())) < -120


MOVED = ("gain_db = -2.7\npan = 0.3", "gain_db = 1.1", "pan = -0.61", "gain_db = -0.1\npan = 0.8")


def test_a_bus_with_an_empty_board_changes_no_bit(mix):
    plain = mix("".join(stem(name, more) for name, more in zip("abcd", MOVED, strict=True)))
    ways = ('to = "one"', 'to = "two"', "", 'to = "one"')
    through = "".join(
        stem(name, f"{more}\n{way}") for name, more, way in zip("abcd", MOVED, ways, strict=True)
    )
    assert np.array_equal(mix(through + bus("one", 'to = "two"') + bus("two")), plain)


def test_the_order_of_lines_changes_no_bit_of_the_song(song, mix):
    preset = f'preset = "{song.preset("half.toml", HALF)}"'
    send = 'sends = [{ bus = "two", gain_db = -7.3 }, { bus = "one" }]\n'
    stems = [stem(name, more + "\n" + send) for name, more in zip("abcd", MOVED, strict=True)]
    buses = [bus("one", 'to = "two"'), bus("two", preset)]
    assert np.array_equal(mix("".join(stems + buses)), mix("".join(stems[::-1] + buses[::-1])))


@pytest.mark.parametrize(
    "late",
    [
        pytest.param('node = "BrickwallLimiter"', id="limiter"),
        pytest.param('node = "PitchShift"\nsemitones = 0.0', id="pitch shift"),
        pytest.param('node = "ZaMaximX2"', id="vst3", marks=[needs_zam, pytest.mark.slow]),
    ],
)
def test_a_way_through_a_late_plugin_stays_aligned_with_the_others(song, mix, late):
    preset = song.preset("late.toml", f"[[nodes]]\n{late}\n{INVERT}")
    text = stem("a", 'sends = [{ bus = "late" }]') + bus("late", f'preset = "{preset}"')
    assert db(mix(text)) < -100  # the dry way and the flipped one cancel
    nested = stem("a", 'to = "group"') + bus("group", 'to = "out"\nsends = [{ bus = "late" }]')
    assert db(mix(nested + bus("out") + bus("late", f'preset = "{preset}"\nto = "out"'))) < -100


def test_a_send_is_tapped_before_the_fader_or_behind(mix, noises):
    for tap, heard in (("pre", 1.0), ("post", 10 ** (-20 / 20))):
        text = stem("a", f'gain_db = -20\nto = "away"\nsends = [{{ bus = "return", tap = "{tap}" }}]')
        found = mix(text + bus("away", "mute = true") + bus("return"))
        assert db(found - heard * noises["a"]) < -120


def test_the_level_of_a_send_moves_by_a_lane(mix, noises):
    drop = "{ points = [[0, 0], [0.5, -120]], interpolation = 'step' }"
    lane = f"[stems.automation]\nsends.return.gain_db = {drop}"
    found = mix(
        stem("a", f'to = "away"\nsends = [{{ bus = "return" }}]\n{lane}')
        + bus("away", "mute = true")
        + bus("return")
    )
    half = RATE // 2
    assert db(found[:, :half] - noises["a"][:, :half]) < -120
    assert db(found[:, half:]) < -110


def test_a_bus_has_a_fader_a_pan_lanes_and_a_board(song, mix, noises):
    preset = song.preset("half.toml", HALF)
    lane = "[buses.automation]\ngain_db = { points = [[0, 0], [0.5, -20]], interpolation = 'step' }"
    found = mix(
        stem("a", 'to = "group"')
        + stem("b", 'to = "group"')
        + bus("group", f'preset = "{preset}"\npan = -1\n{lane}')
    )
    steps = np.where(np.arange(RATE) < RATE // 2, 1.0, 0.1)
    wanted = (noises["a"] + noises["b"])[0] * 10 ** (-6 / 20) * np.sqrt(2) * steps
    assert db(found[0] - wanted) < -110
    assert db(found[1]) < -200


def test_a_controller_moves_the_fader_of_a_bus(song, noises):
    events = [(0, mido.MetaMessage("track_name", name="ride"))]
    events += [(0, mido.Message("control_change", control=10, value=0))]
    song.midi("song.mid", events)
    text = stem("a", 'to = "group"') + bus("group", 'cc_tracks = ["ride"]') + '[midi]\nfile = "song.mid"\n'
    [group] = planned(song, text).buses
    assert group.lanes.fader.pan.at(np.array([0.5])).tolist() == [-1.0]


SOLO = "solo = true\n"
WAYS = (
    ("a", 'to = "group"\nsends = [{ bus = "return" }]\n'),
    ("b", 'to = "group"\n'),
    ("c", 'sends = [{ bus = "return" }]\n'),
)


@pytest.mark.parametrize(
    ("soloed", "heard"),
    [
        ("", {"a": 2, "b": 1, "c": 2}),
        ("a", {"a": 2}),  # its group and its return
        ("c", {"c": 2}),
        ("ac", {"a": 2, "c": 2}),
        ("group", {"a": 2, "b": 1}),  # a group with its stems and their returns
        ("return", {"a": 1, "c": 1}),  # what is sent there, not what goes beside it
    ],
)
def test_solo_is_in_place(mix, noises, soloed, heard):
    names = [soloed] if soloed in ("group", "return") else list(soloed)
    text = "".join(stem(name, way + SOLO * (name in names)) for name, way in WAYS)
    found = mix(text + bus("group", SOLO * ("group" in names)) + bus("return", SOLO * ("return" in names)))
    wanted = sum(times * noises[name].astype(np.float64) for name, times in heard.items())
    assert db(found - wanted) < -120


def test_a_muted_strip_gives_nothing_to_its_sends_neither(song, mix, noises):
    send = 'sends = [{ bus = "return", tap = "pre" }]\n'
    found = mix(stem("a", send + "mute = true") + stem("b") + bus("return"))
    assert db(found - noises["b"]) < -120
    made = planned(song, stem("a", 'to = "group"') + stem("b") + bus("group", "mute = true"))
    assert [strip.name for strip in made.at_work] == ["b", "master"]  # what nobody hears is not rendered
    with pytest.raises(SessionError, match="every stem is muted, or its way to the master is"):
        planned(song, stem("a", 'to = "group"') + bus("group", "mute = true"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            stem("a", 'to = "grup"') + bus("group"),
            r"1\].to is 'grup', .*\(did you mean 'group'\?\): there are",
        ),
        (
            stem("a", 'to = "b"') + stem("b") + bus("c"),
            "to is 'b', a stem, must be a bus: there are master, c",
        ),
        (stem("a", 'sends = [{ bus = "x" }]'), r"sends\[1\].bus is 'x', .*: there are no \[\[buses\]\]"),
        (stem("a") + bus("x", 'to = "y"'), r"buses\[1\].to is 'y', .*: there are master, x"),
        (stem("a", 'sends = [{ bus = "master" }]') + bus("x"), "'master', must be a bus: there is x"),
        (stem("a", 'sends = [{ bus = "x" }, { bus = "x" }]') + bus("x"), r"sends\[2\].bus is 'x' again"),
        (stem("a") + bus("x", 'to = "x"'), "a bus would hear itself: x -> x"),
        (
            stem("a") + bus("x", 'sends = [{ bus = "y" }]') + bus("y", 'to = "z"') + bus("z", 'to = "x"'),
            "a bus would hear itself: x -> y -> z -> x",
        ),
        (stem("a") + bus("a"), r"stems\[1\] and buses\[1\] are both named 'a'"),
        (stem("a") + bus("master"), "'master' is the master's own name"),
        (stem("a", 'sends = [{ bus = "x", tap = "mid" }]') + bus("x"), "tap is 'mid', allowed are pre, post"),
    ],
)
def test_a_way_that_leads_nowhere_or_back_is_refused_by_name(song, text, said):
    with pytest.raises(SessionError, match=said) as caught:
        planned(song, text)
    assert "\n" not in caught.value.message


def test_a_lane_of_a_send_that_is_not_there_is_refused_with_those_that_are(song, noises):
    lane = "[stems.automation]\n'sends.retrun.gain_db' = [[0, 0]]"
    text = stem("a", f'sends = [{{ bus = "return" }}]\n{lane}') + bus("return")
    with pytest.raises(
        SessionError, match=r"moves no send of this strip \(did you mean 'sends.return.gain_db'"
    ):
        planned(song, text)


def test_a_bus_that_hears_nobody_is_said(song, noises):
    made = planned(song, stem("a") + bus("lonely"))
    assert [note.text for note in made.notes] == ["bus 'lonely' is silent: no strip goes or sends there"]


ROOM = """{a}
[[buses]]
name = "group"
gain_db = {gain}
preset = "half.toml"
to = "{to}"
[[buses]]
name = "out"
"""


def room(song, gain=0.0, to="out", preset=HALF):
    song.preset("half.toml", preset)
    song.preset("bright.toml", '[[nodes]]\nnode = "HighpassFilter"\ncutoff_frequency_hz = 200\n')
    strip = stem("a", 'preset = "bright.toml"\nto = "group"')
    return song.session(ROOM.format(a=strip, gain=gain, to=to) + FLOAT + "stems = true\n")


@pytest.mark.parametrize(
    ("change", "made"),
    [
        ({}, []),
        ({"gain": -3.0}, []),  # the fader of a bus makes nothing again
        ({"to": "master"}, []),
        ({"preset": INVERT}, ["group"]),  # its board alone
    ],
)
def test_only_what_a_change_of_a_bus_reaches_is_made_again(song, noises, tmp_path, change, made):
    store = Memory()
    bounce(room(song), tmp_path / "warm", store=store)
    warm = bounce(room(song, **change), tmp_path / "warm", store=store, on_exists="overwrite")
    assert [step.label for step in warm.steps.made if step.kind == "strip"] == made
    cold = bounce(room(song, **change), tmp_path / "cold")
    for one, other in zip((*warm.mix, *warm.stems), (*cold.mix, *cold.stems), strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_song_with_buses_that_is_there_already_is_not_made_again(song, noises, tmp_path):
    bounce(room(song), tmp_path)
    assert bounce(room(song), tmp_path).mix == ()
    assert bounce(room(song, gain=-1.0), tmp_path, on_exists="skip").mix  # made otherwise: made again
    assert [path.name for path in bounce(room(song, gain=-1.0), tmp_path, on_exists="overwrite").stems] == [
        "a.wav"
    ]


def test_a_dry_run_and_a_recipe_say_where_strips_go(song, noises, tmp_path):
    song.preset("half.toml", HALF)
    text = stem("a", 'to = "group"\nsends = [{ bus = "return", tap = "pre" }]')
    text += bus("group", 'preset = "half.toml"') + bus("return", "mute = true")
    said = preview.as_text(preview.preview(song.session(text + FLOAT), tmp_path / "out"))
    assert "  a       pass, no preset, key: as it is, to group\n" in said
    assert "buses\n  group   half.toml\n  return  no preset, muted\n" in said
    made = recipe.read(bounce(song.session(text + FLOAT), tmp_path / "out").mix[0])
    assert set(made.presets) == {"half.toml"}
    assert [one["name"] for one in made.settings["session"]["buses"]] == ["group", "return"]


@pytest.mark.parametrize("page", ["README.md", "docs/buses.md"])
def test_the_session_in_the_documents_is_one(page):
    text = (Path(__file__).parents[2] / page).read_text()
    blocks = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    [example] = [block for block in blocks if "[[buses]]" in block]
    read = document.parse(
        "svcfx_session = 1\n" + example.removeprefix("svcfx_session = 1\n"), Path("song.toml")
    )
    assert [bus.name for bus in read.session.buses] == ["vocals", "room"]
    assert read.session.stems[0].sends[0].gain_db == -12.0


@pytest.mark.parametrize("where", ["bus", "master"])
def test_a_singer_on_a_bus_or_the_master_is_named_in_the_recipe(song, make, tmp_path, synthetic_voice, where):
    song.stem("a.wav", make["tone"](220.0, 1.0))
    sung = song.preset("sung.toml", f'[[nodes]]\nnode = "VoiceConversion"\nvoice = "{synthetic_voice}"\n')
    on = {"bus": bus("choir", f'preset = "{sung}"'), "master": f'[master]\npreset = "{sung}"\n'}
    done = bounce(song.session(stem("a", 'to = "choir"' * (where == "bus")) + on[where]), tmp_path / "out")
    made = recipe.read(done.mix[0])
    assert (made.statement, [one.name for one in made.voices]) == ("converted by svcfx", [synthetic_voice])


def test_a_plan_is_plain_data_and_rendering_changes_nothing_in_it(song, noises):
    preset = f'preset = "{song.preset("half.toml", HALF)}"'
    send = 'to = "group"\nsends = [{ bus = "return" }]\n'
    text = stem("a", preset + "\n" + send) + bus("group", preset) + bus("return", preset)
    made = planned(song, f"{text}[master]\n{preset}\n")
    before = pickle.dumps(made)
    assert b"Board" not in before
    assert b"pedalboard" not in before
    for render in strip_render.of_plan(made, Steps()):
        render.rendered()
    assert pickle.dumps(made) == before


def test_what_a_bus_made_of_a_file_that_changed_while_it_was_read_is_kept_under_no_key(song, noises):
    preset = f'preset = "{song.preset("half.toml", HALF)}"'
    made = planned(song, stem("a", f'{preset}\nto = "group"') + bus("group", preset))
    steps = Steps(Memory())
    renders = strip_render.of_plan(made, steps)
    known = [render.key for render in renders]
    assert all(known)
    song.stem("a.wav", noises["b"])
    for render in renders:
        render.rendered()
    assert [render.key for render in renders] == ["", ""]
    assert not any(steps.holds(key) for key in known)


def test_a_stem_may_be_called_as_the_master_is(song, mix, noises):
    song.stem("master.wav", noises["a"])
    found = mix(stem("master", "gain_db = -6\nsolo = true") + stem("b") + bus("group"))
    assert db(found - noises["a"] * 10 ** (-6 / 20)) < -120
