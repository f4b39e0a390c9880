"""`svcfx voices pull`: the content encoder that added voices listen through."""

from pathlib import Path

import click


@click.command()
@click.argument("what", metavar="contentvec", type=click.Choice(["contentvec"]))
@click.option("--from", "given", type=click.Path(path_type=Path), metavar="FOLDER|FILE",
              help="Take it from here, not from the hub.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Put it in the place of another one.")
def pull(what: str, given: Path | None, replace: bool) -> None:
    """Fetch ContentVec once, for all voices of so-vits-svc.

    It is what hears the words: 378 MB from huggingface.co, MIT licence, its hash checked. A cut download
    goes on where it stopped. Without a connection, take it from a copy in the Hugging Face layout, or from
    the checkpoint_best_legacy_500.pt that so-vits-svc users have.

    \b
    svcfx voices pull contentvec
    svcfx voices pull contentvec --from ~/content-vec-best
    svcfx voices pull contentvec --from pretrain/checkpoint_best_legacy_500.pt
    """
    from svcfx.voices import encoder, pulling

    def on_note(text: str) -> None:
        click.echo(f"Note: {text}", err=True)

    facts = pulling.pull(given, replace=replace, on_note=on_note)
    if not facts.is_published:
        click.echo(
            f"Warning: its hash is {facts.sha256[:12]}, the published file has {encoder.SHA256[:12]}",
            err=True,
        )
    click.echo(f"{what}: {' and '.join(facts.kinds)}, from {facts.source}")
