"""The so-vits-svc generators: content, pitch and a singer in, sound out. Tensors only, no files."""

from svcfx.chain.vits.config import VitsConfig as VitsConfig
from svcfx.chain.vits.generator import Generator as Generator
from svcfx.chain.vits.generator import Performance as Performance
