"""A bank of each singer's own content, from the features of a prepared dataset.

"neighbours" keeps what was sung, unit by unit, and thins it out to centres only where there is very much;
"centres" are the middles of a k-means. A voice that has such a bank draws what it hears towards it.

Source: the published facts of so-vits-svc-fork (2,000 centres, 80 rounds of 4,096 rows) and 4.1 (10,000
centres for more than 200,000 rows).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from svcfx.atomic import atomic
from svcfx.chain.checkpoint import converted
from svcfx.chain.retrieval.bank import Bank, BankKind
from svcfx.errors import DatasetError, MissingPartError, OutputExistsError, ParamError
from svcfx.training import index, items
from svcfx.training.index import DatasetEntry
from svcfx.training.prepare import records

CENTRES = 2_000
MOST_CENTRES = 20_000
MOST_ROWS = 200_000
THINNED_TO = 10_000
UNITS_PER_SECOND = 50
_BATCH, _ROUNDS = 4_096, 80

Rows = NDArray[np.float32]
OnStep = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What a singer's table was made of: rows of it, and units that were sung."""

    rows: int
    sung: int


def make(
    dataset: Path,
    out: Path,
    kind: BankKind = "neighbours",
    *,
    centres: int = CENTRES,
    seed: int = 0,
    replace: bool = False,
    on_step: OnStep = lambda _singer, _share: None,
) -> Mapping[str, Made]:
    """Write the bank of a dataset to `out`, a .safetensors; altered copies and validation are left out.

    Raises:
        DatasetError: There is no such dataset, it is damaged, or nobody in it has anything to train on.
        OutputExistsError: There is such a file and `replace` is off.
        ParamError: The file's name or the number of centres cannot be.
        MissingPartError: scikit-learn is not installed and is needed.
    """
    if not 2 <= centres <= MOST_CENTRES:
        raise ParamError(f"centres is {centres}, outside 2 to {MOST_CENTRES}")
    if out.suffix != ".safetensors":
        raise ParamError(f"'{out.name}' would be no .safetensors file, which an index is")
    if out.exists() and not replace:
        raise OutputExistsError(
            f"'{out}' exists already", hint="Name another one with `out`, or give `replace`."
        )
    listed = index.read(dataset)
    entries = _sung(listed.part("train"), dataset)
    if not entries:
        raise DatasetError(f"'{dataset}' has nothing to train on", hint="Prepare recordings first.")
    tables, told = {}, {}
    for singer in [name for name in listed.singers if any(entry.singer == name for entry in entries)]:
        own = [entry for entry in entries if entry.singer == singer]
        sung = sum(entry.frames for entry in own) * listed.hop / listed.sample_rate * UNITS_PER_SECOND
        rows = _rows(dataset, own, sung, seed, partial(on_step, singer))
        count = centres if kind == "centres" else THINNED_TO
        thinned = kind == "centres" or sung > MOST_ROWS
        table = middles(rows, min(count, len(rows)), seed) if thinned else rows
        tables[singer] = torch.from_numpy(table)
        told[singer] = Made(len(table), round(sung))
    with atomic(out) as temporary:
        converted.save_bank(Bank(kind, tables), temporary)
    return told


def _sung(entries: tuple[DatasetEntry, ...], dataset: Path) -> list[DatasetEntry]:
    """Entries but for altered copies, whose content is another voice's."""
    try:
        altered = {piece.file for piece in records.read(dataset).pieces if piece.altered is not None}
    except DatasetError:  # a dataset that another program made has no records
        altered = set()
    return [entry for entry in entries if entry.file not in altered]


def _rows(
    dataset: Path, entries: list[DatasetEntry], sung: float, seed: int, tell: Callable[[float], None]
) -> Rows:
    """Units of all items (N, C), of very many an even share, drawn by seed."""
    kept, share = [], min(1.0, MOST_ROWS / max(sung, 1.0))
    for count, entry in enumerate(entries):
        units = items.read(dataset / entry.file).content.T
        if share < 1.0:
            drawing = int.from_bytes(hashlib.sha256(f"{seed} {entry.file}".encode()).digest()[:6], "big")
            units = units[np.random.default_rng(drawing).random(len(units)) < share]
        kept.append(units)
        tell((count + 1) / len(entries))
    return np.ascontiguousarray(np.concatenate(kept), np.float32)


def middles(rows: Rows, count: int, seed: int) -> Rows:
    """Centres of a k-means (count, C); raises `MissingPartError` when scikit-learn is not installed."""
    try:
        from sklearn.cluster import MiniBatchKMeans
    except ImportError as error:
        raise MissingPartError(
            "centres are found by scikit-learn, which is not installed", hint='pip install "svcfx[train]"'
        ) from error
    found = MiniBatchKMeans(
        count,
        max_iter=_ROUNDS,
        batch_size=_BATCH,
        n_init=1,
        random_state=seed,
        init_size=min(3 * count, len(rows)),
    )
    return np.asarray(found.fit(rows).cluster_centers_, np.float32)
