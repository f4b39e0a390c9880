"""Run one training step's forward pass over a case: what the runners of the training kinds share."""

import numpy as np
import torch

from golden.cases import Array, Case
from golden.singing import given
from svcfx.chain.checkpoint.sizes import vits_config
from svcfx.chain.vits.config import PARTIALS
from svcfx.training.vits import losses
from svcfx.training.vits.batch import TrainingNoise, VitsBatch
from svcfx.training.vits.discriminators import Discriminators
from svcfx.training.vits.network import TrainedGenerator
from svcfx.training.vits.spectra import Spectra


def run(case: Case) -> dict[str, Array]:
    """Every tensor and every loss of a case."""
    config, segment = vits_config("config.json", case.config()), case.parameters["segment_frames"]
    network = _filled(TrainedGenerator(config, segment=segment), case, "generator_manifest")
    discriminators = _filled(Discriminators(), case, "manifest")
    spectra, audio = Spectra(), given(case, "y")
    batch, noise = _batch(case, spectra), _noise(case, segment * config.hop)
    with torch.no_grad():
        passed = network(batch, noise)
        right = losses.reference(batch, passed, spectra, segment)
        real, fake = discriminators(right), discriminators(passed.audio)
        terms = losses.own_terms(batch, passed, right, spectra, network)
        terms |= losses.fooling_terms(fake, real) | losses.telling_terms(fake, real)
    share = losses.StepShare(items=1, frames=int(batch.frames.sum()))
    found = {
        "spec": batch.spectrogram,
        "mel": spectra.mel(audio),
        "m_q": passed.posterior_mean,
        "logs_q": passed.posterior_log_std,
        "z": passed.latent,
        "z_p": passed.flowed,
        "m_p": passed.prior_mean,
        "logs_p": passed.prior_log_std,
        "pred_lf0": passed.predicted,
        "norm_lf0": passed.contour,
        "lf0": passed.melody,
        "slice_start": passed.start,
        "y_hat": passed.audio[:, None],
        "y_hat_mel": spectra.mel(passed.audio),
        "y_mel": spectra.mel(audio)[..., passed.start[0] : passed.start[0] + segment],
        "d_means": torch.tensor([[float(a.mean()), float(b.mean())] for (a, _), (b, _) in zip(real, fake)]),  # noqa: B905
    }
    for name, (side, index) in case.parameters["score_tensors"].items():
        found[name] = (real if side == "real" else fake)[index][0]
    named = {f"losses.json:{name}": share.of(name, term) for name, term in terms.items()}
    return {name: tensor.numpy() for name, tensor in (found | named).items()}


def _filled(network: torch.nn.Module, case: Case, manifest: str) -> torch.nn.Module:
    """A network with the case's weights; keys and their order must be the file's."""
    drawn = {key: torch.from_numpy(w) for key, w in case.weights(manifest).items()}
    assert list(network.state_dict()) == list(drawn)
    network.load_state_dict(drawn, strict=True)
    return network.eval()


def _batch(case: Case, spectra: Spectra) -> VitsBatch:
    audio, f0_hz = given(case, "y"), given(case, "f0")
    return VitsBatch(
        content=given(case, "c"),
        f0_hz=f0_hz,
        voiced=given(case, "uv"),
        volume=torch.zeros_like(f0_hz),
        spectrogram=spectra.magnitudes(audio),
        audio=audio,
        singer=given(case, "sid")[:, 0],
        frames=torch.tensor([f0_hz.shape[-1]]),
    )


def _noise(case: Case, samples: int) -> TrainingNoise:
    values = case.parameters["random_values"]
    phases = torch.full((1, PARTIALS), float(values["sine phases"]))
    phases[:, 0] = 0.0
    return TrainingNoise(
        posterior=torch.from_numpy(np.array(case.tensor(values["posterior_noise"]))),
        place=torch.tensor([values["torch.rand(1)"]], dtype=torch.float64),
        stretch=torch.tensor([values["normalize_f0 factor"]]),
        phases=phases,
        source=torch.full((1, PARTIALS, samples), float(values["sine noise"])),
    )
