"""Shapers: a family of voices of one file. The example of a family that CONTRIBUTING.md names.

A shaper bends each sample by its singer's odd polynomial: x, x^3, x^5 by three numbers. It hears no pitch.
"""

from svcfx.chain.families import Family

SHAPER = Family(
    name="shaper", title="shaper", card="shaper", content=(), defaults=(), trains="",
    own="examples.shaper.own",
)  # fmt: skip
