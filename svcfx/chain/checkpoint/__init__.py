"""The only door to foreign weights: read safely, say the family, compare every tensor, build."""

from svcfx.chain.checkpoint.bank import open_bank as open_bank
from svcfx.chain.checkpoint.encoder import open_encoder as open_encoder
from svcfx.chain.checkpoint.faiss_file import index_size as index_size
from svcfx.chain.checkpoint.generator import load_posterior as load_posterior
from svcfx.chain.checkpoint.generator import open_generator as open_generator
from svcfx.chain.checkpoint.generator import save_posterior as save_posterior
from svcfx.chain.checkpoint.index_conversion import convert_index as convert_index
from svcfx.chain.checkpoint.pickled import mentions as mentions
from svcfx.chain.checkpoint.refiner import open_refiner as open_refiner
from svcfx.chain.checkpoint.rvc import glance as glance
from svcfx.chain.checkpoint.rvc import open_rvc as open_rvc
from svcfx.chain.checkpoint.vocoder import open_vocoder as open_vocoder
from svcfx.chain.vits.opened import OpenedGenerator as OpenedGenerator
