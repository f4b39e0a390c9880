"""What a strip's board shows to be turned."""

from types import SimpleNamespace

from svcfx import Board, Retune
from svcfx.session import panel


def test_the_scale_of_a_tuner_is_a_text_to_be_set():
    (node,) = panel.of(SimpleNamespace(preset=SimpleNamespace(build=lambda: Board([Retune("A minor")]))))
    shown = {control.name: control for control in node.controls}
    assert (shown["scale"].address, shown["scale"].kind, shown["scale"].value) == (
        "retune.scale",
        "text",
        "A minor",
    )
    assert (shown["retune"].low, shown["retune"].high, shown["retune"].value) == (0.0, 1.0, 1.0)
