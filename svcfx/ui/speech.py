"""What the library says of its arguments, as a page says it: it has no arguments, and what it cannot do it
does not offer."""

import re

_ARGUMENT = re.compile(r"`([a-z_]+)`")
_OTHERWISE = re.compile(r"(,? ?or)? ?give `replace`[^,.;]*", re.IGNORECASE)


def spoken(text: str) -> str:
    """The sentence without the marks of arguments, and without what only a command could do."""
    return _ARGUMENT.sub(r"\1", _OTHERWISE.sub("", text)).strip()
