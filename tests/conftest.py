"""What tests of several layers share: voices, disks that are full or read-only, one clock less."""

import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

with contextlib.suppress(ImportError):  # the tests that need it are skipped by name
    from hypothesis import HealthCheck, settings

    settings.register_profile(
        "svcfx", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
    )
    settings.load_profile("svcfx")

SMALL_DISK_BYTES = 300 * 1024


def _mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"mounting a tmpfs needs root here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the voices and the cache of whoever runs it, nor adds to them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SVCFX_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("SVCFX_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tone_vst3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VST3 instrument, `plugins/tone.cpp`, built on Debian's dpf-source; skipped by name where that is
    missing, required in CI."""
    framework, source = Path("/usr/share/dpf/distrho"), Path(__file__).parent / "plugins"
    if not (framework.is_dir() and shutil.which("c++")):
        missing = "dpf-source or a C++ compiler is not installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    bundle = tmp_path_factory.mktemp("vst3") / "Tone.vst3"
    library = bundle / f"Contents/{platform.machine()}-linux/Tone.so"
    library.parent.mkdir(parents=True)
    files = [source / "tone.cpp", framework / "DistrhoPluginMain.cpp"]
    built_as = ["-O1", "-fPIC", "-shared", "-std=gnu++14", "-w", "-DDISTRHO_PLUGIN_TARGET_VST3"]
    subprocess.run(["c++", *built_as, f"-I{source}", f"-I{framework}", *files, "-o", library], check=True)
    return bundle


@pytest.fixture(scope="session")
def engines() -> None:
    """Both speech engines; skipped by name where they are missing, required in CI."""
    missing = "flite and espeak-ng are not installed"
    if not (shutil.which("flite") and shutil.which("espeak-ng")):
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    if not os.environ.get("CI"):
        pytest.importorskip("pyworld", reason="the train extra is not installed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty SVCFX_HOME of the test's own; what is lent to the shelf is forgotten behind the test."""
    from svcfx.voices import shelf

    folder = tmp_path / "home"
    monkeypatch.setenv("SVCFX_HOME", str(folder))
    monkeypatch.setattr(shelf, "_lent", [])
    return folder


@pytest.fixture
def small_crepe(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracker `crepe` with the network of `crepe-tiny`, for what is true of any size."""
    from svcfx.chain.pitch import crepe

    monkeypatch.setattr(crepe, "capacity_of", lambda name: "tiny")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of 300 kB."""
    yield from _mounted(tmp_path / "small_disk", f"size={SMALL_DISK_BYTES}")


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody can write to: a read-only mount for root, else a folder without the right."""
    if os.geteuid() == 0:
        yield from _mounted(tmp_path / "read_only", "size=64k,ro")
        return
    folder = tmp_path / "read_only"
    folder.mkdir(mode=0o555)
    yield folder
    folder.chmod(0o755)


@pytest.fixture(scope="session")
def synthetic_voice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Name of a small made-up singer on the shelf: random nets, clear tone; a second one is "tom"."""
    import dataclasses
    import hashlib
    from types import MappingProxyType

    import torch
    from voices.random_nets import random_network

    from svcfx.chain.parametric import network
    from svcfx.chain.parametric.nets import Config

    sizes = Config(encoder_width=32, encoder_hidden=48, decoder_width=32, decoder_hidden=48)
    net = random_network(5, sizes)
    with torch.no_grad():
        net.decoder.outward.weight *= 0.2
        bias = net.decoder.outward.bias.view(2, -1)
        bias[:, 80:86] = -5.0  # little breath, so that pitch is plain
        bias[:, :80] = 1.5 * torch.cos(torch.linspace(0, 20, 80)) - torch.linspace(0, 4, 80)  # formants
    singers = {"tess": net.singers["vela"], "tom": net.singers["corin"]}
    folder = tmp_path_factory.mktemp("voices")
    weights = folder / "made-up.safetensors"
    network.save(dataclasses.replace(net, singers=MappingProxyType(singers)), weights)
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    singing = "".join(f"[singers.{name}]\nlow_hz = 80.0\nhigh_hz = 800.0\n" for name in singers)
    (folder / "card.toml").write_text(
        f'name = "made-up"\nfamily = "parametric"\nrate = 44100\nweights = "{weights.name}"\n'
        f'sha256 = "{sha256}"\nlicence = "none"\nconsent = "no person"\n{singing}'
    )
    with _on_the_shelf(folder):
        yield "tess"


@pytest.fixture(scope="session")
def svc_voice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small so-vits-svc 4.1 voice with all that one can have: two singers ("duo/mei",
    "duo/alto"), an index, a diffusion model that knows a tenth of its levels, and a vocoder."""
    from voices import checkpoints

    from svcfx.voices import adding, encoder, shelf

    folder = tmp_path_factory.mktemp("svc")
    singers = ("mei", "alto")
    written = checkpoints.write_sovits41(folder / "written", singers=singers, diffusion=True)
    checkpoints.write_centres(written / "kmeans_100.pt", singers)
    said = adding.Declaration(name="duo", licence="none", consent="no person", ranges={"": (80.0, 800.0)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SVCFX_HOME", str(folder / "home"))
        encoder.put(checkpoints.write_encoder(folder / "encoder"), "the tests")
        card = adding.add(str(written), said)
        shelf.load("duo")  # while its encoder is at hand, which it keeps
    return card.folder


@pytest.fixture
def svc_voice(svc_voice_folder: Path) -> Iterator[str]:
    """Name of the small so-vits-svc voice, on the shelf while a test runs."""
    with _on_the_shelf(svc_voice_folder):
        yield "duo"


@contextlib.contextmanager
def _on_the_shelf(folder: Path) -> Iterator[None]:
    """Name a folder of voices to svcfx, after those that are named already."""
    before = os.environ.get("SVCFX_VOICES")
    there = before.split(os.pathsep) if before else []
    os.environ["SVCFX_VOICES"] = os.pathsep.join(dict.fromkeys([*there, str(folder)]))
    yield
    if before is None:
        del os.environ["SVCFX_VOICES"]
    else:
        os.environ["SVCFX_VOICES"] = before
