"""Say what a voice is without adding it."""

from pathlib import Path
from typing import Any

from svcfx.chain.svc.parts import VoiceParts
from svcfx.errors import SvcfxError
from svcfx.voices import archive, looking, parts, shelf
from svcfx.voices.folder import ChosenFiles, VoiceFiles
from svcfx.voices.opening import open_parts, require_agreement

TAKEN = "nothing: `svcfx voices add` would take it"
SEVERAL = "`svcfx voices add --all` adds them all, `svcfx voices add --generator` one of them"


def inspect(what: str, config: Path | None = None) -> dict[str, Any]:
    """Facts of a folder, a checkpoint, or a voice on the shelf; "refused" says why it could not be added.

    Raises:
        VoiceError: There is no such place or voice, or not one part of it opens.
    """
    place = Path(what).expanduser()
    if not place.exists():
        return _of_card(what)
    with archive.unpacked(what) as folder:
        return _of_files(Path(folder).expanduser(), config)


def _of_files(place: Path, config: Path | None) -> dict[str, Any]:
    if (single := looking.one_file(place)) is not None:
        checkpoint, family = single
        files = [f"weights {checkpoint.name}"]
        return {"family": f"{family.title} ({family.name})", "files": files, "notes": [], "refused": TAKEN}
    voices = looking.rvc_voices(place, ChosenFiles())
    if len(voices) > 1:
        return {"voices": [_files(found)[0].partition(" ")[2] for found in voices], "notes": [SEVERAL]}
    found = looking.look(place, ChosenFiles(config=config))
    opened = open_parts(found)
    told = opened.generator.notes if opened.generator is not None else ()
    facts: dict[str, Any] = {"files": _files(found), "notes": [*found.notes, *told]}
    try:
        require_agreement(opened)
        refused = ""
    except SvcfxError as error:
        refused = error.message
    return {**_facts(opened), **facts, "refused": refused or TAKEN}


def _of_card(name: str) -> dict[str, Any]:
    card = shelf.find(name)
    if card.is_one_file:
        return {
            "voice": card.name,
            "family": card.family,
            "singers": list(card.singers),
            "sha256": card.sha256,
        }
    hashes = [f"{part.file} {part.sha256}" for part in card.parts.values()]
    return {"voice": card.name, **_facts(parts.load(card)), "source": card.source, "files": hashes}


def _facts(opened: VoiceParts) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "family": f"{opened.title} ({opened.family.name})",
        "why": _why(opened),
        "rate": f"{opened.sample_rate} Hz, {opened.hop} samples a frame",
        "singers": [f"{name} (row {row})" for name, row in opened.singers.items()],
        "encoder": f"{opened.content_encoder}, units spread by '{opened.unit_mode}'",
    }
    for name in ("generator", "refiner", "vocoder"):
        part = getattr(opened, name)
        if part is not None:
            tensors = list(part.network.state_dict().values())
            numbers = sum(tensor.numel() for tensor in tensors)
            facts[name] = f"{len(tensors)} tensors, {numbers:,} numbers"
    if opened.refiner is not None:
        refiner = opened.refiner
        facts["diffusion"] = f"{refiner.k_step_max} of {refiner.timesteps} noise levels, {refiner.method}"
    if opened.vocoder is not None:
        facts["vocoder licence"] = parts.first_line(opened.vocoder.licence)
    if opened.generator is not None and opened.generator.said:
        facts["says"] = [f"{key}: {value}" for key, value in opened.generator.said.items()]
    if opened.bank is not None:
        rows = ", ".join(f"{singer}: {len(table)}" for singer, table in opened.bank.tables.items())
        facts["index"] = f"{opened.bank.kind}, {opened.bank.width} wide ({rows})"
    return facts


def _why(opened: VoiceParts) -> str:
    """What of the files says that it is this family."""
    if opened.generator is None:
        return "there is a diffusion model and no generator"
    sizes = opened.generator.network.config
    wide = f"content is {sizes.content} wide, the singer's vector {sizes.speaker_width}"
    return f"{wide}, the decoder is {sizes.decoder}, and its config has these sizes"


def _files(found: VoiceFiles) -> list[str]:
    named = {
        "generator": found.generator, "config": found.config, "diffusion": found.refiner,
        "diffusion config": found.refiner_config, "vocoder": found.vocoder, "index": found.index,
        "encoder": found.encoder,
    }  # fmt: skip
    return [f"{what} {path.name}" for what, path in named.items() if path is not None]
