import pytest
import torch

from svcfx.chain import device
from svcfx.errors import ParamError


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
