"""What a person asks of any training, and the one verb: `train`, from what is asked to what it leaves."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from svcfx.events import never
from svcfx.training.engine import OnNote, Precision, engine
from svcfx.training.estimate import Estimate, measure
from svcfx.training.loop import TrainingLoop
from svcfx.training.plan import OnReport, TrainingPlan
from svcfx.voices import adding

Left = TypeVar("Left")


@dataclass(frozen=True, kw_only=True)
class TrainingRequest(ABC, Generic[Left]):
    """A training of a dataset, into the folder `out`; each kind adds its recipe and what it begins with.

    Attributes:
        devices: On each host, 0 for every accelerator there is.
    """

    dataset: Path
    out: Path
    plan: TrainingPlan
    recipe: Any
    precision: Precision = "fp32"
    devices: int = 0
    nodes: int = 1

    @property
    def takes_a_step(self) -> int:
        """Takes or crops that each device hears in a step."""
        return int(self.recipe.batch)

    def require_room(self) -> bool:
        """Refuse, before anything is done, what could not be kept at the end.

        Returns:
            Whether something of this training is there already, which may be replaced.
        """
        return False

    @abstractmethod
    def begun(self, on_note: OnNote) -> Any:
        """The loop, with the weights that it begins with or goes on from; nothing is written."""

    def starts(self, loop: Any, on_note: OnNote) -> None:
        """On the first device, before the first step, of this training or from here on."""

    @abstractmethod
    def left(self, loop: Any, replace: bool, on_note: OnNote) -> Left:
        """On the first device, what the training leaves: a voice on the shelf, or the model's path."""

    def engine(self, on_note: OnNote) -> Any:
        """Where it runs, launched; raises as `engine.engine` does."""
        return engine(precision=self.precision, devices=self.devices, nodes=self.nodes, on_note=on_note)


@dataclass(frozen=True, kw_only=True)
class VoiceRequest(TrainingRequest[Left]):
    """Of a training that ends with a voice on the shelf.

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


def train(
    request: TrainingRequest[Left],
    on_report: OnReport,
    on_note: OnNote,
    is_cancelled: Callable[[], bool] = never,
) -> Left | None:
    """Train, or go on, to the end of the plan or until nothing gets better.

    Args:
        is_cancelled: Whether to stop after this step and keep its state; of a training on one device.

    Returns:
        What it leaves; None on all devices but the first.

    Raises:
        OutputExistsError: There is a voice of that name which is not from this folder; said before anything.
        Cancelled: `is_cancelled` says so.
        TrainingError, DatasetError, VoiceError, ParamError, OutputError: As the kind's loop and
            `TrainingLoop.run` say.
    """
    replace = request.require_room()
    loop: TrainingLoop[Any] = request.begun(on_note)
    if loop.leads:
        request.starts(loop, on_note)
        if loop.step:
            on_note(f"going on from step {loop.step}")
    loop.run(request.plan, on_report, is_cancelled)
    if not loop.leads:
        return None
    on_note(f"the best of {loop.step} steps is step {loop.best.step}: check {loop.best.score:.4f}")
    return request.left(loop, replace, on_note)


def facts(request: TrainingRequest[Any], on_note: OnNote) -> Estimate:
    """What it would take; nothing is written."""
    return measure(request.begun(on_note), request.plan, request.takes_a_step)
