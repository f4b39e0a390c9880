"""Voices that are added to the shelf, or trained, and killed on the way: as `killed.Work`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from training.vits import made
from training.vits.test_trainer import digest
from voices import checkpoints

from svcfx.training.engine import engine
from svcfx.training.plan import TrainingPlan
from svcfx.training.vits import recipe
from svcfx.training.vits.trainer import VitsTrainer
from svcfx.voices import adding, encoder, shelf
from svcfx.voices.adding import Declaration

PLAN = TrainingPlan(steps=3, check_every=1, report_every=1, keep=3, patience=0)


class Added:
    """A voice of one checkpoint, added to a shelf with its encoder on it."""

    def __init__(self, folder: Path, _on_exists: str = "") -> None:
        self.folder, self.given = folder, folder / "given" / "mei"
        checkpoints.write_sovits40(self.given)
        self._encoder = checkpoints.write_encoder(folder / "given" / "encoder")
        with self._at_home():
            encoder.put(self._encoder, "folder encoder")

    def __call__(self) -> None:
        """Add it, unless it is there."""
        with self._at_home():
            if not shelf.added()[0]:
                adding.add(str(self.given), Declaration(name="mei", licence="CC0", consent="made up"))

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        before = os.environ.get("SVCFX_HOME")
        os.environ["SVCFX_HOME"] = str(self.folder / "home")
        try:
            yield
        finally:
            os.environ.pop("SVCFX_HOME")
            if before is not None:
                os.environ["SVCFX_HOME"] = before

    def results(self) -> dict[str, bytes]:
        """The voices as they are seen; what a killed adding leaves hidden goes when it is old."""
        voices = self.folder / "home" / "voices"
        found = [path for path in voices.rglob("*") if path.is_file() and ".adding-" not in str(path)]
        return {str(path.relative_to(voices)): path.read_bytes() for path in found}

    def check(self) -> None:
        """It opens, and is the one that is there."""
        with self._at_home():
            found, damaged = shelf.added()
            assert ([card.name for card in found], damaged) == (["mei"], [])


class Trained:
    """A training of three steps of a small network, with a state at each."""

    def __init__(self, folder: Path, _on_exists: str = "") -> None:
        self.folder = folder
        self._dataset = made.dataset(folder / "dataset")

    def __call__(self) -> None:
        """Train to the third step, from wherever it is."""
        before = recipe._SMALL, recipe._NARROW
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        made.shrink()
        try:
            VitsTrainer(self._dataset, self.folder / "out", made.SMALL, engine(accelerator="cpu")).run(PLAN)
        finally:
            recipe._SMALL, recipe._NARROW = before
            torch.set_num_threads(threads)

    def results(self) -> dict[str, bytes]:
        """The states, by what is in them: files of torch hold more than that."""
        states = sorted((self.folder / "out" / "states").glob("*.pt"))
        return {path.name: digest(path).encode() for path in states}

    def check(self) -> None:
        """No state is half-written or hidden."""
        assert not [path for path in (self.folder / "out").rglob(".*") if path.is_file()]
