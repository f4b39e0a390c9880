"""`svcfx voices list` and `show`."""

import json

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
    told = {key: value for key, value in facts.items() if value}
    width = max(map(len, told)) + 2
    for key, value in told.items():
        click.echo(f"{key + ':':<{width}}{value}")
