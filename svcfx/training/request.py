"""What a person asks of any training; each kind adds its recipe and what it begins with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svcfx.training.engine import OnNote, Precision, engine
from svcfx.training.plan import Plan
from svcfx.voices import adding


@dataclass(frozen=True, kw_only=True)
class Request:
    """Of a dataset, into the folder `out`; `devices` on each host, 0 for every accelerator there is."""

    dataset: Path
    out: Path
    plan: Plan
    precision: Precision = "fp32"
    devices: int = 0
    nodes: int = 1

    def engine(self, on_note: OnNote) -> Any:
        """Where it runs, launched; raises as `engine.engine` does."""
        return engine(precision=self.precision, devices=self.devices, nodes=self.nodes, on_note=on_note)


@dataclass(frozen=True, kw_only=True)
class VoiceRequest(Request):
    """Of one that ends with a voice on the shelf.

    Attributes:
        base: Voice to begin with; "" for what the kind begins with otherwise.
        name: Of the voice on the shelf; None takes the folder's.
    """

    base: str = ""
    name: str | None = None
    licence: str = adding.UNSAID
    consent: str | None = None

    @property
    def voice(self) -> str:
        """What the voice will be called."""
        return self.name or self.out.resolve().name
