"""Opening plug-ins: their chatter, long waits, and Ctrl-C while Python hears nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from svcfx.node import opening

ZAM = Path("/usr/lib/vst3")
BLOCKED = """
import hashlib, signal, sys
from svcfx.node import opening
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background of a shell ignores it
opening._FIRST_SECONDS = 0.1
opening.be_host(lambda name, seconds: print(f"waiting for {name}", file=sys.stderr, flush=True))
with opening.opening("Slow"):
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)  # one native call without an end
"""
PRINTS = """
import os, sys
from svcfx.node import opening
if "host" in sys.argv:
    opening.be_host(print)
with opening.opening("Loud"):
    os.write(2, b"chatter while it opens\\n")
os.write(2, b"chatter after\\n")
print("ours", file=sys.stderr)
"""


def test_a_long_wait_is_told_and_ctrl_c_ends_it_in_the_middle_of_a_native_call():
    child = subprocess.Popen([sys.executable, "-c", BLOCKED], stderr=subprocess.PIPE, text=True)
    assert child.stderr.readline() == "waiting for Slow\n"
    child.send_signal(signal.SIGINT)
    _, said = child.communicate()
    assert child.returncode == 130
    assert "Interrupted" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("role", "heard"), [("host", "ours\n"), ("library", "chatter after\nours\n")], ids=["host", "library"]
)
def test_chatter_of_plugins_is_not_ours(role, heard):
    done = subprocess.run([sys.executable, "-c", PRINTS, role], capture_output=True, text=True, check=True)
    assert done.stderr == heard


@pytest.mark.skipif(
    not (ZAM / "ZamCompX2.vst3").exists() and "CI" not in os.environ, reason="zam-plugins is not installed"
)
def test_presets_check_says_what_is_done_with_channels_and_nothing_else(tmp_path):
    nodes = "".join(f'[[nodes]]\nnode = "{name}"\n' for name in ("ZamComp", "ZamCompX2"))
    (tmp_path / "mine.toml").write_text(f'svcfx_preset = 1\nname = "mine"\n{nodes}')
    command = [sys.executable, "-m", "svcfx", "presets", "check", "mine.toml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    first, *remarks = done.stdout.splitlines()
    assert first == "mine.toml: 2 nodes, all right"
    assert remarks == [
        "  plug-in 'ZamComp' takes mono; in stereo it plays each channel by itself",
        "  plug-in 'ZamCompX2' takes stereo; a mono take goes into both channels and comes back mono",
    ]
    assert [line for line in done.stderr.splitlines() if "being opened" not in line] == []


def test_what_is_being_opened_is_known_until_it_is_open():
    assert opening.waits() is None
    with opening.opening("Big"):
        assert opening.waits()[0] == "Big"
    assert opening.waits() is None
