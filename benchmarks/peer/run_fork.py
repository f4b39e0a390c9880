"""In the fork's environment: `python run_fork.py FOLDER PITCH OUT [CHUNKS]` converts FOLDER/song.wav once.

With CHUNKS its randomness is zeroed, and what the network gave for every chunk is kept there. The current
folder must hold `lengyue233/content-vec-best`, which then stands for the hub's.
"""

import logging
import sys
import warnings
from pathlib import Path

import clock

warnings.simplefilter("ignore")
import numpy as np  # noqa: E402
import so_vits_svc_fork.f0  # noqa: E402
import so_vits_svc_fork.utils  # noqa: E402
import soundfile  # noqa: E402
import torch  # noqa: E402
from so_vits_svc_fork.inference.core import Svc  # noqa: E402


def main() -> None:
    logging.disable(logging.CRITICAL)
    folder, pitch, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    torch.set_num_threads(2)
    song, _ = soundfile.read(folder / "song.wav", dtype="float32")
    svc = Svc(net_g_path=folder / "G_0.pth", config_path=folder / "config.json", device="cpu")
    clock.watch(so_vits_svc_fork.utils, "get_content", "hearing")
    clock.watch(svc.hubert_model, "forward", "content")
    for step in ("compute_f0", "interpolate_f0"):
        clock.watch(so_vits_svc_fork.f0, step, "f0")
    clock.watch(svc.net_g, "infer", "generator")
    for part, stage in (("enc_p", "prior"), ("flow", "flow"), ("dec", "decoder")):
        clock.watch(getattr(svc.net_g, part), "forward", stage)
    if len(sys.argv) > 4:
        keep(svc, song, Path(sys.argv[4]))
        return
    convert(svc, song[: 6 * 44100], pitch)
    clock.measure(lambda: convert(svc, song, pitch), out)


def convert(svc: Svc, song: np.ndarray, pitch: str, noise: float = 0.4) -> None:
    svc.infer_silence(song, speaker="mei", f0_method=pitch, noise_scale=noise, auto_predict_f0=False)


def keep(svc: Svc, song: np.ndarray, path: Path) -> None:
    """All chunks as the network gave them, without randomness."""
    for name in ("randn", "rand"):
        setattr(torch, name, lambda *shape, _zeros=torch.zeros, **options: _zeros(*shape))
        setattr(torch, f"{name}_like", lambda x, _zeros=torch.zeros_like, **options: _zeros(x))
    chunks, infer = [], svc.net_g.infer

    def kept(*args: object, **options: object) -> torch.Tensor:
        made = infer(*args, **options)
        chunks.append(made[0, 0].numpy().copy())
        return made

    svc.net_g.infer = kept
    with torch.no_grad():
        convert(svc, song, "dio", 0.0)
    np.savez(path, *chunks)


main()
