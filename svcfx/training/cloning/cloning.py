"""From a recording to a singer on the shelf, whole or not at all."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from svcfx.chain.config import VOICE_RATE, ChainSettings
from svcfx.chain.families import PARAMETRIC
from svcfx.chain.parametric import network
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.voice import ParametricVoice
from svcfx.errors import MissingPartError, VoiceError
from svcfx.training.cloning import reference, similarity
from svcfx.training.cloning.fitting import fit
from svcfx.training.cloning.reference import Reference
from svcfx.training.cloning.shelving import shelve
from svcfx.voices import adding, shelf
from svcfx.voices.card import Card, Singer, StreamStart

WEIGHTS = "clone.safetensors"
BASE = "vela"
"""A singer of the voice whose nets a clone has."""
COMPARING = "comparing"
"""What is done last, when the voice is on the shelf."""
OnShare = Callable[[str, float], None]
"""Told what is done ("hearing", "fitting", `COMPARING`) and the share of the whole that is done, 0 to 1."""


@dataclass(frozen=True)
class Cloned:
    """The new card, cosine to the recording's own speaker (None: not measured), what should be said."""

    card: Card
    likeness: float | None
    notes: tuple[str, ...]


def clone(
    recording: Path,
    name: str,
    consent: str,
    *,
    base: str = BASE,
    replace: bool = False,
    on_share: OnShare = lambda stage, share: None,
) -> Cloned:
    """Fit a singer to 5 s or more of a recording and put it on the shelf under a name.

    Args:
        consent: Who is heard and agreed; kept on the card, never empty.
        base: A singer of the parametric voice whose nets the clone will have.

    Raises:
        VoiceError: The name cannot be, nobody agreed, or no single voice can be heard.
        AudioFileError: The recording cannot be read.
        OutputExistsError: There is such a voice and `replace` is off.
        MissingPartError: pyworld is not installed.
        OutputError: The disk is full. Whatever is raised, the shelf is as it was.
    """
    if not consent.strip():
        raise VoiceError(
            f"'{name}' was not made: nobody said that whoever is heard agreed",
            hint='say it: `consent` "my own voice", or whose it is and how they agreed',
        )
    place = adding.place_for(name, replace=replace)
    require_world()
    on_share("hearing", 0.0)
    heard = reference.read(recording)
    origin = shelf.find(base)
    made = _fitted(origin, heard, name, on_share)
    card = _card(origin, heard, recording, name, consent.strip())
    kept = shelve(card, place, WEIGHTS, partial(network.save, made))
    on_share(COMPARING, 0.9)
    likeness, notes = _likeness(made, heard, name)
    on_share(COMPARING, 1.0)
    return Cloned(kept, likeness, (*heard.notes, *notes))


def _fitted(base: Card, heard: Reference, name: str, on_share: OnShare) -> ParametricNet:
    from svcfx.training.cloning.frames import hear

    net = network.load(base.path)
    frames = hear(net, heard.mono, heard.sample_rate, heard.pitch)
    return fit(net, frames, name, lambda share: on_share("fitting", 0.2 + 0.7 * share))


def _card(base: Card, heard: Reference, recording: Path, name: str, consent: str) -> Card:
    low, high = heard.range_hz
    about = f"a rough clone, fitted to {heard.seconds:.1f} s of '{recording.name}'"
    return Card.model_construct(
        name=name,
        family=PARAMETRIC.name,
        rate=VOICE_RATE,
        licence=base.licence,
        consent=consent,
        source=f"recording {recording.name}; nets of voice {base.name} {base.sha256[:12]}",
        added=datetime.date.today(),
        stream=StreamStart(loudness_db=base.stream.loudness_db),
        singers={name: Singer(low_hz=round(low, 1), high_hz=round(high, 1), about=about)},
    )


def _likeness(made: ParametricNet, heard: Reference, name: str) -> tuple[float | None, tuple[str, ...]]:
    """The clone singing the recording, beside the recording."""
    sung = ParametricVoice(name, made).convert(heard.mono, heard.sample_rate, ChainSettings(name))
    try:
        return similarity.similarity(sung, heard.mono, heard.sample_rate), ()
    except MissingPartError as error:
        return None, (f"{error.message}; {error.hint}",)


def require_world() -> None:
    """Raise `MissingPartError` when pyworld is not installed."""
    try:
        import svcfx.training.world  # noqa: F401
    except ImportError as error:
        raise MissingPartError(
            "cloning needs pyworld, which is not installed", hint='pip install "svcfx[clone]"'
        ) from error
