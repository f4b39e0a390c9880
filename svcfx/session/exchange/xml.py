"""XML of strangers, read without what makes it dangerous: no DTD, no entities, bounded in size and depth."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from svcfx.errors import InputError

MOST_ELEMENTS = 1_000_000
MOST_DEPTH = 100
MOST_TEXT = 1000


@dataclass(slots=True)
class Element:
    """An element with its attributes, its children, and the beginning of its text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def get(self, name: str, default: str = "") -> str:
        """An attribute's text."""
        return self.attributes.get(name, default)

    def every(self, *tags: str) -> Iterator["Element"]:
        """Children with one of these tags."""
        return (child for child in self.children if child.tag in tags)

    def first(self, tag: str) -> "Element | None":
        """The first child with this tag."""
        return next(self.every(tag), None)

    def below(self) -> Iterator["Element"]:
        """Itself and all below it."""
        yield self
        for child in self.children:
            yield from child.below()


def parse(data: bytes, name: str) -> Element:
    """The root of a document.

    Raises:
        InputError: It is no XML, declares a DTD or an entity, or is larger or deeper than any song.
    """
    reading = _Reading(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.add
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    parser.EntityDeclHandler = reading.refuse_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"'{name}' is no XML: {error}") from error
    assert reading.root is not None
    return reading.root


class _Reading:
    """What expat tells, made into elements."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            raise InputError(
                f"'{self.name}' is larger than any song: allowed are {MOST_ELEMENTS:,} elements, "
                f"{MOST_DEPTH} inside each other"
            )
        element = Element(tag, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def add(self, text: str) -> None:
        if self._open and len(self._open[-1].text) < MOST_TEXT:
            self._open[-1].text += text[:MOST_TEXT]

    def end(self, _tag: str) -> None:
        self._open.pop()

    def refuse_doctype(self, *_args: object) -> None:
        raise InputError(f"'{self.name}' declares a DTD, which no song needs", hint="it may be an attack")

    def refuse_entity(self, *_args: object) -> None:
        raise InputError(f"'{self.name}' declares an entity, which no song needs", hint="it may be an attack")
