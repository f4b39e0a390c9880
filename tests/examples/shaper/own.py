"""What `svcfx.chain.own` wants of the family: its checkpoint read, kept and opened."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from examples.shaper.voice import Shaper
from svcfx.chain.own import Described, Outlook
from svcfx.chain.voice import Voice
from svcfx.errors import VoiceError

MARK, RATE = "shaper.shape", 44_100


def reads(checkpoint: Path) -> bool:
    """By the name of its only tensor."""
    try:
        with safe_open(str(checkpoint), framework="numpy") as file:
            return list(file.keys()) == [MARK]
    except (OSError, SafetensorError):
        return False


def convert(checkpoint: Path, weights: Path) -> Described:
    """Three numbers for each singer, whose names stand in the header."""
    with safe_open(str(checkpoint), framework="numpy") as file:
        names = tuple((file.metadata() or {}).get("singers", checkpoint.stem).split(","))
        shape = file.get_tensor(MARK)
    if shape.shape != (len(names), 3):
        raise VoiceError(f"'{checkpoint.name}' has {MARK} of {shape.shape}, allowed is {(len(names), 3)}")
    save_file({MARK: shape}, weights, {"svcfx": json.dumps({"singers": names})})
    return Described(names, RATE)


def outlook(header: Mapping[str, Any]) -> Outlook:
    """No knob of a voice reaches it."""
    return Outlook(frozenset(), {}, cost=0.001, refined_cost=0.001)


def opened(name: str, weights: Path, loudness_db: float, sha256: str) -> Voice:
    """The voice."""
    with safe_open(str(weights), framework="numpy") as file:
        names = json.loads(file.metadata()["svcfx"])["singers"]
    return Shaper(name, dict(zip(names, load_file(weights)[MARK], strict=True)), sha256)
