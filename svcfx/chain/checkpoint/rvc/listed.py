"""What an RVC file says of itself: the list of 18 under `config`, or the config.json of its training.

Both lie in the wild, so nothing of it is more than a claim: `measuring` compares it with the tensors. One
singer is in a file, whatever rows its table has, unless it says of more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svcfx.errors import VoiceError

LENGTH = 18
_PLACES = {
    "inter_channels": 2, "hidden_channels": 3, "filter_channels": 4, "n_heads": 5, "n_layers": 6,
    "kernel_size": 7, "upsample_initial_channel": 13, "gin_channels": 16,
}  # fmt: skip
_LARGEST_RATE = 192_000
Wholes = tuple[int, ...]
_STEP = re.compile(r"(?i)([_-](e\d+|s\d+|\d+e|\d+s))+$")
_TRAINING = re.compile(r"(?i)^[GD]_\d+$")
_ODD = re.compile(r"[^\w .()+-]+")
_LONGEST = 64


@dataclass(frozen=True)
class Listed:
    """Claims; None where there is none.

    Attributes:
        rate: Hz. sizes: By the names of RVC's config.json.
        resblock: "1", or the other kind of residual block that RVC's code knows.
    """

    rate: int | None = None
    rates: Wholes | None = None
    rate_kernels: Wholes | None = None
    block_kernels: Wholes | None = None
    block_dilations: tuple[Wholes, ...] | None = None
    sizes: Mapping[str, int] | None = None
    resblock: str = "1"


def of_list(name: str, config: object, sr: object) -> Listed:
    """The claims of a small model's `config`; `sr` fills in a rate that it does not have.

    Raises:
        VoiceError: It is no list of 18.
    """
    if config is None:
        return Listed(rate=rate_of(sr))
    if not isinstance(config, Sequence) or isinstance(config, str) or len(config) != LENGTH:
        size = len(config) if isinstance(config, Sequence) else type(config).__name__
        raise VoiceError(
            f"voice '{name}': its config is {size}, an RVC voice has a list of {LENGTH}",
            hint="It was damaged or extracted by another program; extract it again from its G_*.pth.",
        )
    return Listed(
        rate=rate_of(config[17]) or rate_of(sr),
        rates=_wholes(config[12]),
        rate_kernels=_wholes(config[14]),
        block_kernels=_wholes(config[10]),
        block_dilations=_tables(config[11]),
        sizes={key: config[at] for key, at in _PLACES.items() if _is_whole(config[at])},
        resblock=str(config[9]),
    )


def of_document(document: Mapping[str, Any]) -> Listed:
    """The claims of a training's config.json."""
    model, data = (document.get(key) for key in ("model", "data"))
    model = model if isinstance(model, Mapping) else {}
    data = data if isinstance(data, Mapping) else {}
    return Listed(
        rate=rate_of(data.get("sampling_rate")),
        rates=_wholes(model.get("upsample_rates")),
        rate_kernels=_wholes(model.get("upsample_kernel_sizes")),
        block_kernels=_wholes(model.get("resblock_kernel_sizes")),
        block_dilations=_tables(model.get("resblock_dilation_sizes")),
        sizes={key: model[key] for key in _PLACES if _is_whole(model.get(key))},
        resblock=str(model.get("resblock", "1")),
    )


def rate_of(value: object) -> int | None:
    """Hz of 40000, "40k" or "40000"; None of anything else."""
    text = str(value).strip().lower()
    digits, thousand = (text[:-1], 1000) if text.endswith("k") else (text, 1)
    if isinstance(value, bool) or not digits.isascii() or not digits.isdigit() or len(digits) > 6:
        return None
    rate = int(digits) * thousand
    return rate if 0 < rate <= _LARGEST_RATE else None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wholes(value: object) -> Wholes | None:
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 16:
        return None
    return tuple(value) if all(_is_whole(item) and 0 < item <= 8192 for item in value) else None


def _tables(value: object) -> tuple[Wholes, ...] | None:
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= 16:
        return None
    rows = [_wholes(row) for row in value]
    found = tuple(row for row in rows if row is not None)
    return found if len(found) == len(rows) else None


def singers(path: Path, said: Mapping[str, Any], rows: int) -> dict[str, int]:
    """Row of each singer.

    Raises:
        VoiceError: A singer's row is beyond the table's.
    """
    named = _said(said.get("speaker_info")) or _numbered(said.get("speakers_id"), rows)
    if not named:
        return {called(path, said): 0}
    for name, row in named.items():
        if not 0 <= row < rows:
            raise VoiceError(
                f"voice '{path.name}': singer '{name}' is row {row}, the voice has 0 to {rows - 1}"
            )
    return named


def called(path: Path, said: Mapping[str, Any]) -> str:
    """What a file's only singer is called: as Applio says, or as the file is without epoch and step.

    A training state is called as the folder that it lies in.
    """
    said_name = said.get("model_name")
    stem = path.absolute().parent.name if _TRAINING.match(path.stem) else path.stem
    text = said_name if isinstance(said_name, str) and said_name.strip() else _STEP.sub("", stem)
    name = _ODD.sub(" ", text)[:_LONGEST].strip(" .-_")
    return name or "voice"


def _said(table: object) -> dict[str, int]:
    """Names of `speaker_info`: a list by row, or a table either way round; else {}."""
    if isinstance(table, (list, tuple)):
        return {str(name): row for row, name in enumerate(table) if isinstance(name, str)}
    if not isinstance(table, Mapping):
        return {}
    found = {}
    for key, value in table.items():
        if isinstance(value, int) and not isinstance(value, bool):
            found[str(key)] = value
        elif isinstance(value, str) and str(key).isdigit():
            found[value] = int(key)
    return found


def _numbered(count: object, rows: int) -> dict[str, int]:
    """Applio's number of singers, who are called by their rows; none where there is one."""
    several = isinstance(count, int) and not isinstance(count, bool) and 1 < count <= rows
    return {f"singer {row}": row for row in range(int(str(count)))} if several else {}
