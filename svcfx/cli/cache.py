"""`svcfx cache`: what is kept between renders."""

import json
from pathlib import Path

import click

from svcfx.cli.caching import F, opened, shown


@click.group()
def cache() -> None:
    """What svcfx keeps between renders, so that it makes again only what changed.

    A render is made of steps: what a voice sang, a stem behind all its effects, an accompaniment in another
    key. Each is kept under a hash of all that it depends on: the file's samples, every knob that reaches it,
    the voice's weights, the libraries, the processor. Change the reverb, and the singing is there already;
    change the transposition, and the other stems are. What is found gives the very bytes that a render from
    nothing gives, so the cache may be cleared at any time; it costs only the next render's time.

    What was not used for longest goes when it is full (`--cache-size` of `svcfx render`). It lies in the
    user's cache folder, or where $SVCFX_CACHE says; many processes may share it.

    \b
    svcfx cache show
    svcfx cache verify
    svcfx render song/session.toml --cache /fast/disk --cache-size 50GB
    svcfx render song/session.toml --no-cache
    """


def _where(function: F) -> F:
    return click.option(
        "--cache", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
        help="Another cache than the user's own.",
    )(function)  # fmt: skip


@cache.command()
@_where
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(folder: Path | None, as_json: bool) -> None:
    """Where the cache lies, how many steps it has, and their size."""
    facts = opened(folder).facts()
    if as_json:
        sizes = {"bytes": facts.size, "most": facts.most}
        click.echo(json.dumps({"folder": str(facts.folder), "steps": facts.entries, **sizes}))
        return
    click.echo(f"{facts.folder}: {facts.entries} steps, {shown(facts.size)} of at most {shown(facts.most)}")


@cache.command()
@_where
def clear(folder: Path | None) -> None:
    """Take every step away. Nothing is lost but the time to make it again."""
    before = opened(folder).clear()
    click.echo(f"{before.entries} steps were taken away, {shown(before.size)}")


@cache.command()
@_where
def verify(folder: Path | None) -> None:
    """Read every step and take away those that are damaged: they are made again when they are needed.

    Each render does this for the steps that it uses, so this is for a disk that is in doubt.
    """
    store = opened(folder)
    whole = store.verify()
    for sentence in store.trouble():
        click.echo(f"Note: {sentence}", err=True)
    click.echo(f"{whole} steps are whole, {len(store.trouble())} were not")
