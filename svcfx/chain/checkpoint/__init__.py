"""The only door to foreign weights: read safely, say the family, compare every tensor, build."""

from svcfx.chain.checkpoint.generator import OpenedGenerator as OpenedGenerator
from svcfx.chain.checkpoint.generator import open_generator as open_generator
