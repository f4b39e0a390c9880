"""`svcfx plan`: where a melody lies in a singer's range, and what to transpose it by."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from svcfx.session.key_plan import KeyPlan, Share

_WIDTH = 30
_MOST_PLACES = 12


@click.command()
@click.argument("path", metavar="SESSION|VOCAL", type=click.Path(path_type=Path))
@click.option("-v", "--voice", help="Who would sing VOCAL; a session says it itself.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw it, as a .png.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a melody.")
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="A folder outside its own that the session may read. May be given again.")  # fmt: skip
@click.option("--allow-plugin", type=click.Path(path_type=Path), multiple=True,
              help="A plug-in file that a preset may load by path. May be given again.")  # fmt: skip
def plan(
    path: Path,
    voice: str | None,
    picture: Path | None,
    as_json: bool,
    allow_path: tuple[Path, ...],
    allow_plugin: tuple[Path, ...],
) -> None:
    """Show how much of each sung melody lies in its singer's range, transposed by -12 to +12 semitones.

    SESSION is a session.toml, whose key is heeded; VOCAL is an audio file. One suggestion is made, with its
    reason: the octave that `transpose = "auto"` takes; where it does not hold nine tenths of the melody,
    another one, or the least move of the song's key with which one does. Then the places where that still
    leaves the range. Nothing is rendered.

    \b
    svcfx plan song/session.toml
    svcfx plan vocal.wav --voice corin --picture plan.png
    """
    found = _plans(path, voice, allow_path, allow_plugin)
    if picture is not None:
        from svcfx.report import key_picture

        key_picture.draw(found, picture)
    for each in found:
        click.echo(json.dumps(each.as_dict(), ensure_ascii=False) if as_json else "\n".join(_text(each)))
    if picture is not None:
        click.echo(picture, err=True)


def _plans(
    path: Path, voice: str | None, allow_paths: Sequence[Path], allow_plugins: Sequence[Path]
) -> "Sequence[KeyPlan]":
    from svcfx.errors import InputError
    from svcfx.session import key_plan  # here: --help loads no numpy

    if path.suffix.lower() != ".toml":
        if voice is None:
            raise InputError(
                f"'{path}' is no session, and nobody is named to sing it", hint="add --voice NAME"
            )
        return (key_plan.of_file(path, voice),)
    if voice is not None:
        raise InputError(
            f"'{path}' is a session, which says who sings", hint="leave out --voice, or name a vocal"
        )
    return key_plan.of_session(path, allow_paths=allow_paths, allow_plugins=allow_plugins)


def _text(found: "KeyPlan") -> Iterator[str]:
    from svcfx.chain.scales import note_of
    from svcfx.cli.table import table

    low, high = (note_of(hertz) for hertz in (found.low_hz, found.high_hz))
    yield (
        f"{found.label}, {found.melody_seconds:.1f} s of melody, by {found.singer}: "
        f"{low} to {high} ({found.low_hz:.0f} to {found.high_hz:.0f} Hz)\n"
    )
    rows = [_row(found, share) for share in found.shares]
    yield table(("  ST", "IN RANGE", "BELOW", "ABOVE", ""), rows)
    octaves = ", ".join(f"{share.semitones:+d} {share.inside:.0%}" for share in found.octaves)
    yield f"\nOctaves: {octaves}"
    advice = found.advice
    song = f", the song by {advice.key_semitones:+d}" if advice.key_semitones else ""
    yield f"Suggestion: transpose the voice by {advice.transpose_semitones:+d}{song}: {advice.reason}"
    yield from _breaks(found)


def _row(found: "KeyPlan", share: "Share") -> tuple[str, ...]:
    marks = ["suggested"] * (share.semitones == found.advice.semitones)
    marks += ["now"] * (share.semitones == found.stands)
    bar = "#" * round(_WIDTH * share.inside)
    said = f"{bar}{' ' * bool(bar)}{'<- ' * bool(marks)}{', '.join(marks)}"
    return (
        f"{share.semitones:+4d}",
        *(f"{part:6.1%}" for part in (share.inside, share.below, share.above)),
        said,
    )


def _breaks(found: "KeyPlan") -> Iterator[str]:
    moved = found.advice.semitones
    if not found.places:
        yield f"At {moved:+d} it stays inside throughout.\n"
        return
    yield f"At {moved:+d} it leaves the range here:"
    for place in found.places[:_MOST_PLACES]:
        bar = f" (bar {place.bar})" if place.bar else ""
        yield (
            f"  {place.start_seconds:.2f} to {place.end_seconds:.2f} s{bar}: "
            f"{'up' if place.above else 'down'} to {place.note}"
        )
    if len(found.places) > _MOST_PLACES:
        yield f"  and {len(found.places) - _MOST_PLACES} more"
    yield ""
