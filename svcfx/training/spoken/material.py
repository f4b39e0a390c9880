"""Material that is spoken by flite and espeak-ng in place of recordings, as a folder to train on.

    voices/spoken.toml              how much there is, and by which seed
    voices/bank/text-0000000.npz    one text, see `training.parametric.bank`

Each file is a function of its number and the seed, so what is there is not made again.
"""

import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from svcfx.atomic import ELSEWHERE, atomic
from svcfx.errors import DatasetError, OutputError, OutputExistsError, ParamError
from svcfx.training.parametric import bank, dataset
from svcfx.training.parametric.dataset import Material

NAME, BANK = "spoken.toml", "bank"
VALIDATION_TEXTS = 24
MOST_TEXTS = bank.VALIDATION_FROM // 2
AGAIN = "Make it again: svcfx train prepare engines --family parametric"


@dataclass(frozen=True, slots=True)
class Spoken:
    """How many texts are trained on, and the seed of all that is random in them.

    A quarter as many more are for the refiner, which must not know them.
    """

    texts: int = 800
    seed: int = 2026

    def __post_init__(self) -> None:
        if not 1 <= self.texts <= MOST_TEXTS:
            raise ParamError(f"texts is {self.texts}, allowed are 1 to {MOST_TEXTS}")
        if self.seed < 0:
            raise ParamError(f"seed is {self.seed}, allowed is 0 or more")

    @property
    def trained(self) -> list[int]:
        """Numbers of the texts that the nets are trained on."""
        return list(range(self.texts))

    @property
    def refining(self) -> list[int]:
        """Numbers of those that the refiner is trained on."""
        return list(range(self.texts, self.texts + max(1, self.texts // 4)))

    @property
    def held(self) -> list[int]:
        """Numbers of those that validate."""
        return [bank.VALIDATION_FROM + i for i in range(VALIDATION_TEXTS)]


def is_spoken(folder: Path) -> bool:
    """Whether a folder holds such material."""
    return (folder / NAME).is_file()


def missing(out: Path, wanted: Spoken) -> list[int]:
    """Numbers of the texts that are not there yet."""
    numbers = [*wanted.held, *wanted.trained, *wanted.refining]
    return [i for i in numbers if not bank.path_of(out / BANK, i).exists()]


def prepare(
    out: Path, wanted: Spoken, *, jobs: int = 1, on_share: Callable[[float], None] = lambda _: None
) -> Path:
    """Have all texts spoken; what is there stays. Returns the folder's `spoken.toml`.

    Raises:
        OutputExistsError: The folder holds other files, or material of another seed.
        MissingPartError: flite or espeak-ng is not installed.
        OutputError: The disk is full, or the folder cannot be written; what was made stays.
    """
    claim(out, wanted)
    todo = missing(out, wanted)
    try:
        for done in bank.fill(out / BANK, todo, wanted.seed, jobs):
            on_share(done / len(todo))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise OutputError(f"'{out}' could not be written: {why}", hint=ELSEWHERE) from error
    path = out / NAME
    with atomic(path) as temporary:
        temporary.write_text("".join(f"{key} = {value}\n" for key, value in asdict(wanted).items()), "utf-8")
    return path


def claim(out: Path, wanted: Spoken) -> None:
    """Raise `OutputExistsError` when such material cannot go into a folder."""
    if is_spoken(out) and (there := read(out)).seed != wanted.seed:
        raise OutputExistsError(
            f"'{out}' holds material of seed {there.seed}, not {wanted.seed}",
            hint="Name another folder with -o, or give the same --seed.",
        )
    if out.is_file() or (out.is_dir() and {path.name for path in out.iterdir()} - {NAME, BANK}):
        raise OutputExistsError(f"'{out}' holds other files", hint="Name an empty or new folder with -o.")


def read(folder: Path) -> Spoken:
    """What a folder holds; raises `DatasetError` when its `spoken.toml` is damaged."""
    try:
        return Spoken(**tomllib.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ParamError) as error:
        raise DatasetError(f"'{folder / NAME}' cannot be read: {error}", hint=AGAIN) from error


def load(folder: Path, part: Callable[[Spoken], list[int]]) -> Material:
    """A part of the material; raises `DatasetError` when something of the material is not there."""
    spoken = read(folder)
    if lacking := missing(folder, spoken):
        raise DatasetError(f"'{folder}' lacks text {lacking[0]}, one of {len(lacking)}", hint=AGAIN)
    return dataset.read([bank.path_of(folder / BANK, number) for number in part(spoken)])
