"""`svcfx voices add`, `clone`, `pull` and `convert-index`: how more voices come, and what they need."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from svcfx.chain.families import OTHER_ENCODERS
from svcfx.cli.flags import note
from svcfx.cli.progress import progress
from svcfx.cli.voices import telling
from svcfx.events import Progress
from svcfx.voices.facts import facts

UNSAID = "not stated"
FLAGS = {
    "generator": "The checkpoint, where there are several.",
    "config": "The config.json, where there are several.",
    "diffusion": "The model_*.pt of shallow diffusion.",
    "vocoder": "The folder of the NSF-HiFiGAN.",
    "index": "A kmeans*.pt, an .index of faiss, or a converted retrieval index.",
    "encoder": "A ContentVec to keep for all voices, where there is none yet.",
}
QUESTION = "Whose voice is it, and how did they agree to be cloned?"
WHAT = ("contentvec", "rmvpe", *OTHER_ENCODERS)


def _choices(function: Any) -> Any:
    for name, help in reversed(FLAGS.items()):
        function = click.option(f"--{name}", type=click.Path(path_type=Path), help=help)(function)
    return function


def _ranges(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Any:
    from svcfx.voices.ranges import parse

    return parse(values)


@click.command()
@click.argument("source")
@click.option("--name", help="What the voice will be called. [default: its singer's name, or the folder's]")
@click.option("--licence", default=UNSAID, help="What its maker allows; stands in every recipe.")
@click.option("--consent", default=UNSAID, help="Who sang for it and agreed; stands in every recipe.")
@click.option("--range", "ranges", multiple=True, metavar="[SINGER=]LOW:HIGH", callback=_ranges,
              help="Lowest and highest note in Hz, for -t auto.")  # fmt: skip
@_choices
@click.option("--all", "every", is_flag=True, help="Add every RVC voice of a zip or folder.")
@click.option("--replace", is_flag=True, help="Put it in the place of a voice of the same name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a singer.")
def add(source: str, name: str | None, licence: str, consent: str, ranges: Any, every: bool, replace: bool,
        as_json: bool, **chosen: Path | None) -> None:  # fmt: skip
    """Add the voice in SOURCE, a folder, a checkpoint, a zip or hf:owner/repo, under a name of its own.

    Takes RVC voices as they are passed on: a .pth with its .index, loose, in a folder or in a zip. The index
    is paired by what is in it. Several voices in one zip are listed, and --all adds them.

    Takes what so-vits-svc 4.0, its fork and 4.1 leave: checkpoint, config.json, diffusion model with its
    vocoder, k-means or retrieval index. Everything is checked and converted once; what does not fit is
    refused, and the shelf stays as it was. Of several checkpoints the newest step is taken, and that is said.

    \b
    svcfx voices add mei.zip
    svcfx voices add ~/so-vits-svc/logs/44k --name mei
    svcfx voices add G_106000.pth --name mei --range 160:700
    svcfx voices add hf:owner/repo@main/mei --licence "CC BY 4.0" --consent "Mei Lin, in writing"
    svcfx voices add mei --diffusion model_100000.pt --vocoder pretrain/nsf_hifigan --replace
    """
    from svcfx.voices import adding
    from svcfx.voices.folder import ChosenFiles

    said = adding.Declaration(name=name, licence=licence, consent=consent, ranges=ranges)
    if every:
        cards = adding.add_all(source, said, replace=replace, on_note=note)
    else:
        cards = [adding.add(source, said, ChosenFiles(**chosen), replace=replace, on_note=note)]
    for card in cards:
        _tell(card, as_json=as_json)
    _what_next(cards[0])


def _tell(card: Any, *, as_json: bool) -> None:
    if as_json:
        for singer in card.singers:
            click.echo(json.dumps(facts(card, singer), ensure_ascii=False))
    else:
        for line in telling.summary(card):
            click.echo(line)


def _what_next(card: Any) -> None:
    from svcfx.voices import encoder

    if not card.is_one_file and "content" not in card.parts and not encoder.is_there(card.content_encoder):
        click.echo(f"Note: it sings once ContentVec is here: {encoder.WAYS}", err=True)
    click.echo(f"Next: svcfx convert vocal.wav --voice {telling.quoted(card.addresses[0])}", err=True)


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the voice will be called.")
@click.option("--consent", help="Who is heard and agreed; asked for when left out, kept on the card.")
@click.option("--replace", is_flag=True, help="Put it in the place of a voice of the same name.")
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors and results only.")
def clone(recording: Path, name: str, consent: str | None, replace: bool, quiet: bool) -> None:
    """Make a rough voice of RECORDING, 5 s or more of one person speaking or singing; nothing is trained.

    The voice that ships is fitted to who is heard: embedding, vocal tract, tone and breath. Words and melody
    of the recording do not come along. Needs pip install "svcfx[clone]". How like it is, is measured by an
    encoder that the voice is not made with.

    \b
    svcfx voices clone me.wav --name me --consent "my own voice"
    svcfx convert vocal.wav --voice me -t auto
    """
    from svcfx.training.cloning import cloning

    if consent is None and sys.stdin.isatty():
        consent = click.prompt(QUESTION, err=True)
    with progress("cloning", quiet=quiet) as tell:
        made = cloning.clone(
            recording, name, consent or "", replace=replace,
            on_share=lambda stage, share: tell(Progress(stage, "", share)),
        )  # fmt: skip
    card = made.card
    click.echo(f"{card.name}: {card.singers[name].about}")
    click.echo(f"  range     {telling.range_of(card.singers[name])}")
    click.echo(f"  likeness  {_told(made.likeness)}")
    click.echo(f"  licence   {telling.short(card.licence)}")
    click.echo(f"  consent   {card.consent}")
    if not quiet:
        for note in made.notes:
            click.echo(f"Note: {note}", err=True)
        click.echo(f"Next: svcfx convert vocal.wav --voice {telling.quoted(name)} -t auto", err=True)


def _told(likeness: float | None) -> str:
    if likeness is None:
        return "not measured"
    return f"{likeness:.2f} (GE2E cosine of the recording and the clone singing it; 1 is the same)"


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
        from svcfx.voices import pulling

        published = pulling.pull_rmvpe(given, replace=replace, on_note=note)
        if not published:
            click.echo(f"Warning: its hash is not {pulling.RMVPE_SHA256[:12]}, the published one", err=True)
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
    from svcfx.chain import checkpoint

    click.echo(checkpoint.convert_index(file, out, trust=trust))
