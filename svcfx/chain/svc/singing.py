"""The third stage: takes become sound. Those of one length and one depth are sung together."""

from collections import defaultdict
from collections.abc import Sequence

from svcfx.audio import Samples
from svcfx.chain import device
from svcfx.chain.config import ChainSettings
from svcfx.chain.svc import batches, following, memory
from svcfx.chain.svc.heard import Hearing
from svcfx.chain.svc.parts import Parts
from svcfx.chain.svc.performer import Performer
from svcfx.chain.svc.take import Take


def sing(parts: Parts, settings: ChainSettings, takes: Sequence[Take]) -> tuple[Samples, ...]:
    """Audio (n,) of each take: a function of that take alone, but for the rounding of a batch."""
    performer = Performer(parts, settings, Hearing(parts, settings).own_content)
    alike: dict[tuple[int, float], list[int]] = defaultdict(list)
    for index, take in enumerate(takes):
        alike[len(take.audio), take.depth].append(index)
    made: dict[int, Samples] = {}
    with device.inference(threads=None):
        for members in alike.values():
            if len(takes[members[0]].audio) > memory.LARGE_SECONDS * parts.sample_rate:
                memory.give_back()
            audio = batches.sing(performer.sing, [takes[index] for index in members], _most(parts))
            made |= {index: row.numpy() for index, row in zip(members, audio, strict=True)}
    return tuple(following.leveled(take, made[i], parts.sample_rate) for i, take in enumerate(takes))


def _most(parts: Parts) -> int:
    """Samples that are sung at once."""
    seconds = batches.CPU_SECONDS if parts.device.type == "cpu" else batches.GPU_SECONDS
    return int(seconds * parts.sample_rate)
