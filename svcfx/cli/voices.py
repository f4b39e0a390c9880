"""`svcfx voices`: the singers that are installed."""

import json

import click


@click.group()
def voices() -> None:
    """List the voices that can be sung with.

    \b
    svcfx voices list
    svcfx voices show vela
    """


@voices.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a singer.")
def list_voices(as_json: bool) -> None:
    """List all singers: name, range, licence, and the hash of the weights.

    The range is where a singer was made to sing; `svcfx convert` moves a melody there with -t.

    \b
    svcfx voices list --json
    """
    from svcfx.cli.table import table
    from svcfx.voices import shelf

    singers = [(name, card, card.singer(name)) for card in shelf.cards() for name in card.singers]
    if as_json:
        for name, card, singer in singers:
            facts = {"name": name, "voice": card.name, "low_hz": singer.low_hz, "high_hz": singer.high_hz,
                     "licence": card.licence, "consent": card.consent, "about": singer.about,
                     "sha256": card.sha256}  # fmt: skip
            click.echo(json.dumps(facts, ensure_ascii=False))
        return
    rows = [
        (
            name,
            f"{note(singer.low_hz)} to {note(singer.high_hz)}",
            f"{singer.low_hz:.0f} to {singer.high_hz:.0f} Hz",
            card.licence.split(",")[0].split(". ")[0],
            card.sha256[:12],
            singer.about,
        )
        for name, card, singer in singers
    ]
    click.echo(table(("NAME", "NOTES", "RANGE", "LICENCE", "SHA256", "ABOUT"), rows))


@voices.command("show")
@click.argument("name")
def show_voice(name: str) -> None:
    """Print all that the card of the singer NAME says: licence, consent, sources.

    \b
    svcfx voices show vela
    """
    from svcfx.voices import shelf

    card = shelf.find(name)
    singer = card.singer(name)
    facts = {
        "name": name,
        "about": singer.about,
        "range": f"{note(singer.low_hz)} to {note(singer.high_hz)}, "
        f"{singer.low_hz:.0f} to {singer.high_hz:.0f} Hz",
        "voice": f"{card.name} ({card.family}, {card.rate} Hz)",
        "licence": card.licence,
        "consent": card.consent,
        "sources": "; ".join(card.sources),
        "weights": str(card.path),
        "sha256": card.sha256,
    }
    for key, value in facts.items():
        if value:
            click.echo(f"{key + ':':<9}{value}")


def note(hertz: float) -> str:
    """The nearest note of equal temperament, A4 = 440 Hz: "C4", "F#3"."""
    from math import log2

    number = round(69 + 12 * log2(hertz / 440.0))
    names = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
    return f"{names[number % 12]}{number // 12 - 1}"
