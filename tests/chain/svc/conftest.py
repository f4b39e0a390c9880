"""Small so-vits-svc voices with weights by rule, opened from files; and something to sing."""

import numpy as np
import pytest
import torch
from voices import checkpoints

from svcfx.chain.checkpoint import open_encoder, open_generator
from svcfx.chain.checkpoint.refiner import open_refiner
from svcfx.chain.checkpoint.vocoder import open_vocoder
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.voice import SvcVoice

RATE = 44100


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    folder = checkpoints.write_encoder(tmp_path_factory.mktemp("encoder"))
    return open_encoder(folder, "vec256l9")


@pytest.fixture(scope="session")
def old(encoder, tmp_path_factory):
    """A 4.0 voice of two singers, with a bank of centres."""
    folder = checkpoints.write_sovits40(tmp_path_factory.mktemp("old"), singers=("mei", "tess"))
    opened = open_generator(folder / "G_100.pth", folder / "config.json")
    rows = torch.from_numpy(np.random.default_rng(0).standard_normal((20, 256)).astype(np.float32))
    return SvcVoice(
        VoiceParts(
            name="mei",
            generator=opened,
            content=encoder,
            bank=Bank("centres", {"mei": rows, "tess": rows}),
        )
    )


@pytest.fixture(scope="session")
def new(encoder, tmp_path_factory):
    """A 4.1 voice of two singers, with a refiner that knows 100 of 1000 levels and a vocoder."""
    folder = checkpoints.write_sovits41(
        tmp_path_factory.mktemp("new"), singers=("mei", "tess"), diffusion=True, vol_embedding=True
    )
    opened = open_generator(folder / "G_100.pth", folder / "config.json")
    diffusion = folder / "diffusion"
    return SvcVoice(
        VoiceParts(
            name="mei",
            generator=opened,
            content=encoder,
            refiner=open_refiner(diffusion / "model_5000.pt", diffusion / "config.yaml"),
            vocoder=open_vocoder(folder / "pretrain/nsf_hifigan"),
        )
    )


@pytest.fixture(scope="session", params=["old", "new"])
def voice(request):
    return request.getfixturevalue(request.param)
