"""`svcfx voices convert-index`: a retrieval index without its pickle."""

from pathlib import Path

import click


@click.command("convert-index")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--trust", is_flag=True, help="You know who made FILE: let it be unpickled.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Result. [default: beside FILE, .safetensors]"
)
def convert_index(file: Path, trust: bool, out: Path | None) -> None:
    """Turn FILE, a feature_and_index.pkl of so-vits-svc 4.1, into a file that runs nothing when it is read.

    A pickle can run any code, so it is only read with --trust, and then in a process of its own that knows
    none of your tokens. Needs faiss: pip install "svcfx[index]".

    \b
    svcfx voices convert-index logs/44k/feature_and_index.pkl --trust
    svcfx voices add logs/44k --name mei --index logs/44k/feature_and_index.safetensors
    """
    from svcfx.voices import indexing

    made = indexing.convert(file, out, trust=trust)
    click.echo(made)
