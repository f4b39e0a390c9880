"""Documents that people write: TOML into a model, every mistake into one sentence, paths kept in reach."""

from svcfx.documents.form import Form
from svcfx.documents.mistakes import key_path, refusal, sentences
from svcfx.documents.paths import Reach, is_path, near_path
from svcfx.documents.text import one_line, parse_toml, read_text

__all__ = [
    "Form",
    "Reach",
    "is_path",
    "key_path",
    "near_path",
    "one_line",
    "parse_toml",
    "read_text",
    "refusal",
    "sentences",
]
