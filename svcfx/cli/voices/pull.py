"""`svcfx voices pull`: what added voices listen through, and a pitch tracker that no package brings."""

from pathlib import Path

import click

from svcfx.chain.families import OTHER_ENCODERS
from svcfx.cli.flags import note

WHAT = ("contentvec", "rmvpe", *OTHER_ENCODERS)


@click.command()
@click.argument("what", metavar="contentvec|rmvpe|ENCODER", type=click.Choice(WHAT))
@click.option("--from", "given", type=click.Path(path_type=Path), metavar="FOLDER|FILE",
              help="Take it from here, not from the hub.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Put it in the place of another one.")
def pull(what: str, given: Path | None, replace: bool) -> None:
    """Fetch ContentVec once, for all voices of so-vits-svc and RVC; or the pitch tracker RMVPE.

    It is what hears the words: 378 MB from huggingface.co, MIT licence, its hash checked. A cut download
    goes on where it stopped. Without a connection, take it from a copy in the Hugging Face layout, or from
    the checkpoint_best_legacy_500.pt that so-vits-svc users have.

    RMVPE is 181 MB, MIT licence, its hash checked; `--pitch rmvpe` takes it. Other content encoders that
    voices of Applio name (spin, spin-v2, the HuBERTs of three languages) are taken with --from alone.

    \b
    svcfx voices pull contentvec
    svcfx voices pull rmvpe
    svcfx voices pull spin-v2 --from ~/spin-v2
    svcfx voices pull contentvec --from ~/content-vec-best
    svcfx voices pull contentvec --from pretrain/checkpoint_best_legacy_500.pt
    """
    from svcfx.voices import encoder, pulling

    if what == "rmvpe":
        from svcfx.voices import trackers

        published = trackers.pull(given, replace=replace, on_note=note)
        if not published:
            click.echo(f"Warning: its hash is not {trackers.SHA256[:12]}, the published one", err=True)
        click.echo("rmvpe: --pitch rmvpe takes it")
        return
    if what != "contentvec":
        click.echo(f"{what}: {pulling.bring(what, given, replace=replace)[:12]}")
        return
    facts = pulling.pull(given, replace=replace, on_note=note)
    if not facts.is_published:
        click.echo(
            f"Warning: its hash is {facts.sha256[:12]}, the published file has {encoder.SHA256[:12]}",
            err=True,
        )
    click.echo(f"{what}: {' and '.join(facts.kinds)}, from {facts.source}")
