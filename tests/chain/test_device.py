import threading

import pytest
import torch

from svcfx.chain import device
from svcfx.errors import ParamError

HANGS_SECONDS = 300
"""Ends a test that would hang; no outcome depends on it."""


def test_the_best_device_of_the_machine_is_taken_unless_another_is_named(monkeypatch):
    monkeypatch.delenv(device.VARIABLE, raising=False)
    assert str(device.resolve()) == str(device.resolve("auto")) == device.available()[0]
    monkeypatch.setenv(device.VARIABLE, "cpu")
    assert device.resolve().type == "cpu"


def test_a_device_that_is_not_there_is_refused_with_those_that_are(monkeypatch):
    with pytest.raises(ParamError, match=r"device is 'cuda:77', this machine has .*cpu"):
        device.resolve("cuda:77")
    monkeypatch.setenv(device.VARIABLE, "gpu")
    with pytest.raises(ParamError, match="device is 'gpu'"):
        device.resolve()


def test_threads_are_given_back_when_nobody_is_inside():
    before = torch.get_num_threads()
    with device.inference():
        assert torch.get_num_threads() == 1
        assert torch.is_inference_mode_enabled()
    assert torch.get_num_threads() == before
    with device.inference(threads=None):
        assert torch.get_num_threads() == before


def test_who_wants_another_thread_count_waits_and_the_own_thread_may_nest(monkeypatch):
    order, held, waiting = [], threading.Event(), threading.Event()

    class Watched(threading.Condition):
        def wait(self, timeout=None):
            waiting.set()
            return super().wait(timeout)

    monkeypatch.setattr(device, "_free", Watched())

    def large():
        with device.inference(threads=None):
            order.append(torch.get_num_threads())

    def small():
        with device.inference():
            held.set()
            with device.inference(threads=None):
                order.append(torch.get_num_threads())
            order.append("small is done" if waiting.wait(HANGS_SECONDS) else "nobody waited")

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        threads = [threading.Thread(target=small)]
        threads[0].start()
        assert held.wait(HANGS_SECONDS)
        threads.append(threading.Thread(target=large))
        threads[1].start()
        for thread in threads:
            thread.join(HANGS_SECONDS)
    finally:
        torch.set_num_threads(before)
    assert order == [1, "small is done", 2]
