import subprocess
import sys

import pytest
import torch

from svcfx.chain.nets.weights import Rows


@pytest.mark.slow
def test_a_table_with_memory_is_drawn_and_one_without_loads_no_compiler() -> None:
    assert float(Rows(64, 8).weight.detach().std()) > 0.5
    code = (
        "import sys, torch\n"
        "from svcfx.chain.nets.weights import Rows\n"
        "with torch.device('meta'):\n    Rows(3, 4)\n"
        "sys.exit('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert isinstance(Rows(1, 1), torch.nn.Embedding)
