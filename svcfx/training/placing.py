"""Several files that belong together: written beside their folder's others, then moved to their places."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from svcfx.atomic import unwritten


@contextlib.contextmanager
def placed(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; its files come into `folder` only when all of them were written.

    Raises:
        OutputError: The folder cannot be written or the disk is full; what was there is as it was.
    """
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        yield temporary
        for path in sorted(temporary.iterdir()):
            path.replace(folder / path.name)
    except OSError as error:
        raise unwritten(folder, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
