"""Open the files of a voice and see that they belong together, before any of it is kept."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from svcfx.chain import checkpoint, families
from svcfx.chain.checkpoint import converted, family
from svcfx.chain.checkpoint.documents import read_json
from svcfx.chain.content import builtin
from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.vocoder import Vocoder, require_same
from svcfx.errors import VoiceError, nearest
from svcfx.voices.folder import VoiceFiles


def open_found(found: VoiceFiles) -> VoiceParts:
    """Open every file and compare the parts with each other.

    Raises:
        VoiceError: A file is damaged or does not fit; one sentence and a hint.
    """
    opened = open_parts(found)
    require_agreement(opened)
    return opened


def open_parts(found: VoiceFiles) -> VoiceParts:
    """Open every file, each for itself; raises `VoiceError` as `open_found` does."""
    generator = refiner = bank = None
    if found.generator is not None and found.family == families.RVC.name:
        generator = checkpoint.open_rvc(found.generator, found.config)
    elif found.generator is not None and found.config is not None:
        generator = checkpoint.open_generator(found.generator, found.config)
    if found.refiner is not None and found.refiner_config is not None:
        refiner = checkpoint.open_refiner(found.refiner, found.refiner_config)
    opened = _with_vocoder(VoiceParts(generator=generator, refiner=refiner), found)
    if found.index is not None:
        bank = checkpoint.open_bank(found.index, opened.singers)
    own = found.content if opened.content_encoder == builtin.KIND else None
    return replace(opened, bank=bank, content=converted.load_content(own) if own else None)


def require_playable(config: Path) -> None:
    """Refuse by its config.json alone what svcfx does not play, before half a gigabyte comes down for it.

    Raises:
        VoiceError: It is the config of another program, or asks for a speech encoder that is not here.
    """
    document = read_json(config)
    family.refuse_other_configs(config.name, document)
    model = document.get("model")
    asked = model.get("speech_encoder") if isinstance(model, Mapping) else None
    if asked is not None:
        family.known_encoder(f"the voice of {config.name}", "speech_encoder", asked)


def _with_vocoder(opened: VoiceParts, found: VoiceFiles) -> VoiceParts:
    """The voice with its vocoder; one that nothing needs and nobody named may be left out."""
    if found.vocoder is None:
        return opened
    base = "natural" if opened.refiner is None else opened.refiner.vocoder.log_base
    try:
        whole = replace(opened, vocoder=checkpoint.open_vocoder(found.vocoder, base))
        if opened.refiner is None:
            _enhancer_fits(whole)
    except VoiceError as error:
        if opened.refiner is not None or "vocoder" in found.named:
            raise
        return replace(opened, left_out=(f"'{found.vocoder.name}' was left out: {error.message}",))
    return whole


def require_agreement(opened: VoiceParts) -> None:
    """Compare the parts of a voice with each other.

    Raises:
        VoiceError: Two of them do not fit, or one is missing; both values are named.
    """
    if opened.refiner is not None:
        _refiner_fits(opened, opened.refiner)
        _vocoder_fits(opened.refiner, opened.vocoder)
    if opened.bank is not None:
        opened.bank.require_width(family.WIDTHS[opened.content_encoder], "the index")
    if opened.content_encoder == builtin.KIND and opened.content is None:
        raise VoiceError(
            f"the voice reads the content of an encoder of its own, and there is no {builtin.FILE}",
            hint="put the one from the folder that it was trained in beside it",
        )
    if not opened.singers:
        raise VoiceError(
            "the diffusion model's config.yaml names no singer under 'spk'",
            hint="add one, such as `spk: {mei: 0}`",
        )


def _refiner_fits(opened: VoiceParts, refiner: Refiner) -> None:
    if opened.generator is None:
        if not refiner.sings_alone:
            raise VoiceError(
                f"the diffusion model was trained on {refiner.k_step_max} of {refiner.timesteps}"
                " noise levels, so it cannot sing without a generator",
                hint="add it together with the G_*.pth that it refines",
            )
        return
    config = opened.generator.network.config
    refiner.require_generator(
        sample_rate=config.sample_rate, hop=config.hop, encoder=opened.generator.content_encoder
    )
    if len(opened.singers) == 1 and len(refiner.singers) <= 1:
        return
    missing = [name for name in opened.singers if name not in refiner.singers]
    if missing:
        raise VoiceError(
            f"the diffusion model has no singer '{missing[0]}'{nearest(missing[0], refiner.singers)}",
            hint=f"it has {', '.join(refiner.singers) or 'none'}, the generator {', '.join(opened.singers)}",
        )


def _vocoder_fits(refiner: Refiner, vocoder: Vocoder | None) -> None:
    if vocoder is None:
        raise VoiceError(
            "the diffusion model needs a vocoder, and there is none",
            hint="give the NSF-HiFiGAN folder (model and config.json) with `vocoder`",
        )
    require_same(
        refiner.mel,
        vocoder.mel,
        acoustic_name="the diffusion model",
        vocoder_name=f"vocoder '{vocoder.name}'",
    )


def _enhancer_fits(opened: VoiceParts) -> None:
    vocoder = opened.vocoder
    if vocoder is not None and vocoder.mel.sample_rate_hz != opened.sample_rate:
        raise VoiceError(
            f"vocoder '{vocoder.name}' is made for {vocoder.mel.sample_rate_hz} Hz,"
            f" the voice for {opened.sample_rate} Hz",
            hint="use the vocoder that belongs to the voice, or leave it out",
        )
