"""Boards: effects in order, themselves one effect."""

from svcfx.board.board import Board, Mix
from svcfx.board.spec import Slot

__all__ = ["Board", "Mix", "Slot"]
