"""In the fork's environment and the voice's folder: `python live_fork.py SONG.npy`, asked as in `blocks`."""

import logging
import warnings
from pathlib import Path
from typing import Any

import blocks

warnings.simplefilter("ignore")
import numpy as np  # noqa: E402
import torch  # noqa: E402
from so_vits_svc_fork.inference.core import RealtimeVC, Svc  # noqa: E402

CONTEXTS = {
    "as svc vc": {"crossfade": 0.01, "before": 0.2, "after": 0.1},
    "least context": {"crossfade": 0.05, "before": 0.01, "after": 0.01},
}
"""Seconds: defaults of `svc vc`, and what its window has for processors ("Default VC (CPU, ...)")."""
SUNG: dict[str, Any] = {
    "speaker": "mei", "transpose": 0, "f0_method": "dio", "auto_predict_f0": False, "noise_scale": 0.4,
    "db_thresh": -30, "pad_seconds": 0.02, "chunk_seconds": 0.5,
}  # fmt: skip


def main() -> None:
    logging.disable(logging.CRITICAL)
    blocks.set_threads(torch)
    svc = Svc(net_g_path=Path("G_0.pth"), config_path=Path("config.json"), device="cpu")
    svc.infer(
        speaker="mei", transpose=0, audio=np.zeros(blocks.RATE, np.float32), f0_method="dio"
    )  # as `svc vc` warms up

    def process_of(_frames: int, asked: dict[str, Any]) -> tuple[Any, float]:
        context = CONTEXTS[asked["who"].removeprefix("fork, ")]
        crossfade, before, after = (int(seconds * blocks.RATE) for seconds in context.values())
        model = RealtimeVC(
            svc_model=svc,
            crossfade_len=crossfade,
            additional_infer_before_len=before,
            additional_infer_after_len=after,
        )
        late = (after + crossfade + model.sola_search_len) / blocks.RATE
        return lambda block: model.process(input_audio=block, **SUNG), late

    blocks.serve(process_of)


main()
