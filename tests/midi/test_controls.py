"""What nobody used is listed once."""

from svcfx.midi import DEFAULTS, ignored


def song_of(write):
    return write.song(
        [write.named("key"), *write.note(62, 0)],
        [
            write.named("lead"),
            write.cc(74, 3),
            write.cc(1, 3),
            write.cc(1, 4, 9),
            write.cc(101, 0),
            write.bend(5),
        ],
        [write.named("drums"), *write.note(36, 0), *write.note(36, 960)],
    )


def test_tracks_and_controllers_that_nobody_used_are_listed_once(write):
    assert ignored(song_of(write), [("KEY", "notes"), ("lead", 74)]) == (
        "track 'lead' not used: pitch bend, CC 1",
        "track 'drums' not used: 2 notes",
    )


def test_nothing_is_listed_when_all_is_used(write):
    used = [("key", "notes"), ("lead", 74), ("lead", 1), ("lead", "bend"), ("drums", "notes")]
    assert ignored(song_of(write), used) == ()


def test_the_usual_controllers_have_their_targets():
    assert {number: item.target for number, item in DEFAULTS.items()} == {
        74: "voice.formant_semitones",
        71: "voice.diffusion_depth",
        11: "voice.output_gain_db",
        10: "pan",
        1: "voice.growl",
        2: "voice.breath",
        76: "voice.vibrato_rate",
        77: "voice.vibrato_depth",
    }
