"""The rows of a run that a manifest's lines ask for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from svcfx.errors import SvcfxError
from svcfx.events import Events
from svcfx.session import contents, run
from svcfx.session.effects import Prepared
from svcfx.session.isolate import Destination, FileEffect
from svcfx.session.manifest import VOICE, Manifest, ManifestLine
from svcfx.session.run import RunRow
from svcfx.session.sources import Source

Asked = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


def rows(
    manifest: Manifest, prepare: Callable[[ManifestLine], Prepared], output: Destination, events: Events
) -> list[RunRow]:
    """A row a line; lines that ask for the same share one effect.

    Raises:
        InputError: `prepare` refused a line, or two lines write one file; lines are named by their numbers.
        Cancelled: `events` asked to stop while octaves were chosen.
    """
    found = _prepared(manifest, prepare)
    plain = [RunRow(_source(line), found[_asked(line)].effect, line.name) for line in manifest.lines]
    run.check(plain, output)  # before anything is heard
    settled = _settled(manifest, found, events)
    made = [RunRow(_source(line), settled[_asked(line)], line.name) for line in manifest.lines]
    _refuse_twins(manifest, made, output)
    return made


def _asked(line: ManifestLine) -> Asked:
    """What is asked of a file, beside what it is called."""
    return line.preset, tuple(sorted(line.of_voice.items())), tuple(sorted(line.settings.items()))


def _source(line: ManifestLine) -> Source:
    return Source(line.input, Path())


def _prepared(manifest: Manifest, prepare: Callable[[ManifestLine], Prepared]) -> dict[Asked, Prepared]:
    found: dict[Asked, Prepared] = {}
    for line in manifest.lines:
        asked = _asked(line)
        try:
            if asked not in found:
                found[asked] = _called(prepare(line), line)
            contents.check_files(found[asked].board, [line.input])
        except SvcfxError as error:
            raise manifest.refused(line.number, error.message, error.hint) from error
    return found


def _settled(manifest: Manifest, found: Mapping[Asked, Prepared], events: Events) -> dict[Asked, FileEffect]:
    """The effects, with the octaves that suit the files that go through them."""
    lines: dict[Asked, list[ManifestLine]] = {}
    for line in manifest.lines:
        lines.setdefault(_asked(line), []).append(line)
    return {
        asked: found[asked].settled([_source(line) for line in some], events) for asked, some in lines.items()
    }


def _called(prepared: Prepared, line: ManifestLine) -> Prepared:
    """With an effect that names can call by its preset: a voice alone is called as itself."""
    effect = prepared.effect
    variables = {"preset": line.of_voice.get(VOICE, ""), **effect.variables}
    return replace(prepared, effect=replace(effect, variables=variables))


def _refuse_twins(manifest: Manifest, made: list[RunRow], output: Destination) -> None:
    first: dict[Path, int] = {}
    for line, row in zip(manifest.lines, made, strict=True):
        target = row.target(output)
        if output.on_exists != "rename" and target in first:
            said = f"it writes '{target}', as line {first[target]} does"
            raise manifest.refused(line.number, said, "tell them apart in the column name")
        first[target] = line.number
