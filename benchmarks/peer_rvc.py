"""svcfx beside rvc-next, same RVC voice, HuBERT, song and f0: `python benchmarks/peer_rvc.py [--runs 3]`.

rvc-next is installed from PyPI in an environment of its own on the first call. Both get a voice of full size
(v2, 40 kHz) and a HuBERT base with random weights, two threads, and take turns, each in a process of its own.
Seconds of one turn are only held against those of the same turn. A stage is content, pitch or generator.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peer import environment

from svcfx.chain.checkpoint.encoder import BASE
from svcfx.chain.checkpoint.export import write_small_model
from svcfx.chain.content.contentvec import ContentVec
from svcfx.chain.nets import precision
from svcfx.chain.vits import Generator, VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator

HERE = Path(__file__).parent / "peer"
WORK = environment.CACHE / "rvc"
STAGES = ("content", "f0", "generator", "whole")
WANTED_WHOLE, WANTED_STAGE = 1.3, 0.95
PIECE_SECONDS = 32
"""Up to the first cut pieces are alike; behind it the peer comes early by what it loses."""


def main() -> None:
    """Prepare, take turns, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    theirs = environment.python_of("rvc_next", ("torch==2.13.0", "rvc-next"))
    prepare(given.seconds)
    ours = [sys.executable, str(HERE / "run_svcfx_rvc.py"), str(WORK)]
    ways = {"rvc-next": [str(theirs), str(HERE / "run_rvc_next.py"), str(WORK)], "svcfx": [*ours, "fp32"]}
    if precision.has_bf16(torch.device("cpu")):
        ways["svcfx bf16"] = [*ours, "bf16"]
    turns = [{name: run(command) for name, command in ways.items()} for _ in range(given.runs)]
    run([*ours, "fp32", "FOLLOW"])
    print(f"{differences(given.seconds)}\n\n{speeds(turns)}")


def prepare(seconds: float) -> None:
    """The voice, the encoder and the song; drawn once for each length."""
    WORK.mkdir(parents=True, exist_ok=True)
    np.save(WORK / "song.npy", song(seconds))
    if (WORK / "voice.pth").exists() and (WORK / "assets/hubert_base/pytorch_model.bin").exists():
        return
    torch.manual_seed(1)
    config = VitsConfig(
        entry="mapped", window=10, flow_wavenet_layers=3, f0_decoder=False, pitch_bins="even", partials=1,
        last_bias=False, speakers=109, rates=(10, 10, 2, 2), rate_kernels=(16, 16, 4, 4), sample_rate=40000,
    )  # fmt: skip
    opened = OpenedGenerator(Generator(config).eval(), "RVC v2", "vec768l12", "double", {"peer": 0})
    write_small_model(WORK / "voice.pth", opened)
    hubert(WORK / "assets/hubert_base")


def song(seconds: float) -> Any:
    """A sung line with vibrato and breath between notes, never silent: (n,) float32 at 16 kHz."""
    time = np.arange(int(seconds * 16000)) / 16000
    note = 220.0 * 2.0 ** (np.array([0, 2, 4, 5, 7, 5, 4, 2])[(time // 0.75).astype(int) % 8] / 12)
    phase = 2 * np.pi * np.cumsum(note * 2 ** (0.3 * np.sin(2 * np.pi * 5.5 * time) / 12)) / 16000
    sung = sum(np.sin(k * phase) / k for k in range(1, 12)) * ((time % 0.75) < 0.6)
    breath = np.random.default_rng(1).standard_normal(len(time))
    return (0.1 * sung + 0.01 * breath).astype(np.float32)


def hubert(folder: Path) -> None:
    """A HuBERT base with random weights in the Hugging Face layout."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {**BASE, "model_type": "hubert", "hidden_act": "gelu", "feat_extract_norm": "group",
                "do_stable_layer_norm": False, "classifier_proj_size": 256}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(document))
    hearing = {"do_normalize": False, "sampling_rate": 16000}
    (folder / "preprocessor_config.json").write_text(json.dumps(hearing))
    stored = {}
    for key, tensor in ContentVec(document, 12, 256).state_dict().items():
        name = key.removeprefix("net.").replace("encoder.feature_projection", "feature_projection")
        stored[name.replace("encoder.transformer.", "encoder.")] = tensor.clone()
    whole = stored.pop("encoder.pos_conv_embed.conv.weight")
    stored["encoder.pos_conv_embed.conv.weight_v"] = whole
    stored["encoder.pos_conv_embed.conv.weight_g"] = whole.norm(dim=(0, 1), keepdim=True)
    torch.save(stored, folder / "pytorch_model.bin")


def run(command: list[str]) -> dict[str, float]:
    """One conversion; seconds by stage."""
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)})
    found: dict[str, float] = json.loads((WORK / "seconds.json").read_text())
    print(f"{Path(command[1]).stem}: {found['whole']:.2f} s on {found['cores']:.2f} cores", file=sys.stderr)
    return found


def differences(seconds: float) -> str:
    """Largest difference of content and audio, over what both have of the first piece."""
    theirs, ours = np.load(WORK / "peer.npz"), np.load(WORK / "ours.npz")
    stop = int(min(seconds - 0.1, PIECE_SECONDS) * 40000)
    audio = np.abs(theirs["audio"][:stop] / 32768.0 - ours["audio"][:stop]).max()
    step = "a step of int16 is 3.1e-5"
    lines = [f"audio of the first piece, {stop / 40000:.1f} s: largest difference {audio:.2e} ({step})"]
    if seconds <= PIECE_SECONDS:
        mine = ours["content"]
        other = theirs["content"].reshape(-1, mine.shape[1])[: len(mine)]
        worst = np.abs(other - mine[: len(other)]).max()
        lines.append(f"content: largest difference {worst:.2e} of values up to {np.abs(mine).max():.1f}")
    lengths = (
        f"length: {len(ours['audio'])} samples here, {len(theirs['audio'])} there, {int(seconds * 40000)} in"
    )
    return "\n".join([*lines, lengths])


def speeds(turns: list[dict[str, dict[str, float]]]) -> str:
    """Median ratio of the peer's seconds to ours, turn by turn, and peak memory."""
    lines = [
        "| stage | " + " | ".join(turns[0]) + " | ratio, fp32 | wanted |",
        "| --- |" + " --- |" * (len(turns[0]) + 2),
    ]
    for stage in STAGES:
        seconds = [f"{statistics.median(turn[name][stage] for turn in turns):.2f} s" for name in turns[0]]
        ratio = statistics.median(turn["rvc-next"][stage] / turn["svcfx"][stage] for turn in turns)
        wanted = WANTED_WHOLE if stage == "whole" else WANTED_STAGE
        lines.append(f"| {stage} | {' | '.join(seconds)} | {ratio:.2f} | ≥ {wanted} |")
    memory = " | ".join(f"{max(turn[name]['peak_mb'] for turn in turns):.0f} MB" for name in turns[0])
    return "\n".join([*lines, f"| peak memory | {memory} | | |"])


if __name__ == "__main__":
    main()
