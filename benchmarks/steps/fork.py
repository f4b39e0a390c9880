"""Run by the fork's interpreter: its modules in a plain loop. BATCH.npz CONFIG.json STEPS OUT.json."""

import json
import sys
import time

import numpy as np
import torch
from so_vits_svc_fork.hparams import HParams
from so_vits_svc_fork.modules import commons, losses
from so_vits_svc_fork.modules.descriminators import MultiPeriodDiscriminator
from so_vits_svc_fork.modules.mel_processing import mel_spectrogram_torch, spec_to_mel_torch
from so_vits_svc_fork.modules.synthesizers import SynthesizerTrn
from torch.nn import functional


def main(batch, config, steps, out):
    """Seconds and processor seconds of each step after the first."""
    with open(config) as file:
        settings = HParams(**json.load(file))
    hop, segment = settings.data.hop_length, settings.train.segment_size
    given = {name: torch.from_numpy(value) for name, value in np.load(batch).items()}
    torch.manual_seed(1)
    singer = SynthesizerTrn(settings.data.filter_length // 2 + 1, segment // hop, **settings.model)
    judge = MultiPeriodDiscriminator(settings.model.use_spectral_norm)
    makers = [
        torch.optim.AdamW(net.parameters(), 1e-4, betas=(0.8, 0.99), eps=1e-9) for net in (singer, judge)
    ]
    times = []
    for _ in range(int(steps) + 1):
        began = time.perf_counter(), time.process_time()
        step(singer, judge, makers, given, settings, segment // hop)
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    with open(out, "w") as file:
        json.dump(times[1:], file)


def step(singer, judge, makers, given, settings, frames):
    """Both networks learn from one batch."""
    spec, audio, lengths = given["spectrogram"], given["audio"][:, None], given["frames"]
    wanted = spec_to_mel_torch(spec, settings)
    made, _, places, mask, (_, z_p, m_p, logs_p, _, logs_q), pitch, _, melody = singer(
        given["content"], given["f0_hz"], given["voiced"], spec,
        g=given["singer"][:, None], c_lengths=lengths, spec_lengths=lengths,
    )  # fmt: skip
    hop = settings.data.hop_length
    wanted = commons.slice_segments(wanted, places, frames)
    heard = mel_spectrogram_torch(made.squeeze(1), settings)
    real = commons.slice_segments(audio, places * hop, frames * hop)
    judge.requires_grad_(False)
    _, scores, right, wrong = judge(real, made)
    loss = 45 * functional.l1_loss(wanted, heard) + losses.kl_loss(z_p, logs_q, m_p, logs_p, mask)
    loss = loss + losses.feature_loss(right, wrong) + losses.generator_loss(scores)[0]
    (loss + functional.mse_loss(pitch, melody)).backward()
    judge.requires_grad_(True)
    makers[0].step()
    makers[0].zero_grad()
    good, bad, _, _ = judge(real, made.detach())
    losses.discriminator_loss(good, bad)[0].backward()
    makers[1].step()
    makers[1].zero_grad()


if __name__ == "__main__":
    main(*sys.argv[1:])
