"""How a singer would sing a text that the singer's own envelopes are known for.

For the benchmark: give the source's phones and pitch, get the singer's ground truth through the same
synthesis that conversions use. Phones whose timing comes from `speech.speak` are exact to the engine's
own labels; a stretched or sung source brings its stretched phones.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from factory.engines.identities import Identity, morph
from factory.engines.parallel import aligned
from factory.engines.speech import Phone
from svcfx.chain.parametric import synthesis
from svcfx.chain.parametric.level import envelope_loudness

Array = NDArray[np.float64]


def ground_truth(
    text: str,
    singer: Identity,
    phones: Sequence[Phone],
    f0_hz: Array,
    *,
    loudness: Array | None = None,
    level_db: float = -20.0,
    seed: int = 0,
) -> NDArray[np.float32]:
    """Render `text` as `singer` at the source's timing and a given pitch.

    Args:
        text: What is said; the three base voices speak it here.
        singer: `identities.VELA`, `identities.CORIN`, or any other identity.
        phones: The source's phones, in seconds.
        f0_hz: Pitch at 100 frames per second, shape (T,), 0 where unvoiced; frame k is at k * 10 ms.
        loudness: Natural-log loudness per frame, shape (T,); None takes the singer's own.
        level_db: Where the singer's loud frames lie, dBFS A-weighted; read only without `loudness`.
        seed: Of the breath noise.

    Returns:
        Audio at 44.1 kHz, shape (441 * T,); sample 441 * k is frame k.
    """
    times = np.arange(len(f0_hz), dtype=np.float64) * 0.01
    base = aligned(text, phones, times)
    maps = morph(singer)
    envelope = maps.envelope(base.envelope)
    own = envelope_loudness(envelope.astype(np.float32))
    wanted = own + level_db * np.log(10.0) / 20.0 if loudness is None else loudness
    return synthesis.render_whole(
        (envelope - own[:, None]).astype(np.float32),
        maps.aperiodicity(base.aperiodicity).astype(np.float32),
        np.exp(wanted).astype(np.float32),
        np.asarray(f0_hz, np.float64),
        seed=seed,
    )
