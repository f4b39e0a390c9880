"""What `svcfx train prepare`, `run` and `index` do with material that engines speak."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from svcfx.cli.progress import progress
from svcfx.cli.table import table
from svcfx.cli.train_families import PARAMETRIC, refuse
from svcfx.cli.train_said import span
from svcfx.errors import ParamError
from svcfx.events import Progress

MARK = "spoken.toml"
_NO_RECORDINGS = ("singer", "consent", "content_encoder", "pitch", "least_snr_db", "alter", "copies",
                  "noise_snr_db", "update")  # fmt: skip
_NO_VOICE_OF_ITS_OWN = ("name", "size", "volume", "auto_f0", "base", "licence", "consent",
                        "check_every", "keep", "patience", "batch", "accumulate", "rate", "clip", "precision",
                        "devices", "nodes", "tensorboard")  # fmt: skip


def is_spoken(dataset: Path) -> bool:
    """Whether a folder holds such material."""
    return (dataset / MARK).is_file()


def prepare(out: Path, asked: Mapping[str, Any], texts: int | None, *, jobs: int, dry_run: bool, quiet: bool
            ) -> None:  # fmt: skip
    """Have the engines speak."""
    _require_parametric(asked["family"], "engines speak for")
    refuse(_NO_RECORDINGS, "engines, only to recordings")
    _one_thread_a_library()
    from svcfx.training.spoken import material

    given = {"texts": texts, "seed": asked["seed"]}
    wanted = material.Spoken(**{name: value for name, value in given.items() if value is not None})
    if dry_run:
        material.claim(out, wanted)
        lacking = len(material.missing(out, wanted))
        click.echo(
            f"texts    {wanted.texts}, and {material.VALIDATION_TEXTS} to validate with; {lacking} to make"
        )
        return
    with progress("speaking", quiet=quiet) as tell:
        path = material.prepare(
            out,
            wanted,
            jobs=jobs,
            on_share=lambda share: tell(Progress(f"{share:.0%} of the texts", "", share)),
        )
    click.echo(path)


def run(dataset: Path, out: Path, asked: Mapping[str, Any], *, dry_run: bool, quiet: bool) -> None:
    """Train the singers that ship."""
    _require_parametric(asked["family"], "spoken material is for")
    refuse(_NO_VOICE_OF_ITS_OWN, "spoken material, only to recordings")
    _one_thread_a_library()
    from svcfx.training.spoken import running

    given = {name: asked[name] for name in ("minutes", "steps", "seed") if asked[name] is not None}
    request = running.Asked(dataset=dataset, out=out, **given)
    if dry_run:
        for line in _told(running.facts(request)):
            click.echo(line)
        return
    with progress("training", quiet=quiet) as tell:
        path = running.train(request, lambda line, share: tell(Progress(line, "", share)))
    click.echo(path)
    click.echo(f"Next: svcfx train index {dataset} -o {out} gives them an index", err=True)


def index(dataset: Path, out: Path | None, asked: Mapping[str, Any], *, quiet: bool) -> None:
    """Put an index into the voice of a run."""
    refuse(("kind",), "spoken material, only to recordings")
    if out is None:
        raise ParamError(
            "an index of spoken material goes into a voice, and none is named",
            hint=f"name the folder of its run: svcfx train index {dataset} -o RUN",
        )
    _one_thread_a_library()
    from svcfx.training.spoken import indexing

    chosen = {name: value for name, value in asked.items() if name != "kind"}
    with progress("indexing", quiet=quiet) as tell:
        made = indexing.make(
            dataset, out, **chosen, on_share=lambda share: tell(Progress("listening", "", share))
        )
    click.echo(f"{table(('ROWS', 'UNITS HEARD'), [(str(made.rows), str(made.steps))])}\n{made.path}")
    click.echo("Next: python benchmarks/voice.py tells how good they are", err=True)


def _told(facts: Any) -> list[str]:
    """What a dry run prints, a line each."""
    return [
        f"takes    {facts.takes}, {facts.minutes:.1f} minutes",
        f"network  {facts.parameters / 1e6:.1f} million parameters",
        f"steps    {facts.steps}",
        f"time     {facts.step_seconds:.2f} s a step, {span(facts.steps * facts.step_seconds)} in all",
        f"disk     {facts.state / 1e9:.2f} GB",
    ]


def _require_parametric(family: str | None, what: str) -> None:
    if family != PARAMETRIC:
        raise ParamError(f"{what} --family parametric only", hint="say --family parametric")


def _one_thread_a_library() -> None:
    """Before numpy is there: its threads, fighting torch's, cost 50 times the work."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
