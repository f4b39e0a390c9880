"""Projects with wounds are read or refused by a sentence, whatever the wound is."""

import random
import tracemalloc
import zipfile

import pytest

from svcfx.errors import InputError, SvcfxError
from svcfx.session.exchange import dawproject_reading, doors, rpp_reading, volume

WOUNDS = 200
PIECES = ("", "-1", "1e308", "nan", "x", "<", ">", '"', "\x00", "id3", "0", "99999999999999999999", "\n")


def wounded(text, chance):
    """A text with a few places cut, doubled or written over."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(start + chance.randint(0, 30), len(text))
        text = text[:start] + chance.choice((*PIECES, text[start:end] * 2)) + text[end:]
    return text


@pytest.mark.parametrize("form", ["dawproject", "rpp"])
def test_a_wounded_project_is_read_or_refused(whole, tmp_path, form):
    path = doors.take_out(whole, whole.path.parent / f"song.{form}", pack=False).path
    chance, told = random.Random(7), set()
    if form == "rpp":
        text = path.read_text()
    else:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("project.xml").decode()
    for _ in range(WOUNDS):
        hurt = wounded(text, chance).encode("utf-8", "replace")
        try:
            if form == "rpp":
                path.write_bytes(hurt)
                rpp_reading.read(path)
            else:
                with zipfile.ZipFile(path, "w") as archive:
                    archive.writestr("project.xml", hurt)
                dawproject_reading.read(path, tmp_path)
            told.add("read")
        except SvcfxError:
            told.add("refused")
    assert told == {"read", "refused"}


def swinging(points, path):
    """A project whose one envelope goes up and down between silence and full, line by line."""
    drawn = "\n".join(f"PT {count * 0.1:g} {count % 2} 0" for count in range(points))
    head, chunk = '<REAPER_PROJECT 0.1 "7.0" 1', f"<VOLENV2\nACT 1 -1\n{drawn}\n>"
    path.write_text(f"{head}\n<TRACK\nNAME Lead\n{chunk}\n>\n>\n")
    return path


@pytest.mark.parametrize("points", [5_000, volume.MOST_POINTS + 1])
def test_an_envelope_that_would_become_a_flood_of_points_is_counted_and_refused(points, tmp_path):
    # 5,000 points became 1.2 million and 223 MB; a file of two million lines would have taken tens of GB
    path = swinging(points, tmp_path / "song.rpp")
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="VOLENV2 of track 'Lead' has more points than 100,000"):
            rpp_reading.read(path)
        buffer = 128 << 20  # that the file is read into
        assert tracemalloc.get_traced_memory()[1] < buffer + 8_000_000 + 1_000 * points
    finally:
        tracemalloc.stop()


def test_an_envelope_of_as_many_points_as_a_session_takes_is_read(tmp_path):
    song = rpp_reading.read(swinging(400, tmp_path / "song.rpp")).song
    assert 90_000 < len(song.tracks[0].lanes["gain_db"].points) <= volume.MOST_POINTS


def test_the_lines_of_a_mixer_are_counted_before_they_are_drawn():
    swung = [(float(count), float(count % 2)) for count in range(5_000)]
    with pytest.raises(InputError, match="'Lead' has more points"):
        volume.lines(swung, "gain_db of 'Lead'")
    still = [(float(count), 0.5) for count in range(volume.MOST_POINTS)]
    level = volume.decibels(0.5)
    assert volume.lines(still, "gain_db of 'Lead'") == [(0.0, level), (still[-1][0], level)]


def test_a_pan_whose_held_points_become_twice_as_many_is_refused_as_a_session_would(tmp_path):
    # one line among held points: each is then drawn to the next one's time, 60,000 become 120,000
    drawn = "\n".join(f"PT {count * 0.1:g} {count % 2} {int(count > 0)}" for count in range(60_000))
    path, head = tmp_path / "song.rpp", '<REAPER_PROJECT 0.1 "7.0" 1'
    path.write_text(f"{head}\n<TRACK\nNAME Lead\n<PANENV2\nACT 1 -1\n{drawn}\n>\n>\n>\n")
    with pytest.raises(InputError, match="PANENV2 of track 'Lead' has more points than 100,000"):
        rpp_reading.read(path)
