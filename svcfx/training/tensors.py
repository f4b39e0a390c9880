"""A batch as one object: tensors by name, moved together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self

import torch

Row = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Tensors:
    """What a step works on; a subclass names the tensors, all of one batch."""

    stay: ClassVar[frozenset[str]] = frozenset()
    """Those that are looked up on the processor, wherever the others go."""

    def to(self, device: torch.device) -> Self:
        """The same on a device."""
        names = [field.name for field in fields(self) if field.name not in self.stay]
        return replace(self, **{name: getattr(self, name).to(device, non_blocking=True) for name in names})

    @classmethod
    def stacked(cls, rows: Sequence[Row]) -> Self:
        """The batch of rows of one shape."""
        return cls(**{name: torch.stack([row[name] for row in rows]) for name in rows[0]})
