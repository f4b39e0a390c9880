"""Names and collisions: all settled before any work."""

from pathlib import Path

import pytest

from svcfx.errors import InputError, OutputExistsError
from svcfx.session.outputs import fill, plan_outputs, sanitise, signed, suffix_of

VALUES = {"stem": "lead", "preset": "radio", "transpose": "+5"}


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_a_template_is_filled_and_braces_are_escaped():
    assert fill("{stem}_{preset}{transpose}", VALUES) == "lead_radio+5"
    assert fill("{{{stem}}}", VALUES) == "{lead}"


def test_an_unknown_variable_names_the_nearest_and_lists_all():
    with pytest.raises(InputError, match=r"no variable 'presett' \(did you mean 'preset'\?\)") as caught:
        fill("{presett}", VALUES)
    assert caught.value.hint == "use {stem}, {preset}, {transpose}"


@pytest.mark.parametrize(
    "template", ["{stem", "{}", "{stem!r}", "{stem:>9}", "{stem.x}", "{stem[0]}", "a/{stem}"]
)
def test_a_template_is_no_program(template):
    with pytest.raises(InputError, match="template"):
        fill(template, VALUES)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b\\c", "a_b_c"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("what?\n", "what__"),
        (" .hidden. ", "hidden"),
        ("", "untitled"),
        ("...", "untitled"),
        ("Grüße 歌", "Grüße 歌"),
    ],
)
def test_names_are_safe_on_any_file_system(name, safe):
    assert sanitise(name) == safe


def test_a_long_name_is_cut_between_letters():
    assert sanitise("ü" * 300) == "ü" * 90


def test_signs_are_shown_and_zero_has_none():
    assert [signed(value) for value in (5.0, -2.5, 0.0)] == ["+5", "-2.5", "0"]


def test_an_unknown_format_names_what_is_allowed():
    assert suffix_of("flac") == ".flac"
    with pytest.raises(InputError, match="allowed are wav, flac, mp3, ogg"):
        suffix_of("aiff")


def test_free_targets_are_planned_as_wished(tmp_path):
    source = _touch(tmp_path / "a.wav")
    (plan,) = plan_outputs([(source, tmp_path / "out" / "a.wav")], "error")
    assert (plan.source, plan.target, plan.skipped) == (source, tmp_path / "out" / "a.wav", False)
    assert not (tmp_path / "out").exists()  # planning writes nothing


@pytest.mark.parametrize("on_exists", ["error", "skip", "overwrite"])
def test_two_results_never_share_a_file(tmp_path, on_exists):
    first, second = _touch(tmp_path / "a" / "v.wav"), _touch(tmp_path / "b" / "v.wav")
    with pytest.raises(InputError, match="would both write"):
        plan_outputs([(first, tmp_path / "v.wav"), (second, tmp_path / "v.wav")], on_exists)


@pytest.mark.parametrize("on_exists", ["error", "skip", "overwrite"])
def test_an_output_is_never_an_input(tmp_path, on_exists):
    first, second = _touch(tmp_path / "a.wav"), _touch(tmp_path / "b.wav")
    with pytest.raises(InputError, match="is the input"):
        plan_outputs([(first, second), (second, tmp_path / "c.wav")], on_exists)


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_an_output_is_no_input_by_another_name(tmp_path, link):
    source = _touch(tmp_path / "a.wav")
    alias = tmp_path / "alias.wav"
    getattr(alias, link)(source)
    with pytest.raises(InputError, match="is the input"):
        plan_outputs([(source, alias)], "overwrite")
    with pytest.raises(InputError, match="is the input"):
        plan_outputs([(source, tmp_path / "x" / ".." / "a.wav")], "overwrite")


def test_other_files_that_must_survive_are_no_output(tmp_path):
    source, preset = _touch(tmp_path / "a.wav"), _touch(tmp_path / "preset.wav")
    with pytest.raises(InputError, match="is the input"):
        plan_outputs([(source, preset)], "overwrite", inputs=[preset])


def test_an_existing_file_is_refused_skipped_overwritten_or_stepped_around(tmp_path):
    source, target = _touch(tmp_path / "a.wav"), _touch(tmp_path / "out.wav")
    with pytest.raises(OutputExistsError, match="exists already") as caught:
        plan_outputs([(source, target)], "error")
    assert "`on_exists`" in caught.value.hint
    assert plan_outputs([(source, target)], "skip")[0].skipped
    assert plan_outputs([(source, target)], "overwrite")[0].target == target
    _touch(tmp_path / "out-2.wav")
    assert plan_outputs([(source, target)], "rename")[0].target == tmp_path / "out-3.wav"


def test_rename_tells_two_equal_wishes_apart(tmp_path):
    first, second = _touch(tmp_path / "a" / "v.wav"), _touch(tmp_path / "b" / "v.wav")
    plans = plan_outputs([(first, tmp_path / "v.wav"), (second, tmp_path / "v.wav")], "rename")
    assert [plan.target.name for plan in plans] == ["v.wav", "v-2.wav"]


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "out.wav").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        plan_outputs([(_touch(tmp_path / "a.wav"), tmp_path / "out.wav")], "overwrite")


def test_an_unknown_policy_is_refused(tmp_path):
    with pytest.raises(InputError, match="allowed are error, skip, overwrite, rename"):
        plan_outputs([], "ask")
