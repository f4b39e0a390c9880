"""Where voices and content encoders that a person added lie, and what may be made again."""

import os
from pathlib import Path

VARIABLE = "SVCFX_HOME"
"""Environment variable: another folder in place of the user's data folder."""

CACHE_VARIABLE = "SVCFX_CACHE"
"""Environment variable: another folder in place of the user's cache folder."""


def home() -> Path:
    """`$SVCFX_HOME`, or the folder that this system keeps a program's data in; it may not exist yet."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("svcfx", appauthor=False))


def cache() -> Path:
    """`$SVCFX_CACHE`, or the folder that this system keeps a program's caches in: nothing in it is missed."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("svcfx", appauthor=False))


def voices() -> Path:
    """One folder for each voice that was added, called as the voice is."""
    return home() / "voices"


def encoders() -> Path:
    """One folder for each content encoder; all voices share them."""
    return home() / "encoders"


def rmvpe() -> Path:
    """Weights of the pitch tracker RMVPE, which may not be there yet."""
    return home() / "trackers" / "rmvpe" / "rmvpe.safetensors"


def downloads() -> Path:
    """What is being downloaded, kept so that a cut download goes on; emptied when it is done."""
    return home() / "downloads"
