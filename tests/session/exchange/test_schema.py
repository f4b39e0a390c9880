"""What is written follows the schema of .dawproject 1.0, restated: children in order, attributes, references.

Source: Project.xsd and MetaData.xsd of https://github.com/bitwig/dawproject.
"""

import zipfile
from xml.etree import ElementTree

import pytest

from svcfx.session.exchange import doors

REAL = ({"id", "name", "unit!", "value", "min", "max"}, ())
BOOL = ({"id", "name", "value"}, ())
UNITS = {"linear", "normalized", "percent", "decibel", "hertz", "semitones", "seconds", "beats", "bpm"}
SCHEMA = {
    "Project": ({"version!"}, ("Application!", "Transport", "Structure", "Arrangement", "Scenes")),
    "Application": ({"name!", "version!"}, ()),
    "Transport": (set(), ("Tempo", "TimeSignature")),
    "Tempo": REAL,
    "TimeSignature": ({"id", "numerator!", "denominator!"}, ()),
    "Structure": (set(), ("Track*",)),
    "Track": ({"id", "name", "color", "comment", "contentType", "loaded"}, ("Channel", "Track*")),
    "Channel": (
        {"id", "name", "audioChannels", "destination", "role", "solo"},
        ("Devices", "Mute", "Pan", "Sends", "Volume"),
    ),
    "Mute": BOOL,
    "Pan": REAL,
    "Volume": REAL,
    "Sends": (set(), ("Send*",)),
    "Send": ({"id", "destination", "type"}, ("Enable", "Pan", "Volume!")),
    "Arrangement": ({"id", "name"}, ("Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation")),
    "Lanes": ({"id", "timeUnit", "track"}, None),
    "Clips": ({"id", "timeUnit", "track"}, ("Clip*",)),
    "Clip": (
        {"time!", "duration", "contentTimeUnit", "playStart", "name", "fadeInTime", "fadeOutTime", "enable"},
        ("Audio",),
    ),
    "Audio": ({"id", "duration!", "channels!", "sampleRate!", "timeUnit", "algorithm"}, ("File!",)),
    "File": ({"path!", "external"}, ()),
    "Points": ({"id", "unit", "timeUnit", "track"}, ("Target!", "RealPoint*")),
    "TempoAutomation": ({"id", "unit", "timeUnit"}, ("Target!", "RealPoint*")),
    "TimeSignatureAutomation": ({"id", "unit", "timeUnit"}, ("Target!", "TimeSignaturePoint*")),
    "Target": ({"parameter"}, ()),
    "RealPoint": ({"time!", "value!", "interpolation"}, ()),
    "TimeSignaturePoint": ({"time!", "numerator!", "denominator!"}, ()),
    "Markers": ({"id", "timeUnit"}, ("Marker*",)),
    "Marker": ({"time!", "name", "color"}, ()),
}
CHOICES = {
    "unit": UNITS,
    "timeUnit": {"beats", "seconds"},
    "contentTimeUnit": {"beats", "seconds"},
    "role": {"regular", "master", "effect", "submix", "vca"},
    "type": {"pre", "post"},
    "interpolation": {"hold", "linear"},
    "solo": {"true", "false"},
    "loaded": {"true", "false"},
    "external": {"true", "false"},
}


def mistakes(element):
    """What of an element and all below it the schema does not allow."""
    attributes, children = SCHEMA[element.tag]
    allowed = {name.rstrip("!") for name in attributes}
    yield from (f"{element.tag}@{name}" for name in element.attrib if name not in allowed)
    yield from (
        f"{element.tag} lacks {name}"
        for name in attributes
        if name[-1] == "!" and name[:-1] not in element.attrib
    )
    for name, value in element.attrib.items():
        if name in CHOICES and value not in CHOICES[name]:
            yield f"{element.tag}@{name}={value}"
    tags = [child.tag for child in element]
    if children is not None:
        order = [name.rstrip("!*") for name in children]
        places = [order.index(tag) if tag in order else -1 for tag in tags]
        if places != sorted(places) or -1 in places:
            yield f"{element.tag} holds {tags}"
        once = [name for name, said in zip(order, children, strict=True) if said[-1] != "*"]
        yield from (f"{element.tag} holds {name} twice" for name in once if tags.count(name) > 1)
        needed = [name[:-1] for name in children if name[-1] == "!"]
        yield from (f"{element.tag} lacks {name}" for name in needed if name not in tags)
    for child in element:
        yield from mistakes(child)


@pytest.fixture
def project(whole, tmp_path):
    path = doors.take_out(whole, tmp_path / "song.dawproject").path
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        return ElementTree.fromstring(archive.read("project.xml")), names


def test_a_project_follows_the_schema(project):
    assert list(mistakes(project[0])) == []


def test_the_schema_would_see_a_mistake(project):
    root, _ = project
    channel = next(root.iter("Channel"))
    channel.append(channel.find("Mute"))
    assert list(mistakes(root)) != []


def test_every_reference_of_a_project_leads_somewhere(project):
    root, names = project
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    said = [element.get(name) for element in root.iter() for name in ("destination", "track", "parameter")]
    assert {reference for reference in said if reference} <= set(ids)
    assert {file.get("path") for file in root.iter("File")} == {name for name in names if "/" in name}
