"""Figures of the house: how large its rooms are, how many homes a fact has, what is told twice.

They are signs and no goals: a number that falls while the code reads worse has fallen for nothing.

    python benchmarks/house.py              # this checkout
    python benchmarks/house.py --at 59d1c5f # an earlier commit beside it
"""

import argparse
import ast
import re
import statistics
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SMALL_LINES = 80
REPEAT_LINES = 6
FAMILIES = ("so-vits-svc 4.0", "so-vits-svc 4.1", "so-vits-svc-fork", "sovits40", "sovits41", "parametric")


@dataclass(frozen=True)
class Module:
    """One file of the package: its dotted name, text and syntax tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def is_sign(self) -> bool:
        return self.path.name == "__init__.py"


def modules(root: Path, package: str) -> list[Module]:
    """Every module below `root/package`, by name."""
    found = []
    for path in sorted((root / package).rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text("utf-8")
        found.append(Module(name, path, text, ast.parse(text)))
    return found


def importers(house: list[Module]) -> dict[str, set[str]]:
    """Which modules import each module of the house."""
    names = {module.name for module in house}
    found: dict[str, set[str]] = defaultdict(set)
    for module in house:
        for node in ast.walk(module.tree):
            for target in _targets(node):
                if target in names and target != module.name:
                    found[target].add(module.name)
    return found


def _targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def lone_and_small(house: list[Module]) -> int:
    """Modules under 80 lines that exactly one other imports."""
    known = importers(house)
    return sum(
        len(known[module.name]) == 1 and module.lines < SMALL_LINES and not module.is_sign for module in house
    )


def shared_class_names(house: list[Module]) -> int:
    """Class names that stand in more than one module."""
    homes = Counter(
        name
        for module in house
        for name in {node.name for node in module.tree.body if isinstance(node, ast.ClassDef)}
    )
    return sum(count > 1 for count in homes.values())


def family_spellers(house: list[Module]) -> int:
    """Modules outside `chain/families` that spell a family's name as a string."""
    wanted = set(FAMILIES)
    return sum(
        any(isinstance(node, ast.Constant) and node.value in wanted for node in ast.walk(module.tree))
        for module in house
        if module.name != "svcfx.chain.families"
    )


def function_lines(house: list[Module]) -> list[int]:
    """Lines of every function, docstring left out."""
    return [
        _length(node)
        for module in house
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    told = ast.get_docstring(node, clean=False) is not None
    start = body[1].lineno if told and len(body) > 1 else node.lineno
    doc = (body[0].end_lineno or 0) - body[0].lineno + 1 if told else 0
    return (node.end_lineno or start) - node.lineno + 1 - doc


def repeats(house: list[Module]) -> int:
    """Pairs of places of six or more lines that are the same text, imports and blank lines left out."""
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for module in house:
        imported = {
            number
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for number in range(node.lineno, (node.end_lineno or 0) + 1)
        }
        lines = [line.strip() for at, line in enumerate(module.text.splitlines(), 1) if at not in imported]
        kept = [line for line in lines if line and not line.startswith(('"""', "#"))]
        for at in range(len(kept) - REPEAT_LINES + 1):
            places[tuple(kept[at : at + REPEAT_LINES])].append((module.name, at))
    runs = {
        (one[0], other[0], one[1] - other[1])
        for found in places.values()
        for i, one in enumerate(found)
        for other in found[i + 1 :]
    }
    return len(runs)


def matches(house: list[Module], pattern: str) -> int:
    """How often a pattern stands in the package."""
    return sum(len(re.findall(pattern, module.text)) for module in house)


def lengths(house: list[Module]) -> str:
    found = sorted(function_lines(house))
    return f"{found[-1]}, {statistics.median(found):g}, {found[int(0.9 * len(found))]}"


def ratio(root: Path, house: list[Module]) -> str:
    tests = sum(module.lines for module in modules(root, "tests"))
    return f"{tests / sum(module.lines for module in house):.2f}"


def room(house: list[Module], name: str) -> str:
    inside = [module for module in house if module.name.startswith(f"svcfx.{name}")]
    return f"{len(inside)} / {sum(module.lines for module in inside):,}"


FIGURES: tuple[tuple[str, Callable[[Path, list[Module]], object]], ...] = (
    ("modules / lines of svcfx", lambda _, house: room(house, "")),
    ("modules / lines of training", lambda _, house: room(house, "training")),
    ("modules / lines of chain", lambda _, house: room(house, "chain")),
    ("modules / lines of factory", lambda root, _: _apart(root, "factory")),
    ("modules that spell a family's name, registry apart", lambda _, house: family_spellers(house)),
    ("modules with one importer and under 80 lines", lambda _, house: lone_and_small(house)),
    ("class names in more than one module", lambda _, house: shared_class_names(house)),
    ("pairs of six equal lines or more", lambda _, house: repeats(house)),
    ("warnings caught", lambda _, house: matches(house, r"catch_warnings\(")),
    ("context variables", lambda _, house: matches(house, r"ContextVar\(|ContextVar\[[^\]]*\]\(")),
    ("environment variables set as arguments", lambda _, house: matches(house, r"os\.environ\[[^\]]+\] =")),
    ("longest function, median, 90 % (docstrings off)", lambda _, house: lengths(house)),
    ("tests : code", ratio),
)


def _apart(root: Path, package: str) -> str:
    found = modules(root, package)
    return f"{len(found)} / {sum(module.lines for module in found):,}"


def figures(root: Path) -> list[object]:
    house = modules(root, "svcfx")
    return [figure(root, house) for _, figure in FIGURES]


def at_commit(commit: str) -> list[object]:
    """The same figures of an earlier commit, from an archive of it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        return figures(Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--at", metavar="COMMIT", help="print that commit's figures beside today's")
    chosen = parser.parse_args()
    columns = [at_commit(chosen.at)] if chosen.at else []
    columns.append(figures(ROOT))
    heads = [*([chosen.at] if chosen.at else []), "now"]
    print(f"| figure | {' | '.join(heads)} |\n| --- |{' --- |' * len(heads)}")
    for row, (name, _) in enumerate(FIGURES):
        print(f"| {name} | {' | '.join(str(column[row]) for column in columns)} |")


if __name__ == "__main__":
    main()
