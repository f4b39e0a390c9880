"""What is sung: log-mel frames of a stem and the content that the encoder hears in them."""

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.chain import mel, phrases
from svcfx.chain.config import ANALYSIS_HOP
from svcfx.chain.content import units
from svcfx.chain.parametric import level
from svcfx.chain.parametric.ear import Ear
from svcfx.chain.parametric.level import Level
from svcfx.chain.parametric.network import ParametricNet
from svcfx.chain.parametric.reach import Lookahead, even
from svcfx.chain.track import RowBuffer
from svcfx.keeping import Arrays, Keeper, afresh

Frames = NDArray[np.float32]
HALF = mel.WINDOW // 2
VERSION = 1
"""Of what the encoder makes of log-mel frames."""


class Listener:
    """Log-mel and loudness at absolute frames, content on demand, for one stem at one level."""

    def __init__(
        self,
        net: ParametricNet,
        stem_level: Level,
        first_frame: int,
        reach: Lookahead,
        weights: str = "",
        keep: Keeper = afresh,
    ) -> None:
        self._net, self._level, self._reach = net, stem_level, reach
        self._weights, self._keep = weights, keep if weights else afresh
        self.log_mel = RowBuffer((mel.BANDS,), fill=mel.FLOOR)
        self.log_mel.start = first_frame
        self.loudness = RowBuffer(fill=float(level.loudness(torch.full((mel.BANDS,), mel.FLOOR))))
        self.loudness.start = first_frame
        self._content = RowBuffer((net.config.content,))
        self._content.start = first_frame // 2

    def needs(self, frame: int) -> int:
        """Samples at 16 kHz that must have come in before frames up to `frame` can be heard."""
        return (frame - 1) * ANALYSIS_HOP + HALF

    def hear(self, audio: RowBuffer, stop: int) -> None:
        """Analyse frames up to `stop` of the 16 kHz signal."""
        first = self.log_mel.end
        if stop <= first:
            return
        samples = audio.read(first * ANALYSIS_HOP - HALF, (stop - 1) * ANALYSIS_HOP + HALF)
        frames = mel.log_mel(torch.from_numpy(samples)[None])[0].transpose(0, 1)
        self.log_mel.append(frames.numpy())
        self.loudness.append(level.loudness(frames).numpy())

    def ceiling(self, first: int, stop: int) -> NDArray[np.float64]:
        """How loud frames may be sung at most (T,), natural log; infinite where no release is looked for."""
        if not self._reach.release:
            return np.full(stop - first, np.inf)
        ahead = self.loudness.read(first, stop + self._reach.release)
        return phrases.release(ahead, self._level.loudness_db).astype(np.float64)

    def content(self, first: int, stop: int, rate: Frames) -> torch.Tensor:
        """Content (1, steps, C) of frames `first` to `stop`, both even; computes what is not there yet,
        the last steps that are guessed each time.

        Args:
            rate: How far each step (steps,) is drawn to its nearest entry of the voice's index, 0 to 1.
        """
        known = self._content
        if known.end < first // 2:
            known.forget(known.end)
            known.start = first // 2
        guess = known.read(known.end, known.end)
        if 2 * known.end < stop:
            fresh = self.drawn(self._encode(2 * known.end, stop), rate[known.end - first // 2 :])
            stay = max(len(fresh) - self._reach.guessed // 2, 0)
            known.append(fresh[:stay])
            guess = fresh[stay:]
        settled = known.read(first // 2, min(known.end, stop // 2))
        return torch.from_numpy(np.concatenate([settled, guess]))[None]

    def _encode(self, first: int, stop: int) -> Frames:
        back = even(self._net.encoder.lookback_frames)
        heard = torch.from_numpy(self.log_mel.read(first - back, stop + self._reach.ear))
        seen = level.normalise(heard, self._level, self._net.reference)
        core = slice(back // 2, (back + stop - first) // 2)
        facts = (self._weights, core.start, core.stop, seen.numpy())
        return np.asarray(self._keep("content", VERSION, facts, lambda: self._heard(seen, core))["content"])

    def _heard(self, seen: torch.Tensor, core: slice) -> Arrays:
        """Content of the steps `core` of normalised log-mel frames (T, 80)."""
        encoder, given = self._net.encoder, seen.transpose(0, 1)[None]
        if self._reach.guessed and isinstance(encoder, Ear):  # asked for a few steps, again and again
            skip = encoder.config.before
            core = slice(core.start - skip * len(encoder.blocks), core.stop - skip * len(encoder.blocks))
            given = encoder(given, skip)
        else:
            given = encoder(given)
        return {"content": np.asarray(given[0, core].numpy(), np.float32)}

    def drawn(self, content: Frames, rate: Frames) -> Frames:
        """Content (steps, C) drawn to the voice's index by `rate` (steps,), 0 to 1."""
        index = self._net.index
        if index is None or not np.any(rate):
            return content
        ratio = torch.from_numpy(rate)[:, None]
        return np.asarray(units.towards_centre(torch.from_numpy(content), index, ratio).numpy())

    def forget(self, before: int) -> None:
        """Drop frames before that index from everything; content as far as it is known."""
        self.log_mel.forget(before)
        self.loudness.forget(before)
        self._content.forget(min(before // 2, self._content.end))
