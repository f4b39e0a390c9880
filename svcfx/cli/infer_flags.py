"""Flags of `svc infer` and of RVC's infer_cli whose work svcfx does another way: taken, and that is said.

Its other flags stand beside svcfx's own names in `svcfx.cli.convert` and do what they say.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
TITLE = "Flags of `svc infer` and of RVC's infer_cli that are taken and change nothing"
_NOTES = "svcfx.cli.infer_flags"
_PHRASES = "phrases begin and end 60 dB below the stem's loudest moment, and join without a step"
_FLAGS: tuple[tuple[tuple[str, ...], str, bool], ...] = (
    (("-db", "--db-thresh"), _PHRASES, False),
    (("-ab/-nab", "--absolute-thresh/--no-absolute-thresh"), _PHRASES, True),
    (("-p", "--pad-seconds"), "a phrase hears half a second on both sides", False),
    (("-ch", "--chunk-seconds"), _PHRASES, False),
    (("-mc", "--max-chunk-seconds"), "phrases over 20 s are cut where they are quietest", False),
    (("-re", "--recursive"), "folders are always read through", True),
    (("--filter_radius",), "harvest is smoothed over three frames for RVC voices", False),
    (("--resample_sr",), "each result has its input's sample rate", False),
    (("--is_half",), "half the bits are --precision bf16", False),
)
NAMES = tuple(flags[-1].split("/")[0].removeprefix("--").replace("-", "_") for flags, _, _ in _FLAGS)


def flags_of_svc_infer(function: F) -> F:
    """Take the flags; `notes` says what was done instead."""
    for flags, instead, is_flag in reversed(_FLAGS):
        function = click.option(
            *flags,
            is_flag=is_flag,
            default=None,
            metavar=None if is_flag else "X",
            expose_value=False,
            callback=partial(_noted, flags[-1].split("/")[0], instead),
            help=f"{instead[:1].upper()}{instead[1:]}.",
        )(function)
    return function


def notes(context: click.Context) -> list[str]:
    """A line for each such flag that was given."""
    return list(context.meta.get(_NOTES, []))


def note(context: click.Context, text: str) -> None:
    """Add a line to what `notes` gives."""
    context.meta.setdefault(_NOTES, []).append(text)


def _noted(flag: str, instead: str, context: click.Context, _option: click.Parameter, value: object) -> None:
    if value is not None:
        note(context, f"{flag} changes nothing: {instead}")
