"""`python -m factory.train BANK RUN SECONDS [--decoder]`: the ear with everything, or the decoder alone."""

import sys
from pathlib import Path

import torch

from factory.learn import Plan, Trainer
from factory.material import Material
from factory.singers import Table


def main() -> None:
    bank, run, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    packs, ear = Path(sys.argv[4]), Path(sys.argv[5])
    alone = "--decoder" in sys.argv
    torch.set_num_threads(1)
    run.mkdir(parents=True, exist_ok=True)
    material = Material(Table(packs))
    refresh = lambda: material.add(sorted(bank.glob("[0-9]*.npz")))  # noqa: E731
    print(refresh(), "texts", flush=True)
    features = torch.cat([torch.from_numpy(t["features_vela"]).float() for t in material.texts[:60]])
    spread = features.std(0)
    plan = Plan(
        seconds=seconds, ear_stands=alone, rate=1.2e-3 if alone else 1.6e-3, batch=24 if alone else 10
    )
    trainer = Trainer(material, plan, run, torch.load(ear, weights_only=True), spread)
    trainer.run(lambda: print(refresh(), "texts", flush=True))


if __name__ == "__main__":
    main()
