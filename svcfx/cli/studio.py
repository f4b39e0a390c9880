"""`svcfx studio`: a page to work in."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcfx.cli.caching import what_is_kept
from svcfx.errors import MissingPartError

if TYPE_CHECKING:
    from svcfx.render.files import Files

PASSWORD_VARIABLE = "SVCFX_STUDIO_PASSWORD"


@click.command()
@click.argument("place", metavar="[FOLDER|SESSION]", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True,
              help=f"Where to listen; beyond this machine it wants a ${PASSWORD_VARIABLE}.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option("--api-only", is_flag=True, help="Serve the HTTP API without the page.")
@click.option("--watch", "watched", type=click.Path(path_type=Path), multiple=True,
              help="A folder of trainings to be shown beside the song. May be given again.")  # fmt: skip
@what_is_kept
def studio(
    place: Path,
    port: int,
    host: str,
    no_browser: bool,
    api_only: bool,
    watched: tuple[Path, ...],
    store: "Files | None",
) -> None:
    """Open a page to work on a song: strips, presets, voices, key, and the sound of each change.

    FOLDER holds the song's stems and its session.toml, or nothing yet: stems can be dropped on the page. The
    address that is printed holds a token; only who has it can use the studio, and nothing leaves the machine.

    \b
    svcfx studio my-song
    svcfx studio my-song --no-browser --port 0
    """
    missing = [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPartError(
            f"the studio needs {' and '.join(missing)}", hint="pip install 'svcfx[studio]'"
        )
    import os

    from svcfx.ui.serving import Address, serve

    def tell(url: str) -> None:
        click.echo(url)
        click.echo("Ctrl-C closes the studio.", err=True)
        if not (no_browser or api_only):
            click.launch(url)

    password = os.environ.get(PASSWORD_VARIABLE, "")
    address = Address(host, port, password)
    serve(place, address, with_page=not api_only, store=store, watched=watched, on_open=tell)
