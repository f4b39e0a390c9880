"""Every parity case that is there, run by the runner of its kind: `golden/runners/<kind>.py`, `run(case)`.

Cases are found under `vectors`, or under the folder that the environment variable SVCFX_GOLDEN names.
"""

import importlib
import importlib.util
import json
import os
from pathlib import Path

import numpy as np
import pytest

from golden.cases import Case, measure, scan, violations, within
from svcfx.errors import MissingPartError

ROOT = Path(os.environ.get("SVCFX_GOLDEN", Path(__file__).parent / "vectors"))
CASES = scan(ROOT)


def check(case: Case) -> list[str]:
    """What is wrong with a case, in sentences; nothing when it passes."""
    name = f"golden.runners.{case.kind}"
    if importlib.util.find_spec(name) is None:
        return [f"no runner for the kind '{case.kind}'"]
    return violations(case, importlib.import_module(name).run(case))


def test_there_are_cases() -> None:
    assert CASES, f"no case.json under {ROOT}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_case(case: Case) -> None:
    try:
        wrong = check(case)
    except MissingPartError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    assert wrong == []


@pytest.fixture
def made_up(tmp_path: Path) -> Case:
    """A case of two outputs, one of them in a JSON list."""
    np.savez(tmp_path / "io.npz", audio=np.arange(4.0, dtype=np.float32))
    (tmp_path / "bins.json").write_text(json.dumps([{"bin": [1, 2]}, {"bin": [3]}]))
    gates = {"audio": {"max_abs": 0.1, "rel_l2": 0.1}, "bins.json:bin": {"exact": True}}
    fields = {"kind": "nobody_runs_this", "weights": None, "parameters": {}, "inputs": [], "gates": gates}
    (tmp_path / "case.json").write_text(json.dumps(fields))
    return scan(tmp_path)[0]


def test_an_unknown_kind_fails(made_up: Case) -> None:
    assert check(made_up) == ["no runner for the kind 'nobody_runs_this'"]


def test_a_gate_sees_what_is_absent_misshapen_or_wrong(made_up: Case) -> None:
    good = {name: made_up.tensor(name) for name in made_up.gates}
    audio = np.asarray(good["audio"])
    assert violations(made_up, good) == []
    assert violations(made_up, {"audio": audio}) == ["bins.json:bin was not produced"]
    assert "has shape (3,), expected (4,)" in violations(made_up, good | {"audio": audio[:-1]})[0]
    assert len(violations(made_up, good | {"audio": audio + 0.5})) == 2
    assert len(violations(made_up, good | {"bins.json:bin": [np.array([1, 2]), np.array([4])]})) == 1


def test_gates_measure_what_their_names_say() -> None:
    expected, actual = np.array([3.0, -4.0]), np.array([3.0, -4.5])
    assert measure("max_abs", actual, expected) == 0.5
    assert measure("rel_l2", actual, expected) == pytest.approx(0.1)
    assert measure("rel", actual, expected) == pytest.approx(0.125)
    assert not within("exact", True, actual, expected)
    assert not within("max_abs", 1e9, np.array([np.nan, 0.0]), expected)
