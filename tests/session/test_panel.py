"""What a strip's board shows to be turned."""

from types import SimpleNamespace

import pedalboard

from svcfx import Board, Retune
from svcfx.session import panel
from svcfx.session.automation import STILL


def strip(*nodes):
    """A strip with a board of these nodes."""
    preset = SimpleNamespace(build=lambda: Board(list(nodes)))
    return SimpleNamespace(preset=preset, role="lead", lanes=STILL, clip=None, voices=())


def test_a_choice_is_shown_by_its_names_and_a_lane_counts_them():
    shown = strip(pedalboard.LadderFilter(mode=pedalboard.LadderFilter.Mode.HPF12))
    nodes = panel.of(shown)
    (mode,) = [control for control in nodes[0].controls if control.name == "mode"]
    assert (mode.kind, mode.value, mode.choices[:2]) == ("choice", "HPF12", ("LPF12", "HPF12"))
    (lane,) = [one for one in panel.targets(shown, nodes) if one.address == "ladder_filter.mode"]
    assert (lane.low, lane.high, lane.value, lane.whole, lane.choices) == (0.0, 5.0, 1.0, True, mode.choices)


def test_the_scale_of_a_tuner_is_a_text_to_be_set():
    (node,) = panel.of(strip(Retune("A minor")))
    shown = {control.name: control for control in node.controls}
    assert (shown["scale"].address, shown["scale"].kind, shown["scale"].value) == (
        "retune.scale",
        "text",
        "A minor",
    )
    assert (shown["retune"].low, shown["retune"].high, shown["retune"].value) == (0.0, 1.0, 1.0)
