"""Retrieval from a large index: `python benchmarks/search.py`.

Content of 35 s of singing in ten phrases, 50 units a second spread over 86 frames, looked up in 200,000 rows
that lie in clusters as content does; 8 nearest each, one thread. The bar is plain matrix products and `topk`
over the same units, block by block, which picks candidates and proves nothing.
"""

import time

import torch
from judging import results

from svcfx.chain.content.units import NEIGHBOURS, nearest_index
from svcfx.chain.retrieval import search

ROWS, CLUSTERS = 200_000, 400
PHRASES, PHRASE_UNITS, FRAMES_A_UNIT = 10, 175, 86.13 / 50
RUNS = 3
Phrases = list[torch.Tensor]


def main() -> None:
    """Time both widths that content has."""
    torch.set_num_threads(1)
    rows = []
    for width in (256, 768):
        table, phrases = _made(width)
        times = {"svcfx": [], "plain": []}
        for _ in range(RUNS):
            for name, look in (("svcfx", search.nearest), ("plain", _plain)):
                began = time.process_time()
                for phrase in phrases:
                    look(phrase, table, NEIGHBOURS)
                times[name].append(time.process_time() - began)
        ours, plain = min(times["svcfx"]), min(times["plain"])
        rows.append((f"{width} channels, processor seconds", f"{ours:.1f}", f"plain: {plain:.1f}"))
    text = results.table(("35 s in 200,000 rows, one core", "svcfx", "compared with"), rows)
    print(text)
    results.write("Retrieval", f"By `python benchmarks/search.py`, the least of {RUNS} runs.\n\n{text}")


def _made(width: int) -> tuple[torch.Tensor, Phrases]:
    """Rows (N, C), and phrases (T, C) of units that repeat over frames."""
    random = torch.Generator().manual_seed(1)

    def content(count: int) -> torch.Tensor:
        near = centres[torch.randint(CLUSTERS, (count,), generator=random)]
        return near + 0.5 * torch.randn(count, width, generator=random)

    centres = torch.randn(CLUSTERS, width, generator=random)
    spread = nearest_index(PHRASE_UNITS, round(PHRASE_UNITS * FRAMES_A_UNIT))
    return content(ROWS), [content(PHRASE_UNITS)[spread] for _ in range(PHRASES)]


def _plain(queries: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    units = torch.unique_consecutive(queries, dim=0)
    found = []
    for block in rows.split(search.BLOCK_ROWS):
        squared = torch.addmm(block.square().sum(1), units, block.T, alpha=-2.0)
        found.append(squared.topk(count, largest=False)[0])
    return torch.cat(found, 1).topk(count, largest=False)[0]


if __name__ == "__main__":
    main()
