"""Add a voice to the shelf: opened, compared, converted, and only then given its place."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from svcfx.chain import own
from svcfx.chain.families import RVC, Family
from svcfx.chain.svc.parts import VoiceParts
from svcfx.errors import OutputExistsError, SvcfxError, VoiceError, nearest
from svcfx.voices import archive, encoder, home, looking, names, parts, shelf, source, staging
from svcfx.voices.card import Card, CardPart, Singer, sha256_of, write
from svcfx.voices.folder import ChosenFiles, VoiceFiles
from svcfx.voices.opening import open_found
from svcfx.voices.source import Brought, OnNote

UNSAID = "not stated"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a person says of a voice that no file of it tells.

    Attributes:
        name: None takes the only singer's name, or the folder's.
        ranges: Lowest and highest note in Hz by singer; the key "" stands for all.
    """

    name: str | None = None
    licence: str = UNSAID
    consent: str = UNSAID
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def add(
    text: str,
    said: Declaration,
    choice: ChosenFiles | None = None,
    *,
    replace: bool = False,
    on_note: OnNote = lambda _: None,
) -> Card:
    """Bring the files of a voice, open, compare, convert, and put it on the shelf.

    Args:
        text: A folder, a checkpoint, a zip, or hf:owner/repo[@revision][/subfolder].
        choice: Files that were named, in place of those that would be found.
        on_note: Told what was chosen.

    Raises:
        VoiceError: The name cannot be, or a file is missing, damaged or does not fit.
        OutputExistsError: There is such a voice and `replace` is off.
        HubError: The hub did not answer.
        OutputError: The disk is full or cannot be written. Whatever is raised, the shelf is as it was.
    """
    if said.name is not None:
        place_for(said.name, replace=replace)
    here = source.zip_of(text, on_note)
    with archive.unpacked(here) as place:
        if (single := looking.one_file(Path(place).expanduser())) is not None:
            return _kept(*single, said, replace=replace)
        brought = source.bring(place, choice or ChosenFiles(), on_note)
        if place != text:
            origin = f"file {Path(text).name}" if here == text else text
            brought = dataclasses.replace(brought, origin=origin)
        return _brought(brought, said, replace=replace, on_note=on_note)


def add_all(
    text: str, said: Declaration, *, replace: bool = False, on_note: OnNote = lambda _: None
) -> list[Card]:
    """As `add`, every RVC voice in a folder or a zip, each under its own name.

    Raises:
        VoiceError: There is none, or a name was given for all of them; else as `add`. Those before the one
            that is refused stay on the shelf.
    """
    if said.name is not None:
        raise VoiceError(
            f"'{said.name}' cannot be the name of all voices", hint="leave `name` out with `every`"
        )
    with archive.unpacked(text) as place:
        voices = looking.rvc_voices(Path(place).expanduser(), ChosenFiles())
        if not voices:
            raise VoiceError(
                f"'{Path(text).name}' holds no RVC voice", hint="leave `every` out for other families"
            )
        origin = f"{'folder' if place == text else 'file'} {Path(text).name}"
        brought = [Brought(found, origin) for found in voices]
        return [_brought(one, said, replace=replace, on_note=on_note) for one in brought]


def _brought(brought: Brought, said: Declaration, *, replace: bool, on_note: OnNote) -> Card:
    """Put a voice whose files are here on the shelf."""
    found, origin = brought.found, brought.origin
    if said.licence == UNSAID and brought.licence:
        said = dataclasses.replace(said, licence=f"{brought.licence} (as its page on the hub says)")
    opened = open_found(found)
    generator = opened.generator
    for note in (*found.notes, *opened.left_out, *(generator.notes if generator is not None else ())):
        on_note(note)
    name = said.name or _name_for(opened, origin)
    encoder.require_brought(opened.content_encoder, name)
    place = place_for(name, replace=replace)
    if "encoder" in found.named:
        _take_encoder(found, opened, name, on_note)
    card = keep(
        describe(name, opened, said, origin), opened, found, place, posterior=found.family != RVC.name
    )
    if "encoder" not in found.named:
        try:
            _take_encoder(found, opened, name, on_note)
        except SvcfxError as error:
            on_note(f"the content encoder that lies with the voice was left out: {error.message}")
    source.forget(origin)
    return card


