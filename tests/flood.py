"""How many damaged files a flood has: 1,000 in CI, and what SVCFX_FLOOD says where somebody asks for more."""

import os

FLOOD = int(os.environ.get("SVCFX_FLOOD", "1000"))
