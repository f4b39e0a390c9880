"""Checkpoints with bytes changed, cut out or put in, outside and inside their archives: a voice or a typed
error, in bounded memory and without long work."""

import io
import json
import random
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from flood import FLOOD
from voices import checkpoints, rvc_checkpoints
from voices.random_nets import random_network

from svcfx.chain import checkpoint
from svcfx.chain.checkpoint import converted
from svcfx.chain.parametric import network
from svcfx.chain.parametric.nets import Config
from svcfx.errors import SvcfxError

MOST_KILOBYTES, MOST_SECONDS = 200_000, 5.0
SINGERS = {"mei": 0, "alto": 1}
INSTEAD = ("0", "-1", "1e9", "2147483648", "1.5", "null", "[]", '"x"', "NaN", "3", "100000")
Bytes = Callable[[bytes, random.Random], bytes]
Open = Callable[[Path], object]


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four changes, half of them in the first or the last 600 bytes, where tables of contents are."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not made:
            break
        edge = min(600, len(made))
        places = [chance.randrange(len(made)), chance.randrange(edge), len(made) - 1 - chance.randrange(edge)]
        at = places[chance.choice([0, 0, 1, 2])]
        what = chance.randrange(6)
        if what == 0:
            made[at] = chance.randrange(256)
        elif what == 1:
            made[at : at + 4] = chance.choice(
                [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1\0\0\0"]
            )
        elif what == 2:
            del made[at : at + chance.randint(1, 300)]
        elif what == 3:
            made[at:at] = chance.randbytes(chance.randint(1, 300))
        elif what == 4:
            made[at : at + 40] = made[(other := chance.randrange(len(made))) : other + 40]
        else:
            del made[max(at, 16) :]
    return bytes(made)


def _in_its_pickle(data: bytes, chance: random.Random) -> bytes:
    """The same to the pickle of an archive, which is then packed again with the right checksums."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            held = old.read(entry)
            new.writestr(entry, _mutated(held, chance) if entry.filename.endswith("data.pkl") else held)
    return out.getvalue()


def _in_a_number(data: bytes, chance: random.Random) -> bytes:
    """A JSON text with one to three of its numbers replaced."""
    text = data.decode()
    for _ in range(chance.randint(1, 3)):
        at = [i for i, letter in enumerate(text) if letter.isdigit() and not text[i - 1].isalnum()]
        begin = chance.choice(at)
        end = begin
        while end < len(text) and (text[end].isdigit() or text[end] in ".e-"):
            end += 1
        new = chance.choice(
            ["0", "-1", "1e9", "2147483648", "1.5", "null", "[]", '"x"', "NaN", "3", "100000"]
        )
        text = text[:begin] + new + text[end:]
    return text.encode()


def _sovits(folder: Path, config: str) -> Open:
    (folder / "config.json").write_text(config)
    return lambda path: checkpoint.open_generator(path, folder / "config.json")


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> dict[str, tuple[bytes, str, Bytes, Open]]:
    """By kind: bytes of a whole file, its ending, how it is damaged, and what opens it."""
    folder = tmp_path_factory.mktemp("originals")
    written = checkpoints.write_sovits41(folder / "sovits", singers=tuple(SINGERS))
    config = (written / "config.json").read_text()
    sovits, pth = _sovits(folder, config), (written / "G_100.pth").read_bytes()
    old, part, ours = folder / "old.pth", folder / "g.safetensors", folder / "ours.safetensors"
    torch.save(torch.load(written / "G_100.pth"), old, _use_new_zipfile_serialization=False)
    rvc = rvc_checkpoints.write(folder / "rvc.pth").read_bytes()
    converted.save(checkpoint.open_generator(written / "G_100.pth", written / "config.json"), part)
    sizes = Config(encoder_width=8, encoder_hidden=8, decoder_width=8, decoder_hidden=8)
    network.save(random_network(1, sizes), ours)
    centres = folder / "kmeans_100.pt"
    checkpoints.write_centres(centres, tuple(SINGERS))

    def bank(path: Path) -> object:
        return checkpoint.open_bank(path, SINGERS)

    return {
        "so-vits": (pth, "pth", _mutated, sovits),
        "so-vits pickle": (pth, "pth", _in_its_pickle, sovits),
        "so-vits of old torch": (old.read_bytes(), "pth", _mutated, sovits),
        "so-vits config": (
            config.encode(), "json", _in_a_number,
            lambda path: checkpoint.open_generator(written / "G_100.pth", path),
        ),
        "rvc": (rvc, "pth", _mutated, checkpoint.open_rvc),
        "rvc pickle": (rvc, "pth", _in_its_pickle, checkpoint.open_rvc),
        "centres": (centres.read_bytes(), "pt", _in_its_pickle, bank),
        "kept generator": (part.read_bytes(), "safetensors", _mutated, converted.load),
        "voice made here": (ours.read_bytes(), "safetensors", _mutated, network.load),
    }  # fmt: skip


KINDS = (
    "so-vits", "so-vits pickle", "so-vits of old torch", "so-vits config", "rvc", "rvc pickle", "centres",
    "kept generator", "voice made here",
)  # fmt: skip


def _cases(folder: Path, kind: str, count: int, data: bytes, ending: str, damage: Bytes) -> Iterator[Path]:
    path = folder / f"case.{ending}"
    for number in range(count):
        path.write_bytes(damage(data, random.Random(f"{kind} {number}")))
        yield path


def run(folder: Path, kind: str, count: int, original: tuple[bytes, str, Bytes, Open]) -> dict[str, float]:
    """Of `count` damaged files: how many opened and how many were refused; the memory that it took above the
    start, in kB, and the most processor seconds of one."""
    data, ending, damage, opens = original
    whole = folder / f"whole.{ending}"
    whole.write_bytes(data)
    opens(whole)  # what is loaded once is no growth
    before, opened, longest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, 0.0
    for path in _cases(folder, kind, count, data, ending, damage):
        begun = time.process_time()
        try:
            opens(path)
            opened += 1
        except SvcfxError:
            pass
        longest = max(longest, time.process_time() - begun)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"opened": opened, "refused": count - opened, "kilobytes": grown, "seconds": round(longest, 2)}


def _lawful(figures: dict[str, float]) -> bool:
    return figures["kilobytes"] < MOST_KILOBYTES and figures["seconds"] < MOST_SECONDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_checkpoint_is_opened_or_refused_in_a_sentence(tmp_path, originals, kind):
    figures = run(tmp_path, kind, 40, originals[kind])
    assert figures["refused"] > 0
    assert _lawful(figures), figures


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_of_damaged_checkpoints_is_opened_or_refused_in_a_sentence(tmp_path, originals, kind):
    figures = run(tmp_path, kind, FLOOD // len(KINDS), originals[kind])
    print(kind, json.dumps(figures))
    assert figures["refused"] > 0
    assert _lawful(figures), figures
