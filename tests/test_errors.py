"""Errors: exit codes, hints, pickling, the nearest name."""

import copy
import inspect
import pickle

import pytest

from svcfx import errors
from svcfx.errors import InputError, SvcfxError, nearest

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SvcfxError)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hint", ["", "mend it"])
def test_an_error_survives_pickling_and_copying(kind, hint):
    error = kind("'a.wav' is empty", hint=hint)
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error), copy.copy(error)):
        assert type(twin) is kind
        assert (twin.message, twin.hint, str(twin)) == (error.message, error.hint, str(error))
        assert twin.args == error.args


def test_the_hint_stands_on_its_own_line():
    assert str(SvcfxError("it broke")) == "it broke"
    assert str(SvcfxError("it broke", hint="mend it")) == "it broke\nHint: mend it"


@pytest.mark.parametrize(
    ("name", "code"),
    [("SvcfxError", 1), ("OutputError", 1), ("InputError", 2), ("PartialFailure", 3), ("CheckFailure", 4)],
)
def test_each_error_has_its_exit_code(name, code):
    assert getattr(errors, name).exit_code == code


def test_what_the_user_gave_exits_with_2():
    assert {kind.exit_code for kind in KINDS if issubclass(kind, InputError)} == {2}


@pytest.mark.parametrize(
    ("name", "builtin"),
    [("AudioShapeError", RuntimeError), ("AudioTypeError", TypeError), ("ParamError", ValueError)],
)
def test_errors_of_a_node_are_those_that_pedalboard_raises(name, builtin):
    assert issubclass(getattr(errors, name), builtin)


def test_the_nearest_name_is_named_and_a_far_one_is_not():
    assert nearest("vella", ["corin", "vela"]) == " (did you mean 'vela'?)"
    assert nearest("zzz", ["corin", "vela"]) == ""
    assert nearest("vela", []) == ""
