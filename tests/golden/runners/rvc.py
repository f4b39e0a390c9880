"""Runs the kind rvc: generators of RVC in its own checkpoint layout, with and without pitch."""

import torch

from golden.cases import Array, Case
from golden.singing import given
from svcfx.chain.checkpoint import pickled
from svcfx.chain.checkpoint.rvc import build, listed
from svcfx.chain.checkpoint.rvc.reading import tensors_in
from svcfx.chain.vits.generator import Noise, Score


def run(case: Case) -> dict[str, Array]:
    """The audio without and with the noise of the excitation."""
    name = case.parameters["checkpoint"]
    loaded = pickled.read(case.folder / name)
    claims = listed.of_list(name, loaded.get("config"), loaded.get("sr"))
    network, _ = build(name, tensors_in(name, loaded), claims)
    f0_hz = given(case, "f0")
    score = Score(given(case, "phone").transpose(1, 2), f0_hz, (f0_hz > 0).float(), rows=given(case, "pitch"))
    speaker = network.singer(given(case, "speaker").reshape(1).long())
    prior, source = given(case, case.parameters["prior_noise"]), given(case, case.parameters["source_noise"])
    scale = float(case.parameters["prior_scale"])
    found = {}
    with torch.inference_mode():
        for output, noise in (("audio_quiet", None), ("audio_noisy", source.transpose(1, 2))):
            played = network(score, speaker, Noise(prior, scale, None, noise))
            found[output] = played.audio[0].numpy()
    return found
