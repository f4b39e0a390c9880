"""VST3s open in the program's first thread alone: the studio looks into them and renders with them there."""

import json
import os
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from ui.browser import HANGS_SECONDS, served

from svcfx import audio
from svcfx.errors import Cancelled, ParamError
from svcfx.ui.host import Host

PRESET = (
    'svcfx_preset = 1\nname = "glue"\n[[nodes]]\nnode = "ZamCompX2"\nthreshold_db = -40.0\nratio = 20.0\n'
)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/usr/lib/vst3/ZamCompX2.vst3").exists() and "CI" not in os.environ,
    reason="zam-plugins is not installed",
)
def test_a_strip_with_a_vst3_is_looked_into_and_rendered(folder):
    (folder / "session.toml").write_text(
        'svcfx_session = 1\n[[stems]]\nfile = "drum loop 60bpm.wav"\nname = "drums"\nrole = "drums"\n'
        "[master]\ntail_seconds = 0.0\n"
    )
    with served(folder) as url:
        base, _, token = url.partition("/#token=")

        def call(method, path, body=None):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            asked = urllib.request.Request(f"{base}/api/{path}", body, headers, method=method)
            with urllib.request.urlopen(asked, timeout=HANGS_SECONDS) as answer:
                return answer.read()

        def rendered():
            job = json.loads(call("POST", "jobs", b'{"bars": null}'))
            while job["state"] in ("queued", "running"):
                job = json.loads(call("GET", f"jobs/{job['number']}"))
            assert job["state"] == "done", job["error"]
            (folder / "heard.wav").write_bytes(call("GET", f"jobs/{job['number']}/strips/drums/audio"))
            return audio.read(folder / "heard.wav").samples

        plain = rendered()
        assert json.loads(call("PUT", "presets/glue.toml", PRESET.encode()))["files"] == ["glue.toml"]
        change = {"changes": [{"key": ["stems", 0, "preset"], "value": "glue.toml"}]}
        call("PATCH", "session", json.dumps(change).encode())
        (node,) = json.loads(call("GET", "session/strips/drums/board"))["nodes"]
        values = {control["name"]: control["value"] for control in node["controls"]}
        assert (node["kind"], values["threshold_db"]) == ("ZamCompX2", -40.0)
        assert json.loads(call("GET", "session/check"))["notes"] is not None
        assert np.std(rendered()) < 0.7 * np.std(plain)


def asked_of(host, work):
    """What `work` gives or raises, asked for in another thread of a host that serves this one."""
    came = []

    def ask():
        try:
            came.append(host.do(work))
        except Exception as error:
            came.append(error)

    thread = threading.Thread(target=ask)

    def goes_on():
        if not thread.ident:
            thread.start()
        return not came

    host.serve(goes_on)
    thread.join()
    return came[0]


def test_work_is_done_in_the_thread_that_serves_and_its_error_comes_back():
    host = Host()
    assert asked_of(host, threading.current_thread) is threading.main_thread()

    def refuse():
        raise ParamError("no")

    assert isinstance(asked_of(host, refuse), ParamError)
    assert host.do(lambda: 5) == 5  # nobody serves: it is done here


def test_what_is_interrupted_is_cancelled_for_who_asked():
    host, came = Host(), []

    def interrupted():
        raise KeyboardInterrupt

    def ask():
        try:
            host.do(interrupted)
        except Cancelled as error:
            came.append(error)

    thread = threading.Thread(target=ask)

    def goes_on():
        if not thread.ident:
            thread.start()
        return True

    with pytest.raises(KeyboardInterrupt):
        host.serve(goes_on)
    thread.join()
    assert len(came) == 1
