"""What a notebook shows of a bounce."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from svcfx import audio, markup
from svcfx.chain.analysis import analyse
from svcfx.chain.scales import note_numbers, note_of
from svcfx.errors import InputError
from svcfx.session import recipe

if TYPE_CHECKING:
    from svcfx.session.bounce import Bounced


def html(done: "Bounced") -> str:
    """The mix to be heard, pitch of the stems that were written and sung, figures, notes and files."""
    every = (*done.mix, *done.stems, *done.skipped)
    there = next((path for path in (*done.mix, *done.skipped) if path.is_file()), None)
    heard = [audio.read(there)._repr_html_()] if there else []
    figures = [(name.replace("_", " "), value) for name, value in done.figures().items() if value is not None]
    return markup.box(
        done.summary(),
        *heard,
        *(part for path in done.stems for part in _pitch(path)),
        *(markup.said(note.text) for note in done.notes if note.is_warning),
        markup.folded("figures", markup.table(figures)),
        markup.folded("files", markup.table((str(path),) for path in every)),
        markup.folded("notes", markup.table((note.text,) for note in done.notes if not note.is_warning)),
    )


def _pitch(path: Path) -> Iterator[str]:
    """The line of pitch of a file that a voice sang, with its lowest and highest note; nothing of another."""
    try:
        sung = bool(recipe.read(path).voices) and path.is_file()
    except InputError:
        return
    if not sung:
        return
    sound = audio.read(path)
    found = analyse(np.ascontiguousarray(sound.samples.mean(axis=0)), sound.sample_rate)
    if found.voiced.any():
        notes = np.full(len(found.f0_hz), np.nan)
        notes[found.voiced] = note_numbers(found.f0_hz[found.voiced])
        low, high = (note_of(float(end(found.f0_hz[found.voiced]))) for end in (np.min, np.max))
        yield markup.said(f"{path.name}, {low} to {high}")
        yield markup.gapped(notes, f"Pitch of {path.name}, from {low} to {high}")
