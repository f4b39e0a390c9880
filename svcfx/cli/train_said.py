"""What the trainings have in common: their options, and what they say to a person."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from svcfx.cli.flags import note

COMMON: Mapping[str, tuple[str, ...]] = {
    "How long": ("steps", "check_every", "keep", "patience", "dry_run"),
    "How": ("batch", "rate", "clip", "seed", "precision", "devices", "nodes"),
}
"""Sections of a help page, with the options of `common`."""
_Command = Callable[..., Any]


def common(*, steps: int, batch: int, rate: float, clip: float) -> Callable[[_Command], _Command]:
    """The options of diffusion and vocoder, with their own defaults."""
    whole = click.IntRange(min=1)
    options = (
        click.option("--steps", type=whole, default=steps, show_default=True, help="Steps in all."),
        click.option("--check-every", type=whole, default=500, show_default=True,
                     help="Steps between two checks, each with a state."),
        click.option("--keep", type=whole, default=3, show_default=True, help="Last states that stay."),
        click.option("--patience", type=click.IntRange(min=0), default=20, show_default=True,
                     help="Checks without a better one that end it; 0 for never."),
        click.option("--dry-run", is_flag=True, help="Print steps, time and memory, measured by two steps."),
        click.option("--batch", type=whole, default=batch, show_default=True,
                     help="Crops a step on each device."),
        click.option("--rate", type=float, default=rate, show_default=True, help="Learning rate."),
        click.option("--clip", type=float, default=clip, show_default=True,
                     help="Largest norm of a gradient."),
        click.option("--seed", type=click.IntRange(min=0), default=1234, show_default=True,
                     help="Of all that is random."),
        click.option("--precision", type=click.Choice(("fp32", "bf16", "fp16")), default="fp32",
                     show_default=True, help="bf16 or fp16 is faster on an accelerator."),
        click.option("--devices", type=click.IntRange(min=0), default=0,
                     help="On each host. [default: every accelerator]"),
        click.option("--nodes", type=whole, default=1, help="Hosts; start the same command on each."),
        click.option("--tensorboard", is_flag=True, help="Write the curve for TensorBoard too."),
        click.option("-q", "--quiet", is_flag=True, help="No progress."),
    )  # fmt: skip

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def trained(request: Any, terms: Sequence[str], *, dry_run: bool, quiet: bool) -> Any:
    """What a training leaves, its progress on stderr; None for a dry run, whose estimate is printed."""
    from svcfx.cli.progress import progress
    from svcfx.training.request import facts, train

    if dry_run:
        for line in told(facts(request, note)):
            click.echo(line)
        return None
    with progress("training", quiet=quiet) as on_progress:
        return train(request, lambda said: on_progress(step(said, terms)), note)


def step(said: Any, terms: Sequence[str]) -> Any:
    """A report of a training as progress on a terminal, with those of its terms."""
    from svcfx.events import Progress

    if said.note:
        return Progress(said.note, "", 1.0)
    left = span((said.steps - said.step) * said.step_seconds)
    shown = ", ".join(f"{name} {said.terms[name]:.3g}" for name in terms)
    check = "" if said.check is None else f", check {said.check:.4f}"
    pace = f"{said.step_seconds:.2f} s a step, {left} left"
    return Progress(f"step {said.step} of {said.steps}: {shown}{check}; {pace}", "", said.step / said.steps)


def told(facts: Any) -> list[str]:
    """What a dry run prints, a line each."""
    giga = 1e9
    who = "singer" if facts.singers == 1 else "singers"
    return [
        f"takes    {facts.takes}, {facts.minutes:.1f} minutes, {facts.singers} {who}",
        f"network  {facts.parameters / 1e6:.1f} million parameters",
        f"steps    {facts.steps}, which hear each take {facts.rounds:.0f} times",
        f"time     {facts.step_seconds:.2f} s a step, {facts.check_seconds:.1f} s a check,"
        f" {span(facts.seconds)} in all",
        f"memory   {facts.memory / giga:.1f} GB at most",
        f"disk     {facts.state / giga:.2f} GB a state, {facts.disk / giga:.1f} GB in all",
    ]


def span(seconds: float) -> str:
    """Minutes, and hours where there are any."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
