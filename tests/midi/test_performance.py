"""Tracks as instruments play them: times, the pedal, and messages."""

import pytest

from svcfx.errors import MidiError
from svcfx.midi import messages, sounded

TEMPOS = [(0, 500_000), (480, 600_000)]


@pytest.fixture
def played(write):
    """The notes of a track `piano` of these events; (start, end) in beats of half a second."""

    def spans(*events):
        song = write.song([write.named("piano"), *events])
        return [(note.start_seconds / 0.5, note.end_seconds / 0.5) for note in sounded(song, "Piano")]

    return spans


def test_notes_sound_at_the_tempo_maps_seconds(write):
    tempos = [write.meta("set_tempo", tick=tick, tempo=tempo) for tick, tempo in TEMPOS]
    song = write.song(tempos, [write.named("piano"), *write.note(60, 240), *write.note(64, 960, 240)])
    found = [(note.start_seconds, note.end_seconds, note.number) for note in sounded(song, "piano")]
    assert found == [(0.25, 0.5 + 0.3, 60), (0.5 + 0.6, 0.5 + 0.9, 64)]


def test_a_note_let_go_under_the_pedal_ends_where_the_pedal_goes_up(write, played):
    pedal = [write.cc(64, 127, 240), write.cc(64, 63, 1920)]
    assert played(*write.note(60, 0), *pedal, *write.note(62, 2400)) == [(0, 4), (5, 6)]


def test_a_note_struck_again_under_the_pedal_ends_there(write, played):
    pedal = [write.cc(64, 64, 0), write.cc(64, 0, 1920)]
    assert played(*write.note(60, 0), *pedal, *write.note(60, 960)) == [(0, 2), (2, 4)]


def test_a_pedal_that_never_goes_up_holds_to_the_end(write, played):
    assert played(*write.note(60, 0), write.cc(64, 127, 240), write.meta("marker", 4800, text="end")) == [
        (0, 10)
    ]


def test_the_pedal_of_one_channel_holds_no_other(write, played):
    assert played(*write.note(60, 0, channel=1), write.cc(64, 127, 0, channel=0)) == [(0, 1)]


def test_reset_all_controllers_lifts_the_pedal(write, played):
    assert played(*write.note(60, 0), write.cc(64, 127, 240), write.cc(121, 0, 960)) == [(0, 2)]


def test_messages_come_in_order_with_notes_that_end_before_those_that_begin(write):
    track = [
        write.named("piano"),
        *write.note(60, 0),
        *write.note(60, 480),
        write.cc(1, 5, 480),
        write.bend(-1, 480),
    ]
    found = messages(write.song(track), "piano", lambda note: 2)
    assert [(seconds, *data) for seconds, data in found] == [
        (0.0, 0x90, 62, 90),
        (0.5, 0xB0, 1, 5),
        (0.5, 0xE0, 0x7F, 0x3F),
        (0.5, 0x80, 62, 0),
        (0.5, 0x90, 62, 90),
        (1.0, 0x80, 62, 0),
    ]


def test_a_note_moved_out_of_midi_is_refused(write):
    song = write.song([write.named("piano"), *write.note(120, 0)])
    with pytest.raises(MidiError, match=r"note 120 of track 'piano' .* is moved to 132, outside 0 to 127"):
        messages(song, "piano", lambda note: 12)


def test_a_track_without_notes_is_refused_and_those_with_notes_are_named(write):
    song = write.song([write.named("words")], [write.named("piano"), *write.note(60, 0)])
    with pytest.raises(MidiError, match=r"'words' .* has no notes") as refused:
        sounded(song, "words")
    assert "piano" in refused.value.hint


def test_of_many_tracks_with_notes_the_first_are_named(write):
    playing = [[write.named(f"part {number}"), *write.note(60, 0)] for number in range(60)]
    with pytest.raises(MidiError) as refused:
        sounded(write.song([write.named("words")], *playing), "words")
    assert refused.value.hint.endswith("part 39 and 20 more")
