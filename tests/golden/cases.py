"""A parity case: one folder with a `case.json`, the tensors beside it, and the gates they must meet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from golden import weights

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """One folder. Names of tensors are those of `case.json`: bare in io.npz, else `file:name`."""

    folder: Path
    kind: str
    drawing: Mapping[str, Any] | None
    parameters: Mapping[str, Any]
    inputs: tuple[str, ...]
    gates: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, folder: Path) -> "Case":
        """The case of a folder that holds a `case.json`."""
        fields = json.loads((folder / "case.json").read_text())
        return cls(
            folder=folder,
            kind=fields["kind"],
            drawing=fields["weights"],
            parameters=fields["parameters"],
            inputs=tuple(fields["inputs"]),
            gates=fields["gates"],
        )

    def tensor(self, name: str) -> Array | list[Array]:
        """The stored array called `name`, an input or an expected output.

        A field of a JSON file that holds a list of entries is a list of arrays, of any lengths.
        """
        file, _, field = name.rpartition(":")
        path = self.folder / (file or "io.npz")
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return np.asarray(arrays[field])
        stored = json.loads(path.read_text())
        if isinstance(stored, list):
            return [np.asarray(entry[field]) for entry in stored]
        return np.asarray(stored[field])

    def config(self) -> dict[str, Any]:
        """The case's `config.json`; a config in YAML is read by the runner that needs it."""
        return dict(json.loads((self.folder / self.parameters["config"]).read_text()))

    def weights(
        self,
        manifest: str = "manifest",
        computed: Callable[[str, tuple[int, ...]], Array] | None = None,
    ) -> dict[str, NDArray[np.float32]]:
        """The state dict that the rule draws, every checksum compared, in the checkpoint's order.

        Args:
            manifest: "manifest", or "generator_manifest" for the generator beside a discriminator.
            computed: Makes the entries marked "computed" from key and shape; they carry no checksum.
        """
        assert self.drawing is not None, f"{self.kind} has no weights"
        entries = json.loads((self.folder / self.drawing[manifest]).read_text())
        return weights.draw(self.drawing, entries, computed)


def scan(root: Path) -> list[Case]:
    """Every case under `root`, by folder name."""
    return [Case.read(path.parent) for path in sorted(root.rglob("case.json"))]


def violations(case: Case, produced: Mapping[str, Array | list[Array]]) -> list[str]:
    """One sentence for every gated tensor that is absent, has another shape, or is outside its gate."""
    found: list[str] = []
    for name, gate in case.gates.items():
        if name not in produced:
            found.append(f"{name} was not produced")
            continue
        expected, actual = _parts(case.tensor(name)), _parts(produced[name])
        if [part.shape for part in expected] != [part.shape for part in actual]:
            found.append(f"{name} has shape {_shapes(actual)}, expected {_shapes(expected)}")
            continue
        found += [
            f"{name}: {condition} is {measure(condition, a, b):.3g}, allowed {bound}"
            for condition, bound in gate.items()
            for a, b in zip(actual, expected, strict=True)
            if not within(condition, bound, a, b)
        ]
    return found


def _parts(value: Array | list[Array]) -> list[Array]:
    return [np.asarray(part) for part in value] if isinstance(value, list) else [np.asarray(value)]


def _shapes(parts: list[Array]) -> str:
    return ", ".join(str(part.shape) for part in parts)


def within(condition: str, bound: float, actual: Array, expected: Array) -> bool:
    """Whether one condition of a gate holds; NaN never does."""
    if condition == "exact":
        return bool(np.array_equal(actual, expected))
    return bool(measure(condition, actual, expected) <= bound)


def measure(condition: str, actual: Array, expected: Array) -> float:
    """The figure that a condition bounds; for "exact" the largest difference."""
    a, b = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    difference = np.abs(a - b)
    largest = float(difference.max(initial=0.0))
    if condition in ("max_abs", "exact"):
        return largest
    if condition == "rel_l2":
        return float(np.linalg.norm(difference) / np.linalg.norm(b))
    if condition == "rel":
        scale = float(np.abs(b).max(initial=0.0))
        return largest / scale if scale else (float("inf") if largest else 0.0)
    raise AssertionError(f"no gate is called '{condition}'")
