"""Make `import torchaudio` work beside a CPU-only torch.

torchaudio's Linux wheel carries a compiled extension that loads CUDA libraries on import and fails where
there are none. Its Python parts need no extension, and torchaudio itself goes on without one when the
file is missing; this module sets the same marks when the file is there and cannot be loaded.
"""

import sys
import types
from collections.abc import Callable
from typing import Any


def ensure_torchaudio() -> types.ModuleType:
    """Import torchaudio, without its compiled extension where that cannot be loaded, and return it.

    Raises:
        ImportError: torchaudio is not installed.
    """
    try:
        import torchaudio
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        absent = _absent_extension()
        sys.modules[absent.__name__] = absent
        import torchaudio

        torchaudio._extension = absent
    found: types.ModuleType = torchaudio
    return found


def _absent_extension() -> types.ModuleType:
    """What `torchaudio._extension` is when the library file is missing."""
    module = types.ModuleType("torchaudio._extension", "Stands where no compiled extension could be loaded.")
    module.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _load_lib=lambda lib: False,
        fail_if_no_align=_refuse,
    )
    return module


def _refuse(function: Callable[..., Any]) -> Callable[..., Any]:
    def refused(*args: object, **kwargs: object) -> None:
        raise RuntimeError(f"torchaudio's {function.__name__} needs its compiled extension")

    return refused
