"""Voices as files of other programs; the reverse of what the modules beside this package do."""

from svcfx.chain.checkpoint.export.forms import FORMS as FORMS
from svcfx.chain.checkpoint.export.forms import GRAPH as GRAPH
from svcfx.chain.checkpoint.export.forms import Form as Form
from svcfx.chain.checkpoint.export.forms import differences as differences
from svcfx.chain.checkpoint.export.forms import layout_of as layout_of
from svcfx.chain.checkpoint.export.forms import require as require
from svcfx.chain.checkpoint.export.forms import title as title
from svcfx.chain.checkpoint.export.onnx_file import write_graph as write_graph
from svcfx.chain.checkpoint.export.small_model import write_index as write_index
from svcfx.chain.checkpoint.export.small_model import write_small_model as write_small_model
from svcfx.chain.checkpoint.export.writing import write_centres as write_centres
from svcfx.chain.checkpoint.export.writing import write_generator as write_generator
from svcfx.chain.checkpoint.export.writing import write_neighbours as write_neighbours
from svcfx.chain.checkpoint.export.writing import write_refiner as write_refiner
from svcfx.chain.checkpoint.export.writing import write_vocoder as write_vocoder
