"""Every parity case that is there, run by the runner of its kind: `golden/runners/<kind>.py`, `run(case)`.

Cases are found under `vectors`, or under the folder that the environment variable SVCFX_GOLDEN names.
"""

import importlib
import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from golden.cases import Case, measure, scan, violations, within
from svcfx.errors import MissingPartError

ROOT = Path(os.environ.get("SVCFX_GOLDEN", Path(__file__).parent / "vectors"))
CASES = scan(ROOT)
HEAVY = {
    "fork_frontend": ("f0_methods", ("crepe",)),
    "sv41_shallow": (
        "runs",
        ("mel_pndm", "mel_dpmsolver", "mel_dpmsolverpp", "mel_unipc", "mel_onlydiff_T100"),
    ),
}
"""By kind, the parameter that lists runs, and those of them that take most of its time: `slow` runs them."""

LONGEST = (
    "fork_content", "fork_quickvc", "fork_train_mb", "fork_v1legacy",
    "sv41_shallow", "sv41_synth_snake", "sv41_synth_tflow", "sv41_unit2mel",
)  # fmt: skip
"""Folders, before their letter, that take longer than others that show the most of the same."""


def quick(case: Case) -> Case:
    """A case without its heavy runs, and without what they alone give."""
    field, heavy = HEAVY.get(case.kind, ("", ()))
    if not heavy:
        return case
    listed = case.parameters[field]
    gone = {name for run in heavy for name in _given_by(case, run)}
    kept = (
        {k: v for k, v in listed.items() if k not in heavy}
        if isinstance(listed, dict)
        else [run for run in listed if run not in heavy]
    )
    gates = {name: gate for name, gate in case.gates.items() if name not in gone}
    return replace(case, parameters={**case.parameters, field: kept}, gates=gates)


def _given_by(case: Case, run: str) -> list[str]:
    """Names of what one run alone gives."""
    if case.kind == "sv41_shallow":
        return [run, str(case.parameters["runs"][run]["model_times"])]
    file = case.parameters["f0_methods_file"]
    return [f"{file}:{run}{part}" for part in ("", "_interp", "_uv")]


def check(case: Case) -> list[str]:
    """What is wrong with a case, in sentences; nothing when it passes."""
    name = f"golden.runners.{case.kind}"
    if importlib.util.find_spec(name) is None:
        return [f"no runner for the kind '{case.kind}'"]
    return violations(case, importlib.import_module(name).run(case))


def test_there_are_cases() -> None:
    assert CASES, f"no case.json under {ROOT}"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=[pytest.mark.slow] if case.folder.name.startswith(LONGEST) else [])
        for case in CASES
    ],
    ids=lambda case: case.folder.name,
)
def test_case(case: Case) -> None:
    assert _wrong(quick(case)) == []


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind in HEAVY], ids=lambda case: case.folder.name
)
def test_case_with_its_heavy_runs(case: Case) -> None:
    assert len(quick(case).gates) < len(case.gates)
    assert _wrong(case) == []


def _wrong(case: Case) -> list[str]:
    try:
        return check(case)
    except MissingPartError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


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
