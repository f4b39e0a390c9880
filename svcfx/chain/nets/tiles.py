"""Long tensors in pieces that stay in the processor's cache.

A stage of a vocoder reads and writes its whole signal some fifty times; in pieces it does so in cache, and
its scratch memory no longer grows with the phrase.
"""

from collections.abc import Callable, Sequence

import torch

VALUES = 2**20
"""Values of a piece, all channels counted: 4 MB in float32."""


def by_tiles(
    network: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, reach: int, values: int = VALUES
) -> torch.Tensor:
    """`network(x)` for a network (B, C, T) -> (B, C, T) whose frames hear `reach` frames to each side.

    All pieces are of one length, so that kernels are made once: the last one begins earlier and is computed
    over again in part. Pieces at the ends end where x does, so the network pads there as it always would.
    """
    frames, tile = x.shape[-1], max(values // x.shape[1], 4 * reach)
    if x.device.type != "cpu" or frames <= tile:
        return network(x)
    made: torch.Tensor | None = None
    done = 0
    while done < frames:
        first = min(max(done - reach, 0), frames - tile)
        piece = network(x[..., first : first + tile])
        stop = frames if first + tile == frames else first + tile - reach
        if made is None:
            made = piece.new_empty(len(x), frames, piece.shape[1]).transpose(1, 2)
        made[..., done:stop] = piece[..., done - first : stop - first]
        done = stop
    assert made is not None
    return made


def block_reach(kernel: int, dilations: Sequence[int]) -> int:
    """Frames to each side that one hears through a residual block: a dilated and a plain convolution each."""
    return sum((dilation + 1) * (kernel - 1) // 2 for dilation in dilations)
