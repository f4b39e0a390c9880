"""RVC voices as files: a small model or a training state, known by its tensors, into a network that fits."""

from svcfx.chain.checkpoint.rvc.reading import build as build
from svcfx.chain.checkpoint.rvc.reading import glance as glance
from svcfx.chain.checkpoint.rvc.reading import is_rvc as is_rvc
from svcfx.chain.checkpoint.rvc.reading import open_rvc as open_rvc
