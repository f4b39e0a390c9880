"""Open a singer's bank: a k-means file, a converted index, or one plain faiss index.

so-vits-svc 4.1 keeps its retrieval index in a pickle of library objects. Reading that runs whatever the
pickle names, so it is not opened here; `index_conversion` does it in a process of its own, when it is told to
trust the file.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from svcfx.chain.checkpoint import faiss_file, pickled, stored
from svcfx.chain.checkpoint.inert import Array
from svcfx.chain.checkpoint.sizes import ConfigSection
from svcfx.chain.retrieval.bank import BANK_KINDS, Bank, BankKind, Lists
from svcfx.errors import VoiceError

LARGEST_ROWS = 4_000_000
LARGEST_WIDTH = 8192
BANK_FORM = "svcfx-bank-1"
_CENTRES = "cluster_centers_"
_LISTS = ".lists."
_ROW = re.compile(r"(?i)spkid_?(\d+)")


def open_bank(path: Path, singers: Mapping[str, int]) -> Bank:
    """Read a bank and say which table is whose.

    Args:
        path: kmeans*.pt; or .safetensors, as `convert-index` writes it; or .index of faiss.
        singers: The voice's names and rows; tables are named by either.

    Raises:
        VoiceError: The file is damaged, asks for code, or has nothing of any of the singers.
    """
    if path.suffix == ".pkl":
        raise VoiceError(
            f"'{path.name}' is a pickle of library objects, which could run any code, and was not opened",
            hint=f"If you trust it: `svcfx voices convert-index {path} --trust`",
        )
    if path.suffix == ".safetensors":
        return named(path.name, read_bank(path), singers)
    if faiss_file.is_index(path):
        return _of_one(path, singers)
    return named(path.name, Bank("centres", _centres(path)), singers)


def read_bank(path: Path) -> Bank:
    """Tables of a safetensors file under the names they have there; plain files hold neighbours."""
    facts, tensors = stored.read(path, BANK_FORM, plain=True)
    lists = _lists_in(path.name, facts, tensors)
    kind: BankKind = ConfigSection(path.name, facts).choice("kind", BANK_KINDS, "neighbours")
    if not tensors:
        raise VoiceError(f"'{path.name}' holds no table")
    tables = {key: require_table(path.name, key, table) for key, table in tensors.items()}
    return Bank(kind, tables, lists)


def named(name: str, bank: Bank, singers: Mapping[str, int]) -> Bank:
    """The bank with its tables under singers' names; those of nobody in this voice are left out."""
    found = {}
    for singer, row in singers.items():
        for key in (singer, str(row)):
            if key in bank.tables:
                found[singer] = bank.tables[key]
                break
    if not found:
        raise VoiceError(
            f"'{name}' has nothing of {_listed(singers)}: it holds {_listed(bank.tables)}",
            hint="Use the file that was trained with this voice, or give its singers the same names.",
        )
    if len({table.shape[1] for table in found.values()}) > 1:
        raise VoiceError(f"'{name}' holds tables of different widths")
    return Bank(bank.kind, found, {name: bank.lists[name] for name in found if name in bank.lists})


def require_table(name: str, key: str, table: torch.Tensor) -> torch.Tensor:
    """The table in float32 when it is one: (1 or more, C), finite, of a size that a bank has."""
    if table.dim() != 2 or not table.is_floating_point() or 0 in table.shape:
        raise VoiceError(f"'{name}': {key} is {tuple(table.shape)} {table.dtype}, a bank has rows of content")
    if table.shape[0] > LARGEST_ROWS or table.shape[1] > LARGEST_WIDTH:
        raise VoiceError(
            f"'{name}': {key} is {tuple(table.shape)}, beyond {LARGEST_ROWS} rows of {LARGEST_WIDTH}"
        )
    whole = table.to(torch.float32)
    if not bool(torch.isfinite(whole).all()):
        raise VoiceError(f"'{name}': {key} holds NaN or infinite numbers", hint="Train it again.")
    return whole.contiguous()


def _of_one(path: Path, singers: Mapping[str, int]) -> Bank:
    singer = _singer_of(path, singers)
    rows, lists = faiss_file.vectors(path)
    table = require_table(path.name, "its index", rows)
    return Bank("neighbours", {singer: table}, {singer: lists} if lists is not None else {})


def write_bank(bank: Bank, path: Path) -> None:
    """Write a bank; the same one gives the same bytes."""
    numbered = dict(enumerate(bank.lists.items()))
    parts = {f"{_LISTS}{number}.centres": lists.centres for number, (_, lists) in numbered.items()}
    parts |= {f"{_LISTS}{number}.member": lists.member for number, (_, lists) in numbered.items()}
    facts = {"kind": bank.kind} | ({"lists": [name for name, _ in numbered.values()]} if numbered else {})
    stored.write(path, BANK_FORM, facts, {**bank.tables, **parts})


def _lists_in(name: str, facts: Mapping[str, Any], tensors: dict[str, torch.Tensor]) -> dict[str, Lists]:
    """The inverted lists of a stored bank, taken out of its tensors."""
    found = {}
    for number, singer in enumerate(facts.get("lists") or ()):
        centres = tensors.pop(f"{_LISTS}{number}.centres", None)
        member = tensors.pop(f"{_LISTS}{number}.member", None)
        rows = tensors.get(singer)
        if centres is None or member is None or rows is None or len(member) != len(rows):
            raise VoiceError(f"'{name}': the lists of '{singer}' do not fit its table", hint=stored.AGAIN)
        found[str(singer)] = Lists(require_table(name, "centres", centres), member.long())
        if not 0 <= int(found[singer].member.min()) <= int(found[singer].member.max()) < len(centres):
            raise VoiceError(f"'{name}': '{singer}' has rows in lists that are not there", hint=stored.AGAIN)
    return found


def _singer_of(path: Path, singers: Mapping[str, int]) -> str:
    """Whose a plain index is: the only singer's, or of the row that RVC writes into its name."""
    named = _ROW.search(path.stem)
    of_row = [singer for singer, row in singers.items() if named and row == int(named[1])]
    if of_row:
        return of_row[0]
    if len(singers) == 1:
        return next(iter(singers))
    raise VoiceError(
        f"'{path.name}' is one index, and the voice has {len(singers)} singers ({_listed(singers)})",
        hint="Convert the feature_and_index.pkl that it was taken from, which says whose each index is.",
    )


def _centres(path: Path) -> dict[str, torch.Tensor]:
    """Centres of each speaker in a k-means file; only arrays and numbers are read."""
    return {str(name): _centres_of(path.name, name, entry) for name, entry in pickled.read(path).items()}


def _centres_of(file: str, name: Any, entry: Any) -> torch.Tensor:
    rows = entry.get(_CENTRES) if isinstance(entry, Mapping) else None
    if isinstance(rows, Array):
        rows = torch.from_numpy(rows.values)
    if not isinstance(rows, torch.Tensor):
        raise VoiceError(
            f"'{file}' is no k-means file: '{name}' has no {_CENTRES}",
            hint="A k-means file is written by svc train-cluster or cluster/train_cluster.py.",
        )
    return require_table(file, str(name), rows)


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(f"'{name}'" for name in list(names)[:6]) or "nobody"
