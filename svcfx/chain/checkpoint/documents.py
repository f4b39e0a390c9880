"""The documents that lie beside weights: config.json and diffusion.yaml, read as they stand.

Both come from anywhere. A file longer than any real config is not parsed, and YAML aliases, a few of which
unfold into gigabytes, are refused.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from svcfx.errors import VoiceError

LONGEST_BYTES = 1 << 18
"""A config with five thousand singers is shorter."""
DEEPEST = 16
"""Lists and sections within each other."""


def read_json(path: Path) -> Mapping[str, Any]:
    """A config.json as an object; raises `VoiceError` when it cannot be read or is none."""
    text = _text(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise VoiceError(f"'{path.name}' is not JSON: {error}") from error
    return _object(path, document)


def read_yaml(path: Path) -> Mapping[str, Any]:
    """A diffusion.yaml as an object; raises `VoiceError` when it cannot be read or is none.

    Source: plain YAML types alone, no tags that name Python objects (PyYAML's safe loader).
    """
    text = _text(path)
    try:
        odd = _beyond_plain(text)
        document = None if odd else yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise VoiceError(f"'{path.name}' is not plain YAML: {reason}") from error
    if odd:
        raise VoiceError(f"'{path.name}' {odd}, which a diffusion.yaml never does")
    return _object(path, document)


def _beyond_plain(text: str) -> str:
    """What a bomb does and a config does not, "" when nothing; stops at the first sign."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            return "repeats parts of itself by alias"
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return f"is nested {depth} deep"
    return ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST_BYTES + 1)
    except OSError as error:
        raise VoiceError(f"'{path}' cannot be read: {error.strerror}") from error
    if len(raw) > LONGEST_BYTES:
        raise VoiceError(f"'{path.name}' is longer than {LONGEST_BYTES} bytes, a config is not")
    try:
        return raw.decode("utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        raise VoiceError(
            f"'{path.name}' is no UTF-8 text, at byte {error.start}", hint="Save it again as UTF-8."
        ) from error


def _object(path: Path, document: object) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise VoiceError(f"'{path.name}' holds a {type(document).__name__}, a config is an object")
    return document
