"""The table of knobs: what is written from it is as it says, and one row is all that a knob is."""

import importlib.util
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from svcfx.chain import knobs
from svcfx.chain.config import ChainSettings
from svcfx.chain.knobs import BY_NAME, KNOBS, MOVABLE, RESTS, TABLE, Switch
from svcfx.errors import AudioTypeError, ParamError

ROOT = Path(__file__).parents[2]
ROW = """    Knob(name="shimmer", default=0.25, low=0.0, high=2.0, unit="ratio", stage="sing",
         help="Glitter on the sound.", section=SOUND, flags=("--shimmer",)),
"""
ADDED = """
import importlib.util, sys
import svcfx.chain
from pathlib import Path
head = "TABLE: tuple[Row, ...] = (\\n"
spec = importlib.util.find_spec("svcfx.chain.knobs")
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = svcfx.chain.knobs = module
text = Path(spec.origin).read_text()
assert head in text
exec(compile(text.replace(head, head + sys.argv[1]), spec.origin, "exec"), module.__dict__)

from click.testing import CliRunner
from svcfx import Board, Lane, VoiceConversion
from svcfx.cli.main import main

node = VoiceConversion("vela", shimmer="0.5")
assert node.shimmer == 0.5 and node.parameters["shimmer"].range[:2] == (0.0, 2.0)
assert VoiceConversion.from_dict(node.to_dict()).shimmer == 0.5
node.check_curves({"shimmer": Lane.constant(1.5)}, 1.0)
told = CliRunner().invoke(main, ["convert", "--help"]).output
assert "--shimmer" in told and "Glitter on the sound." in told
print(sys.modules["svcfx.chain.knobs"].shown(sys.modules["svcfx.chain.knobs"].BY_NAME["shimmer"]))
"""


def pages(name="knobs"):
    spec = importlib.util.spec_from_file_location(f"pages_{name}", ROOT / f"docs/{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look for their module
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_what_the_table_says():
    written = pages()
    assert written.OPTIONS.read_text() == written.options(), "run python docs/knobs.py"
    text = written.PAGE.read_text()
    assert written.BEGIN in text
    assert text == written.page(text), "run python docs/knobs.py"


def test_every_knob_is_heard_on_its_page_or_it_is_said_why_not():
    heard = pages("knobs_heard")
    text = "\n".join(heard._sections())
    for row in TABLE:
        assert text.count(f"\n### {row.name}\n") == 1
        assert row.help in text
        players = text.count(f'src="../knobs/{row.name}-')
        is_heard = row.name in heard.EXAMPLES and not heard.lacking(row.name)
        assert players == 2 * is_heard
        assert is_heard or heard.lacking(row.name) or row.name in heard.SILENT
    for name, values in heard.EXAMPLES.items():
        for value in (values.one, values.other):
            assert BY_NAME[name].check(value) is not None
            knobs.check_together({**RESTS, **values.beside, name: value})
    assert not heard.EXAMPLES.keys() & heard.SILENT.keys()


def test_what_no_lane_moves_is_a_setting_that_rests_where_the_table_says():
    kept = {field.name: field.default for field in fields(ChainSettings) if field.name != "singer"}
    assert kept.keys() == {row.name for row in TABLE} - set(MOVABLE) - {"stereo"}
    assert kept == {name: RESTS[name] for name in kept}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_row_rests_within_its_own_range_and_names_rows_that_there_are(row):
    assert row.check(row.default) == row.default
    assert {row.asks, *row.excludes} - {""} <= BY_NAME.keys()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_voice_of_no_parts_rests_and_says_what_it_lacks(row):
    assert knobs.lacks(frozenset(), row.name, row.default) == ""
    moved = object()
    said = knobs.lacks(frozenset(), row.name, moved)
    assert said == (f"has no {row.needs[0]}, so {row.name} must be {knobs.shown(row)}" if row.needs else "")
    assert knobs.lacks(frozenset(row.needs), row.name, moved) == ""


def test_rows_that_exclude_each_other_are_refused_whichever_is_moved():
    resting = {row.name: row.default for row in TABLE}
    knobs.check_together(resting)
    for row in TABLE:
        for other in row.excludes:
            with pytest.raises(ParamError):
                knobs.check_together(resting | {row.name: 1.0, other: 0.5, row.asks or row.name: 1.0})


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("seed", 1.5, AudioTypeError), ("seed", -1, ParamError), ("seed", 2**32, ParamError),
        ("enhancer_key", "2", AudioTypeError), ("enhancer_key", 12.5, ParamError),
        ("enhancer_key", float("nan"), ParamError), ("octave_repair", 1, AudioTypeError),
        ("blend_with", None, AudioTypeError),
    ],
)  # fmt: skip
def test_a_switch_of_another_kind_or_beyond_its_range_is_refused(name, value, error):
    row = BY_NAME[name]
    assert isinstance(row, Switch)
    with pytest.raises(error, match=name):
        row.check(value)


def test_a_knob_is_one_row():
    """A row put into the table is an attribute, a parameter, an option, a lane and a field of presets."""
    assert "shimmer" not in {row.name for row in KNOBS}
    done = subprocess.run([sys.executable, "-c", ADDED, ROW], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "0.25\n"), done.stderr
