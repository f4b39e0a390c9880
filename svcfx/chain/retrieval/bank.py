"""A bank of a singer's own content: what is heard is drawn towards it, so that the diction becomes theirs.

C channels, K rows. A bank holds one table for each singer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch

from svcfx.chain.content import units
from svcfx.chain.retrieval.search import Lists as Lists
from svcfx.errors import VoiceError, nearest

BankKind = Literal["centres", "neighbours"]
BANK_KINDS: tuple[BankKind, ...] = get_args(BankKind)


@dataclass(frozen=True, eq=False)
class Bank:
    """Tables (K, C) float32 by singer; "centres" of a k-means, or "neighbours" of a retrieval index."""

    kind: BankKind
    tables: Mapping[str, torch.Tensor]
    lists: Mapping[str, Lists] = field(default_factory=dict)
    """Inverted lists that an index kept its rows in, by singer."""

    @property
    def width(self) -> int:
        """Channels, the same in every table."""
        return int(next(iter(self.tables.values())).shape[1])

    def require_width(self, width: int, name: str = "the bank") -> None:
        """Raise `VoiceError` unless the bank holds content of that width."""
        if self.width != width:
            raise VoiceError(
                f"{name} holds content of width {self.width}, this voice sings content of width {width}",
                hint="Use the k-means or index file that was trained with this voice.",
            )

    def table(self, singer: str) -> torch.Tensor:
        """The rows of one singer; raises `VoiceError` when the bank has none."""
        if singer not in self.tables:
            known = ", ".join(sorted(self.tables))
            raise VoiceError(
                f"the bank has nothing of '{singer}'{nearest(singer, self.tables)}; it has {known}",
                hint="Set index_rate to 0 for this singer.",
            )
        return self.tables[singer]

    def draw(
        self, content: torch.Tensor, singer: str, ratio: float | torch.Tensor, *, stored: bool = False
    ) -> torch.Tensor:
        """Content (T, C) drawn towards the singer's; 0 leaves it as it is.

        Args:
            ratio: 0 to 1, one number or (T, 1).
            stored: Look only where the index would: in the list of the nearest centre.
        """
        if self.kind == "centres":
            return units.towards_centre(content, self.table(singer), ratio)
        lists = self.lists.get(singer) if stored else None
        return units.towards_neighbours(content, self.table(singer), ratio, lists)
