"""`svcfx voices add`: a voice of another program comes onto the shelf."""

import json
from pathlib import Path
from typing import Any

import click

from svcfx.cli.flags import note
from svcfx.cli.voices import telling
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
