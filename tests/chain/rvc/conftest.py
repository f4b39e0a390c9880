"""A small RVC voice with weights by rule, opened from its file, behind a small HuBERT of 256 wide content."""

from dataclasses import replace

import pytest
import torch
from voices import checkpoints, rvc_checkpoints

from svcfx.chain.checkpoint import open_encoder, open_rvc
from svcfx.chain.retrieval.bank import Bank
from svcfx.chain.svc.parts import VoiceParts
from svcfx.chain.svc.voice import SvcVoice


def made(folder, **said):
    encoder = open_encoder(checkpoints.write_encoder(folder / "encoder"), "vec256l9")
    opened = open_rvc(rvc_checkpoints.write(folder / "mei.pth", rvc_checkpoints.model("v1", 32000, **said)))
    rows = torch.from_numpy(rvc_checkpoints.rows_of_content(40, 256))
    return SvcVoice(
        VoiceParts(name="mei", generator=opened, content=encoder, bank=Bank("neighbours", {"mei": rows}))
    )


@pytest.fixture(scope="session")
def voice(tmp_path_factory):
    return made(tmp_path_factory.mktemp("rvc"))


@pytest.fixture(scope="session")
def pitchless(tmp_path_factory):
    return made(tmp_path_factory.mktemp("nof0"), f0=False)


@pytest.fixture(scope="session")
def bare(voice):
    """The same voice without its index."""
    return SvcVoice(replace(voice.parts, bank=None))
