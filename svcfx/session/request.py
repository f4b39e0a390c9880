"""What a batch is asked for, as its journal keeps it: read again only by rules, for anybody may write one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from svcfx import audio
from svcfx.documents import is_path
from svcfx.errors import InputError, printable
from svcfx.session.isolate import Destination
from svcfx.session.outputs import OnExists


class Request(BaseModel):
    """The fields of `files.batch` and of its `Destination`, but the folder of results, which may be moved,
    and what is allowed (plug-ins, folders), which is for whoever goes on to say. Paths are absolute.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[str, ...]
    manifest: str = ""
    preset: str
    settings: dict[str, str] = {}
    seed: int | None = None
    with_results: bool = False
    template: str
    form: str | None = None
    encoding: audio.Encoding
    on_exists: OnExists
    tail_seconds: float

    @classmethod
    def of(cls, paths: tuple[Path, ...], manifest: Path | None, preset: str, **fields: Any) -> Self:
        """What is asked for in the current folder."""
        absolute = tuple(printable(path.absolute()) for path in paths)
        preset = printable(Path(preset).absolute()) if is_path(preset) else preset
        listed = printable(manifest.absolute()) if manifest else ""
        return cls(paths=absolute, manifest=listed, preset=preset, **fields)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """What a journal kept.

        Raises:
            InputError: It is nothing that a batch was asked for.
        """
        try:
            return cls.model_validate_json(json.dumps(kept), strict=True)
        except ValidationError as error:
            raise InputError(
                "the journal holds no request of a batch", hint="give the command again"
            ) from error

    def output(self, folder: Path) -> Destination:
        """Where and how results are written, with `folder` in place of the one that was given."""
        return Destination(folder, self.template, self.form, self.encoding, self.on_exists, self.tail_seconds)
