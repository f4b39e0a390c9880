"""`svcfx voices check`: whether what lies on the shelf is whole."""

import json

import click


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
    from svcfx.voices import checking

    found = checking.check(name)
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
    checking.require_well(found)
