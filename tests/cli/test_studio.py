"""`svcfx studio`: the address it prints is the one that works, with the token in it and nowhere else."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

pytest.importorskip("fastapi")


def opened(folder, *arguments):
    command = [
        sys.executable,
        "-m",
        "svcfx",
        "studio",
        str(folder),
        "--no-browser",
        "--port",
        "0",
        *arguments,
    ]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's "&" has it ignored
    )


def asked(url, token=""):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_printed_address_opens_the_studio_and_ctrl_c_closes_it(tmp_path):
    process = opened(tmp_path)
    line = process.stdout.readline()
    base, token = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)#token=([\w-]{32})\n", line).groups()
    try:
        assert asked(base)[0] == 200
        assert token not in asked(base)[1]
        assert asked(f"{base}api/session")[0] == 401
        status, said = asked(f"{base}api/session", token)
        assert (status, '"session":null' in said) == (200, True)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=300) == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "neither a folder nor a session file"),
        ([".", "--host", "0.0.0.0"], "can be reached by other machines"),
        ([".", "--host", "203.0.113.7"], "can be reached by other machines"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(refused, arguments, said):
    assert said in refused("studio", *arguments)


def test_a_session_that_is_wrong_is_told_by_file_and_key(refused, tmp_path):
    (tmp_path / "session.toml").write_text("svcfx_session = 1\nstem = []\n")
    before = os.listdir(tmp_path)
    assert "unknown key stem (did you mean 'stems'?)" in refused("studio", tmp_path)
    assert os.listdir(tmp_path) == before