def _kept(checkpoint: Path, family: Family, said: Declaration, *, replace: bool) -> Card:
    """Put a voice of one file on the shelf."""
    name = said.name or checkpoint.stem
    place = place_for(name, replace=replace)
    with staging.folder(place) as made:
        weights = made / "weights.safetensors"
        found = own.of(family).convert(checkpoint, weights)
        part = CardPart(file=weights.name, sha256=sha256_of(weights), source=checkpoint.name)
        card = Card(
            name=name,
            family=family.name,
            rate=found.sample_rate,
            licence=said.licence,
            consent=said.consent,
            about=family.title,
            source=f"file {checkpoint.name}",
            added=datetime.date.today(),
            parts={"weights": part},
            singers=_singers(found.singers, said.ranges),
            folder=place,
        )
        write(card, made / "card.toml")
    return card


def place_for(name: str, *, replace: bool) -> Path:
    """The folder that a voice of that name will have; raises as `add` does."""
    there = shelf.cards()
    names.check(name, there)
    if any(card.name == name and card.folder.parent != home.voices() for card in there):
        raise VoiceError(f"'{name}' is a voice that does not lie on your shelf", hint="choose another `name`")
    place = home.voices() / name
    if place.exists() and not replace:
        raise OutputExistsError(
            f"there is a voice '{name}' already",
            hint="choose another `name`, or give `replace` to put this one in its place",
        )
    return place


def _name_for(opened: VoiceParts, origin: str) -> str:
    if len(opened.singers) == 1:
        return next(iter(opened.singers))
    return Path(origin.partition(" ")[2] or origin.partition("@")[0]).stem


def keep(card: Card, opened: VoiceParts, found: VoiceFiles, place: Path, *, posterior: bool = False) -> Card:
    """Write parts and card into a folder, whole or not at all; returns the card with its parts."""
    with staging.folder(place) as made:
        written = parts.save(opened, found, made, posterior=posterior)
        card = card.model_copy(update={"parts": written, "folder": place})
        write(card, made / "card.toml")
    return card


def describe(name: str, opened: VoiceParts, said: Declaration, origin: str) -> Card:
    """The card of a voice, its parts to come."""
    return Card.model_construct(
        name=name,
        family=opened.family.name,
        rate=opened.sample_rate,
        licence=said.licence,
        consent=said.consent,
        about=opened.title,
        source=origin,
        added=datetime.date.today(),
        content_encoder=opened.content_encoder,
        said=dict(opened.generator.said) if opened.generator is not None else {},
        k_step_max=opened.refiner.k_step_max if opened.refiner is not None else 0,
        index=opened.bank.kind if opened.bank is not None else "",
        singers=_singers(sorted(opened.singers, key=opened.singers.__getitem__), said.ranges),
    )


def _singers(names: Sequence[str], ranges: Mapping[str, tuple[float, float]]) -> dict[str, Singer]:
    for name in ranges:
        if name and name not in names:
            raise VoiceError(
                f"the voice has no singer '{name}'{nearest(name, names)}", hint=f"it has {', '.join(names)}"
            )
    found = {}
    for name in names:
        low, high = ranges.get(name, ranges.get("", (None, None)))
        found[name] = Singer(low_hz=low, high_hz=high)
    return found


def _take_encoder(found: VoiceFiles, opened: VoiceParts, name: str, on_note: OnNote) -> None:
    """Keep the content encoder that lies with the voice, where there is none yet."""
    if found.encoder is None or ("encoder" not in found.named and encoder.is_there(opened.content_encoder)):
        return
    kept = encoder.put(found.encoder, f"voice {name}")
    told = (
        "the published one"
        if kept.is_published
        else f"its hash is {kept.sha256[:12]}, not the published one's"
    )
    on_note(f"the ContentVec that lies with the voice was kept for all voices ({told})")
