"""Projects with wounds are read or refused by a sentence, whatever the wound is."""

import random
import zipfile

import pytest

from svcfx.errors import SvcfxError
from svcfx.session.exchange import dawproject_reading, doors, rpp_reading

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
