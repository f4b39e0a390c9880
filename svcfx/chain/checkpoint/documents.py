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

LONGEST_BYTES = 1 << 20
"""A config with ten thousand singers is shorter."""


def read_json(path: Path) -> Mapping[str, Any]:
    """A config.json as an object; raises `VoiceError` when it cannot be read or is none."""
    try:
        document = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise VoiceError(f"'{path.name}' is not JSON: {error}") from error
    return _object(path, document)


def read_yaml(path: Path) -> Mapping[str, Any]:
    """A diffusion.yaml as an object; raises `VoiceError` when it cannot be read or is none.

    Source: plain YAML types alone, no tags that name Python objects (PyYAML's safe loader).
    """
    text = _text(path)
    try:
        repeats = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader))
        document = None if repeats else yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise VoiceError(f"'{path.name}' is not plain YAML: {reason}") from error
    if repeats:
        raise VoiceError(f"'{path.name}' repeats parts of itself by alias, which a diffusion.yaml never does")
    return _object(path, document)


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
