"""`svcfx voices list`, `show`, `inspect` and `check`: what is there, what a thing is, is all whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from svcfx.cli.flags import spoken
from svcfx.cli.voices import telling
from svcfx.voices.facts import about, facts


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a singer.")
def list_voices(as_json: bool) -> None:
    """List all singers: name, range, licence, and the hash of the weights.

    The range is where a singer was made to sing; `svcfx convert` moves a melody there with -t.

    \b
    svcfx voices list --json
    """
    from svcfx.cli.table import table
    from svcfx.voices import shelf

    singers = [(card, name) for card in shelf.cards() for name in card.singers]
    if as_json:
        for card, name in singers:
            click.echo(json.dumps(facts(card, name), ensure_ascii=False))
    else:
        rows = [
            (
                card.address(name),
                telling.notes_of(card.singers[name]),
                telling.hertz_of(card.singers[name]),
                telling.short(card.licence),
                card.sha256[:12],
                about(card, name),
            )
            for card, name in singers
        ]
        click.echo(table(("NAME", "NOTES", "RANGE", "LICENCE", "SHA256", "ABOUT"), rows))
    for error in shelf.added()[1]:
        click.echo(f"Warning: {spoken(str(error))}", err=True)


@click.command()
@click.argument("name")
def show(name: str) -> None:
    """Print all that the card of the singer NAME says: licence, consent, sources.

    \b
    svcfx voices show vela
    """
    from svcfx.voices import shelf

    card = shelf.find(name)
    own = card.singer_name(name)
    singer = card.singers[own]
    facts = {
        "name": card.address(own),
        "about": about(card, own),
        "singer": own if own != card.address(own) else "",
        "range": telling.range_of(singer),
        "voice": f"{card.name} ({card.family}, {card.rate} Hz)",
        **telling.parts_of(card),
        "licence": card.licence,
        "consent": card.consent,
        "sources": "; ".join(card.sources) or card.source,
        "added": str(card.added or ""),
        "weights": str(card.path),
        "sha256": card.sha256,
    }
    _print({key: value for key, value in facts.items() if value})


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a voice.")
def check(name: str | None, as_json: bool) -> None:
    """Check the voice NAME, or all: hashes, opening, content encoder, and that the parts agree.

    Exits with 4 when something is wrong.

    \b
    svcfx voices check
    svcfx voices check mei
    """
    from svcfx.cli.table import table
    from svcfx.voices import upkeep

    found = upkeep.check(name)
    if as_json:
        for one in found:
            click.echo(
                json.dumps(
                    {"voice": one.voice, "ok": one.is_well, "problem": one.problem}, ensure_ascii=False
                )
            )
    else:
        rows = [
            (one.voice, "ok" if one.is_well else "WRONG", one.problem.replace("\n", " ")) for one in found
        ]
        click.echo(table(("VOICE", "STATE", "WHAT"), rows))
    upkeep.require_well(found)


@click.command()
@click.argument("what", metavar="NAME|FOLDER|FILE")
@click.option("--config", type=click.Path(path_type=Path), help="The config.json of a checkpoint elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect(what: str, config: Path | None, as_json: bool) -> None:
    """Say what a voice, a folder or a checkpoint is: family and why, parts, sizes, what would be refused.

    Nothing is added and nothing in the file runs.

    \b
    svcfx voices inspect mei
    svcfx voices inspect ~/so-vits-svc/logs/44k
    svcfx voices inspect G_106000.pth
    """
    from svcfx.voices import inspecting

    found = inspecting.inspect(what, config)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def _print(facts: Mapping[str, Any]) -> None:
    """A line a fact, or a line for each thing in a list."""
    width = max(map(len, facts)) + 2
    for key, value in facts.items():
        for line in value if isinstance(value, list) else [value]:
            click.echo(f"{key + ':':<{width}}{line}")
