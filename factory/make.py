"""The voices that ship, from packages to weights: `python -m factory.make FOLDER`, what `make voices` runs.

Every stage keeps what it made in the folder, and a run that was cut off goes on there. `--smoke` makes a
voice of two texts and a few steps, to see that all of it still works.
"""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import torch

from factory import bank, begin, refine, ship, song, speech, teacher
from factory.kokoro import Kokoro, packs
from factory.learn import Plan, Trainer
from factory.material import Material
from factory.singers import Table

SPREAD_TEXTS = 60


@dataclass(frozen=True)
class Amounts:
    """How much of everything."""

    texts: int = 96
    lesson: int = begin.STEPS
    seconds: float = 2760.0
    refiner: int = 160
    index: int = ship.BATCHES
    of_song: song.Plan = field(default_factory=song.Plan)


SMOKE = Amounts(2, 1, 1.0, 1, 1, song.Plan(texts=2, checks=1, seconds=1.0))


def main() -> None:
    """Make, stage by stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--smoke", action="store_true", help="two texts, a few steps")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    made = make(asked.folder, SMOKE if asked.smoke else Amounts())
    print(f"{made} ({made.stat().st_size / 1e6:.1f} MB), its card beside it")


def make(folder: Path, amounts: Amounts) -> Path:
    """All stages; returns the weights' path."""
    styles, said, kept, run = packs(folder), folder / "speech", folder / "bank", folder / "run"
    run.mkdir(parents=True, exist_ok=True)
    kokoro = Kokoro(folder / "model", styles)
    speech.fill(kokoro, said, range(amounts.texts))
    bank.fill(said, kept)
    teacher.fill(said, kept)
    material = Material(Table(styles))
    material.add(sorted(kept.glob("[0-9]*.npz")))
    if not (run / "ear.pt").exists():
        torch.save(begin.begin(said, amounts.lesson).state_dict(), run / "ear.pt")
    features = [torch.from_numpy(text["features_vela"]).float() for text in material.texts[:SPREAD_TEXTS]]
    first = torch.load(run / "ear.pt", weights_only=True)
    trainer = Trainer(material, Plan(seconds=amounts.seconds), run, first, torch.cat(features).std(0))
    trainer.run(lambda: None)
    if not (run / ship.REFINER).exists():
        refine.refine(run, material, amounts.refiner)
    net, figures = ship.gathered(run, material, amounts.index)
    song.fill(kokoro, folder / "song" / "said", amounts.of_song.texts)
    net, taught = song.teach(net, folder / "song", amounts.of_song)
    return ship.ship(net, figures | taught, folder / "voice")


if __name__ == "__main__":
    main()
