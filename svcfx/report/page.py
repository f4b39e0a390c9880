"""HTML pages: whole in themselves, every value escaped, and allowed to ask for nothing."""

import base64
import hashlib
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def rendered(template: str, facts: dict[str, Any]) -> str:
    """The text of a page; values are escaped."""
    import jinja2  # here: only a report needs it

    loader = jinja2.FileSystemLoader(_FOLDER)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(template).render(facts)


def part(name: str) -> tuple[str, str]:
    """A script or style sheet to be written into a page as it is, and its source for the page's policy."""
    from markupsafe import Markup

    text = (_FOLDER / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"


def policy(script: str, style: str) -> str:
    """A content security policy: this script, this style, sound and pictures of the page itself, no more."""
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; media-src data:; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
