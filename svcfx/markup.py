"""HTML of small things, for notebooks: whole in itself, every text escaped, no script and nothing fetched."""

import base64
import html
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 640.0, 90.0
_FONT = "font: 13px/1.5 system-ui, sans-serif"
Values = NDArray[np.floating]


def box(title: str, *parts: str) -> str:
    """Parts, which are HTML, below a title, which is text."""
    style = f"{_FONT}; max-width: {_WIDTH:g}px"
    return f'<div style="{style}"><strong>{html.escape(title)}</strong>{"".join(parts)}</div>'


def said(text: str) -> str:
    """A paragraph."""
    return f"<p>{html.escape(text)}</p>"


def folded(title: str, *parts: str) -> str:
    """Parts that are shown when they are asked for; nothing where there is none."""
    inner = "".join(parts)
    return f"<details><summary>{html.escape(title)}</summary>{inner}</details>" if inner else ""


def table(rows: Iterable[Sequence[object]]) -> str:
    """Rows of texts; nothing where there is none."""
    made = "".join(
        "<tr>"
        + "".join(f'<td style="text-align: left">{html.escape(str(cell))}</td>' for cell in row)
        + "</tr>"
        for row in rows
    )
    return f"<table>{made}</table>" if made else ""


def player(file: bytes, mime: str, label: str) -> str:
    """Controls that play a file, which is held by the page."""
    address = f"data:{mime};base64,{base64.b64encode(file).decode()}"
    name = html.escape(label, quote=True)
    return (
        f'<audio controls preload="metadata" aria-label="{name}" src="{address}" style="width: 100%"></audio>'
    )


def line(values: Values, label: str) -> str:
    """A picture of values at equal steps, shape (n,), from the lowest at its foot to the highest."""
    low, high = float(values.min()), float(values.max())
    y = _HEIGHT - 3.0 - (values - low) / max(high - low, 1e-12) * (_HEIGHT - 6.0)
    points = _points(np.linspace(0.0, _WIDTH, len(values)), y if high > low else np.full_like(y, _HEIGHT / 2))
    return _picture(f'<polyline points="{points}" fill="none" stroke="#0b7285" stroke-width="2"/>', label)


def gapped(values: Values, label: str) -> str:
    """A picture of values at equal steps, shape (n,), with gaps where they are NaN, such as a pitch."""
    known = np.flatnonzero(np.isfinite(values))
    low, high = float(values[known].min()), float(values[known].max())
    y = _HEIGHT - 3.0 - (values - low) / max(high - low, 1.0) * (_HEIGHT - 6.0)
    x = np.linspace(0.0, _WIDTH, len(values))
    pieces = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    lines = "".join(f'<polyline points="{_points(x[piece], y[piece])}"/>' for piece in pieces)
    return _picture(f'<g fill="none" stroke="#0b7285" stroke-width="1.5">{lines}</g>', label)


def waveform(lows: Values, highs: Values, label: str) -> str:
    """A picture of the lowest and highest sample of stretches of equal length, shape (n,) each."""
    top = max(float(np.abs(highs).max(initial=0.0)), float(np.abs(lows).max(initial=0.0)), 1e-9)
    x = np.linspace(0.0, _WIDTH, len(lows))
    up, down = (_HEIGHT / 2 * (1.0 - edge / top) for edge in (highs, lows))
    points = f"{_points(x, up)} {_points(x[::-1], down[::-1])}"
    return _picture(f'<polygon points="{points}" fill="#7d98a1" stroke="#7d98a1" stroke-width="0.5"/>', label)


def _points(x: Values, y: Values) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _picture(inner: str, label: str) -> str:
    name = html.escape(label, quote=True)
    return (
        f'<svg role="img" aria-label="{name}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'style="display: block; width: 100%; height: auto">{inner}</svg>'
    )
