"""Specs: what a knob takes and how it refuses the rest."""

import dataclasses
import math

import numpy as np
import pytest

from svcfx.errors import AudioTypeError, ParamError
from svcfx.params import ChoiceSpec, ParamSpec

GAIN = ParamSpec(name="gain_db", default=0.0, low=-60.0, high=24.0, unit="dB", help="Level.")
STEREO = ChoiceSpec(name="stereo", default="mid", choices=("mid", "dual_mono"), help="Channels.")


@pytest.mark.parametrize("value", [-60, 0, 24.0, np.float32(1.5), np.int64(3), np.array(2.0)])
def test_a_number_in_range_comes_back_as_a_float(value):
    assert type(GAIN.check(value)) is float
    assert GAIN.check(value) == float(value)


@pytest.mark.parametrize("value", [-60.001, 24.1, math.nan, math.inf, -math.inf])
def test_a_value_out_of_range_names_value_range_and_unit(value):
    with pytest.raises(ParamError, match=rf"^gain_db is {value:g} dB, outside -60 to 24 dB$"):
        GAIN.check(value)


@pytest.mark.parametrize("value", ["3", b"3", True, None, [1.0], 2j, np.zeros(2)])
def test_what_is_no_number_is_refused_by_type(value):
    with pytest.raises(AudioTypeError, match="gain_db must be a number from -60 to 24 dB"):
        GAIN.check(value)


def test_an_integer_beyond_all_floats_is_out_of_range():
    with pytest.raises(ParamError, match="gain_db is inf dB"):
        GAIN.check(10**400)


def test_a_choice_takes_its_names_alone_and_tells_the_nearest():
    assert STEREO.check("dual_mono") == "dual_mono"
    with pytest.raises(ParamError, match=r"allowed are mid, dual_mono \(did you mean 'dual_mono'\?\)"):
        STEREO.check("dualmono")
    with pytest.raises(AudioTypeError):
        STEREO.check(1)


def test_specs_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GAIN.low = -90.0
