"""The NSF-HiFiGAN vocoder of the so-vits-svc 4.1 family, and the log mel it was trained on."""

from svcfx.chain.vocoder.agreement import MelFormat, require_same
from svcfx.chain.vocoder.config import VocoderConfig
from svcfx.chain.vocoder.generator import NsfHifiGan, build
from svcfx.chain.vocoder.mel import frames_of, log_mel
from svcfx.chain.vocoder.vocoder import Vocoder

__all__ = [
    "MelFormat",
    "NsfHifiGan",
    "Vocoder",
    "VocoderConfig",
    "build",
    "frames_of",
    "log_mel",
    "require_same",
]
