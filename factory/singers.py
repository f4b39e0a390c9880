"""Who sings: two people who do not exist, each a fixed mixture of Kokoro's styles, and their ranges."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SHIPPED: Mapping[str, Mapping[str, float]] = {
    "vela": {"af_heart": 0.35, "af_bella": 0.25, "bf_emma": 0.2, "af_kore": 0.2},
    "corin": {"am_michael": 0.35, "am_fenrir": 0.25, "bm_george": 0.2, "am_puck": 0.2},
}
RANGES_HZ = {"vela": (165.0, 880.0), "corin": (75.0, 400.0)}


class Table:
    """Which row of the singers' table is whose: those that ship, then every voice pack."""

    def __init__(self, packs: Path) -> None:
        self.names = [*SHIPPED, *sorted(path.stem for path in packs.glob("*.bin"))]

    def __len__(self) -> int:
        return len(self.names)

    def one(self, name: str) -> NDArray[np.float32]:
        """The row's weights of a voice alone, (n,)."""
        return self.rows({name: 1.0})

    def rows(self, mixture: Mapping[str, float]) -> NDArray[np.float32]:
        """Weights (n,) of a mixture."""
        weights = np.zeros(len(self.names), np.float32)
        for name, share in mixture.items():
            weights[self.names.index(name)] = share
        return weights
