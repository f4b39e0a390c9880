"""How a route comes to the studio that it serves."""

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from svcfx.ui.studio import Studio


def studio_of(request: Request) -> Studio:
    """The studio that the app was made for."""
    found: Studio = request.app.state.studio
    return found


Opened: TypeAlias = Annotated[Studio, Depends(studio_of)]
