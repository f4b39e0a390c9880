"""An added voice put together from its card: the parts beside it, and the content encoder that all share."""

from svcfx import digest
from svcfx.chain import device
from svcfx.chain.contentvec import Encoder
from svcfx.chain.svc.parts import Parts
from svcfx.chain.svc.voice import SvcVoice
from svcfx.voices import encoder, keeping
from svcfx.voices.card import Card

_encoders: dict[tuple[str, str, str], Encoder] = {}


def voice(card: Card) -> SvcVoice:
    """Open every part of a voice.

    Raises:
        MissingPartError: The content encoder is not here.
        VoiceError: A part is damaged.
    """
    opened = keeping.load(card)
    heard_by = opened.content or _heard_by(card)
    parts = Parts(
        name=card.name,
        family=opened.family,
        sample_rate=opened.rate,
        hop=opened.hop,
        singers=opened.singers,
        encoder=heard_by,
        unit_mode=opened.unit_mode,
        generator=opened.generator.network if opened.generator is not None else None,
        refiner=opened.refiner,
        vocoder=opened.vocoder,
        bank=opened.bank,
        hashes=hashes(card),
    )
    return SvcVoice(parts.on(device.resolve()))


def hashes(card: Card) -> dict[str, str]:
    """SHA-256 of each part that is sung with; of the encoder that all voices share, too."""
    own: dict[str, str] = {name: part.sha256 for name, part in card.parts.items() if name != "posterior"}
    path = encoder.file_of(card.content_encoder)
    if "content" in own or not path.is_file():
        return own
    return {**own, "encoder": digest.of_file(path)}


def _heard_by(card: Card) -> Encoder:
    """The encoder that a voice reads, one of a kind for the whole process."""
    known = encoder.facts()
    key = (str(encoder.place()), card.content_encoder, "" if known is None else known.sha256)
    if key not in _encoders:
        _encoders[key] = encoder.load(card.content_encoder, card.name)
    return _encoders[key]
