"""Where strips go: who feeds a bus, in what order strips can be played, and which are heard.

A strip goes `to` one bus or the master, and sends to any number of buses. A muted strip gives nothing, to its
sends neither. Solo is in place: while any strip is soloed, what sounds is what runs through one of these on
its way from a stem to the master. So a soloed stem keeps its groups and returns, a soloed group its stems and
their returns, and a soloed return what is sent to it, without what went beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from svcfx.errors import nearest
from svcfx.session.strip_model import MASTER, Bus, Channel, Stem, stem_names


class Routing:
    """The ways of a session's strips, by name; the session was let in by `check`."""

    def __init__(self, stems: Sequence[Stem], buses: Sequence[Bus]) -> None:
        self._strips = _named(stems, buses)
        self._stems = frozenset(stem_names(stems))
        self._soloed = frozenset(name for name in self._strips if self._is_soloed(name))
        self._beyond = cache(self._found_beyond)
        self._is_fed = cache(self._found_fed)
        self._arrives = cache(self._found_arriving)

    @property
    def buses(self) -> tuple[str, ...]:
        """Every bus, each behind those that feed it."""
        buses = [name for name in self._strips if name not in self._stems]
        return tuple(sorted(buses, key=lambda bus: sum(bus in self._beyond(name) for name in buses)))

    def is_heard(self, name: str) -> bool:
        """Whether a strip sounds in the mix."""
        return self._is_fed(name) and self._arrives(name)

    def is_heard_by(self, name: str, target: str) -> bool:
        """Whether what a strip gives to a bus, or the master, sounds in the mix."""
        arrives = target == MASTER or self._arrives(target)
        return arrives and self._is_fed(name) and self._sounds(name, target)

    def has_feeds(self, bus: str) -> bool:
        """Whether any strip goes or sends to a bus, muted or not."""
        return any(bus in targets(strip) for strip in self._strips.values())

    def _is_soloed(self, name: str) -> bool:
        """Whether a strip is soloed, or goes into a group that is."""
        strip = self._strips[name]
        while not strip.solo and strip.to != MASTER:
            strip = self._strips[strip.to]
        return strip.solo

    def _found_beyond(self, name: str) -> frozenset[str]:
        """All buses that hear a strip, by others too."""
        buses = [target for target in targets(self._strips[name]) if target != MASTER]
        return frozenset(buses).union(*(self._beyond(bus) for bus in buses))

    def _sounds(self, name: str, target: str) -> bool:
        """Whether mutes and solos let a strip through to a target."""
        if self._strips[name].mute:
            return False
        onward = frozenset() if target == MASTER else self._beyond(target) | {target}
        soloed = not self._soloed or name in self._soloed or not self._soloed.isdisjoint(onward)
        return soloed or any(name in self._beyond(other) for other in self._soloed)

    def _found_fed(self, name: str) -> bool:
        """Whether sound comes into a strip: a stem has its own."""
        return name in self._stems or any(
            self._sounds(other, name) and self._is_fed(other)
            for other, strip in self._strips.items()
            if name in targets(strip)
        )

    def _found_arriving(self, name: str) -> bool:
        """Whether what a strip gives reaches the master, by any way."""
        return any(
            self._sounds(name, target) and (target == MASTER or self._arrives(target))
            for target in targets(self._strips[name])
        )


def targets(strip: Channel) -> Iterator[str]:
    """Whoever hears a strip: where it goes, then where it sends."""
    yield strip.to
    yield from (send.bus for send in strip.sends)


def feeding(bus: str, stems: Sequence[Stem], buses: Sequence[Bus]) -> tuple[str, ...]:
    """The strips that go or send to a bus."""
    return tuple(name for name, strip in _named(stems, buses).items() if bus in targets(strip))


def check(stems: Sequence[Stem], buses: Sequence[Bus]) -> None:
    """Refuse strips of one name, ways that lead nowhere, and ways that come back.

    Raises:
        ValueError: There is one; the sentence says what there is.
    """
    _refuse_same_names(stems, buses)
    strips, known = _named(stems, buses), [bus.name for bus in buses]
    for place, (name, strip) in zip(_places(stems, buses), strips.items(), strict=True):
        if strip.to != MASTER and strip.to not in known:
            raise ValueError(f"{place}.to is {_unknown(strip.to, [MASTER, *known], strips)}")
        sent = [send.bus for send in strip.sends]
        for number, bus in enumerate(sent, start=1):
            if bus not in known:
                raise ValueError(f"{place}.sends[{number}].bus is {_unknown(bus, known, strips)}")
            if bus in sent[: number - 1]:
                raise ValueError(f"{place}.sends[{number}].bus is '{bus}' again, '{name}' sends there once")
    _refuse_circles(strips)


def _named(stems: Sequence[Stem], buses: Sequence[Bus]) -> dict[str, Channel]:
    """Every strip by its name, stems first."""
    return {**dict(zip(stem_names(stems), stems, strict=True)), **{bus.name: bus for bus in buses}}


def _places(stems: Sequence[Stem], buses: Sequence[Bus]) -> Iterator[str]:
    yield from (f"stems[{number}]" for number in range(1, len(stems) + 1))
    yield from (f"buses[{number}]" for number in range(1, len(buses) + 1))


def _refuse_same_names(stems: Sequence[Stem], buses: Sequence[Bus]) -> None:
    seen: dict[str, str] = {}
    names = [*stem_names(stems), *(bus.name for bus in buses)]
    for place, name in zip(_places(stems, buses), names, strict=True):
        if name in seen:
            raise ValueError(f"{seen[name]} and {place} are both named '{name}', give one another `name`")
        seen[name] = place


def _unknown(name: str, known: Sequence[str], strips: Iterable[str]) -> str:
    """A name that is none of `known`, and what there is."""
    if name in strips:
        return f"'{name}', a stem, must be a bus: {_listed(known)}"
    if name == MASTER:
        return f"'{MASTER}', must be a bus: {_listed(known)}"
    return f"'{name}', but there is none such{nearest(name, known)}: {_listed(known)}"


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "there are no [[buses]]"
    return f"there {'are' if len(names) > 1 else 'is'} {', '.join(names)}"


def _refuse_circles(strips: Mapping[str, Channel]) -> None:
    """Refuse a bus that hears itself, by whatever way."""
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = (*way[way.index(name) :], name)
            raise ValueError(f"a bus would hear itself: {' -> '.join(circle)}")
        if name not in done:
            for target in targets(strips[name]):
                if target != MASTER:
                    walk(target, (*way, name))
            done.add(name)

    for name in strips:
        walk(name, ())
