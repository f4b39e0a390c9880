"""What the VST3s of a machine say of themselves, and that none of them takes anything down."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from svcfx.errors import PresetError
from svcfx.node import channels, plugin_scan, plugins

ZAM = Path("/usr/lib/vst3")
needs_zam = pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
needs_cc = pytest.mark.skipif(
    sys.platform != "linux" or (shutil.which("cc") is None and "CI" not in os.environ),
    reason="a C compiler for Linux is needed",
)


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "cache/plugins.json"


def bundle(folder, name, body):
    """A VST3 whose entry runs `body`, in C."""
    place = folder / f"{name}.vst3/Contents/x86_64-linux"
    place.mkdir(parents=True)
    code = "#include <stdlib.h>\n#include <unistd.h>\n"
    code += f"int ModuleEntry(void *h) {{ {body} return 1; }}\nint ModuleExit(void) {{ return 1; }}\n"
    code += "void *GetPluginFactory(void) { return 0; }\n"
    (folder / f"{name}.c").write_text(code)
    made = [str(folder / f"{name}.c"), "-o", str(place / f"{name}.so")]
    subprocess.run(["cc", "-shared", "-fPIC", *made], check=True)
    return folder / f"{name}.vst3"


def test_an_instrument_says_its_own_parameters_and_no_midi_controllers(kept, tone_vst3):
    ((facts,),) = [found.plugins for found in plugin_scan.scan([tone_vst3], kept)]
    assert (facts.name, facts.instrument, facts.channels) == ("Tone", True, ())
    assert [each.name for each in facts.parameters] == ["level"]


@needs_zam
def test_a_plugin_says_what_it_is_and_each_parameter_its_range(kept):
    (found,) = plugin_scan.scan([ZAM / "ZamCompX2.vst3"], kept)
    (facts,) = found.plugins
    opened = plugins.load(ZAM / "ZamCompX2.vst3")
    assert (facts.name, facts.identifier, facts.maker) == ("ZamCompX2", opened.identifier, "Damien Zammit")
    assert facts.channels == (2,) == tuple(channels.taken(opened))
    by_name = {each.name: each for each in facts.parameters}
    assert set(by_name) == set(opened.parameters)
    threshold = by_name["threshold_db"]
    assert (threshold.low, threshold.high, threshold.unit) == (-80.0, 0.0, "dB")
    assert threshold.value == opened.threshold_db
    assert by_name["current_program"].choices == ("Zero", "PoppySnare", "VocalLeveller")
    switches = {each.name for each in facts.parameters if isinstance(each.value, bool)}
    assert switches == {name for name, each in opened.parameters.items() if each.type is bool}


@needs_zam
def test_what_is_known_is_not_opened_again_and_what_changed_is(kept, tmp_path):
    here = tmp_path / "ZamComp.vst3"
    shutil.copytree(ZAM / "ZamComp.vst3", here)
    opened = []
    first = plugin_scan.scan([here], kept, on_done=opened.append)
    assert plugin_scan.scan([here], kept, on_done=opened.append) == first
    assert len(opened) == 1
    (here / "Contents/moved.txt").write_text("a new version")
    plugin_scan.scan([here], kept, on_done=opened.append)
    plugin_scan.scan([here], kept, again=True, on_done=opened.append)
    assert len(opened) == 3


@needs_zam
@pytest.mark.parametrize("damage", ["", "{", "[]", '{"/a": 3}', '{"/a": {"mark": "x"}}', "[" * 100_000, "\0"])
def test_a_damaged_cache_is_an_empty_one(kept, damage):
    kept.parent.mkdir()
    kept.write_text(damage)
    (found,) = plugin_scan.scan([ZAM / "ZamComp.vst3"], kept)
    assert [facts.name for facts in found.plugins] == ["ZamComp"]


@needs_cc
def test_a_plugin_that_crashes_is_named_and_the_next_one_still_opens(kept, tmp_path):
    crashing = bundle(tmp_path, "crashing", "*(volatile int *)0 = 1;")
    paths = [crashing, *([ZAM / "ZamComp.vst3"] if (ZAM / "ZamComp.vst3").exists() else [])]
    crashed, *others = plugin_scan.scan(paths, kept)
    assert crashed.failure == "it crashed while it opened (SIGSEGV)"
    assert all(other.plugins for other in others)
    assert plugin_scan.scan([crashing], kept, on_done=lambda _: pytest.fail("opened again")) == [crashed]


@needs_cc
@pytest.mark.parametrize(
    "body", ["for (;;) sleep(1);", "if (fork() == 0) for (;;) sleep(1); for (;;) sleep(1);"]
)
def test_a_plugin_that_hangs_is_given_up_with_all_that_it_started(kept, tmp_path, body):
    hanging = bundle(tmp_path, "hanging", body)
    (found,) = plugin_scan.scan([hanging], kept, patience_seconds=2.0)
    assert found.failure == "it did not open within 2 s"
    while _probes_of(hanging):  # what was killed and is nobody's child takes a moment to go
        time.sleep(0.05)


@needs_cc
@pytest.mark.parametrize("body", ["exit(0);", "exit(3);", "return 0;"])
def test_a_plugin_that_ends_its_process_or_refuses_is_named(kept, tmp_path, body):
    (found,) = plugin_scan.scan([bundle(tmp_path, "ending", body)], kept)
    assert not found.plugins
    assert found.failure


@needs_cc
def test_ctrl_c_ends_a_scan_and_leaves_nobody_behind(tmp_path):
    hanging = bundle(tmp_path, "hanging", "for (;;) sleep(1);")
    asked = [sys.executable, "-m", "svcfx", "plugins", "show", str(hanging)]
    with subprocess.Popen(
        asked,
        env={**os.environ, "SVCFX_CACHE": str(tmp_path)},
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's "&" has it ignored
    ) as process:
        while not _probes_of(hanging):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 130
    assert not _probes_of(hanging)


def _probes_of(path):
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = place.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if "svcfx.node.plugin_probe" in said and str(path) in said:
            found.append(place)
    return found


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PresetError, match=r"there is no folder '.*nowhere'"):
        plugin_scan.files([tmp_path / "nowhere"])


def test_bundles_and_single_files_are_found_in_subfolders_once(tmp_path):
    (tmp_path / "maker/a.vst3/Contents/inside.vst3").mkdir(parents=True)
    (tmp_path / "b.VST3").write_bytes(b"")
    (tmp_path / "c.so").write_bytes(b"")
    found = plugin_scan.files([tmp_path, tmp_path])
    assert sorted(path.name for path in found) == ["a.vst3", "b.VST3"]
