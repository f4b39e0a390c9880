"""One conversion by rvc-next, in its own environment: `python run_rvc_next.py WORK`.

WORK holds voice.pth, assets/hubert_base and song.npy (16 kHz). Writes peer.npz, with audio at the voice's
rate, the content of the first piece and f0, and the seconds of each stage to seconds.json. All noise is 0, so
that the sound can be compared.
"""

import sys
from pathlib import Path
from typing import Any

import clock
import numpy as np
import torch
from rvc_next.engine.convert import offline
from rvc_next.engine.convert.params import VoiceParams
from rvc_next.engine.models.loader import load_voice
from rvc_next.engine.runtime import Runtime

WARM_SECONDS, THREADS = 6, 2
kept: dict[str, list[Any]] = {"content": [], "f0": []}


def main() -> None:
    """Warm up, convert, write."""
    work = Path(sys.argv[1])
    torch.set_num_threads(THREADS)
    torch.randn_like = lambda like, **_: torch.zeros_like(like)
    runtime = Runtime(work / "assets", device="cpu", precision="fp32")
    voice = load_voice(work / "voice.pth", runtime.device, False)
    params = VoiceParams(f0_method="pm", index_rate=0.0, protect=0.5, rms_mix_rate=1.0, unvoiced="zero")
    song = np.load(work / "song.npy")
    keep(offline, "extract_features", "content")
    keep(offline, "offline_f0", "f0")
    clock.watch(offline, "extract_features", "content")
    clock.watch(offline, "offline_f0", "f0", times=9)
    clock.watch(voice.net_g, "infer", "generator")
    converter = offline.OfflineConverter(runtime)
    converter.convert(song[: WARM_SECONDS * 16000], voice, params)
    for values in kept.values():
        values.clear()
    audio, rate = clock.measure(lambda: converter.convert(song, voice, params), work / "seconds.json")
    f0, content = (plain(kept[name][0]) for name in ("f0", "content"))
    np.savez(work / "peer.npz", audio=audio, rate=rate, content=content, f0=f0)


def keep(owner: Any, name: str, stage: str) -> None:
    """Keep what a function gives."""
    inner = getattr(owner, name)

    def run(*args: Any, **options: Any) -> Any:
        kept[stage].append(inner(*args, **options))
        return kept[stage][-1]

    setattr(owner, name, run)


def plain(value: Any) -> Any:
    """An array out of what the peer hands on: a tensor, or the continuous line of its pitch."""
    line = next((getattr(value, key) for key in ("pitchf", "f0", "hz") if hasattr(value, key)), value)
    line = line[0] if isinstance(line, tuple) else line
    return np.asarray(line.detach().cpu() if isinstance(line, torch.Tensor) else line)


if __name__ == "__main__":
    main()
