"""An added voice put together from its card: the parts beside it, and the content encoder that all share."""

from functools import cache

from svcfx.chain.contentvec import Encoder
from svcfx.chain.svc.parts import Parts
from svcfx.chain.svc.voice import SvcVoice
from svcfx.voices import encoder, keeping
from svcfx.voices.card import Card


def voice(card: Card) -> SvcVoice:
    """Open every part of a voice.

    Raises:
        MissingPartError: The content encoder is not here.
        VoiceError: A part is damaged.
    """
    heard_by = _encoder(str(encoder.place()), card.content_encoder, card.name)
    opened = keeping.load(card)
    return SvcVoice(
        Parts(
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
        )
    )


@cache
def _encoder(place: str, kind: str, name: str) -> Encoder:
    """One encoder of a kind for the whole process."""
    return encoder.load(kind, name)
