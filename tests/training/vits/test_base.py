"""What a training begins with: found, pinned, hashed, and known again."""

import json
from dataclasses import replace

import huggingface_hub.constants
import needs
import pytest
import torch
from training.vits import made
from voices.hub_server import COMMIT, Hub, serve

from svcfx.errors import HubError, TrainingError, VoiceError
from svcfx.training.engine import engine
from svcfx.training.plan import TrainingPlan
from svcfx.training.request import train
from svcfx.training.vits import recipe
from svcfx.training.vits.base import open_base
from svcfx.training.vits.request import VitsRequest
from svcfx.training.vits.trainer import VitsTrainer
from svcfx.voices import home as places
from svcfx.voices import hub
from svcfx.voices.card import sha256_of

pytestmark = [pytest.mark.slow, needs.TRAIN]

PLAN = TrainingPlan(steps=1, check_every=1, report_every=1, patience=0)


@pytest.fixture(autouse=True)
def small(monkeypatch, home):
    monkeypatch.setattr(recipe, "_SMALL", made.TINY)
    monkeypatch.setattr(recipe, "_NARROW", {"full": 1, "small": 128})
    torch.set_num_threads(1)


@pytest.fixture
def trained(dataset, tmp_path):
    """A folder with G_1.pth and D_1.pth alone, as repositories of base models are."""
    folder = tmp_path / "trained"
    VitsTrainer(dataset, folder, made.SMALL, engine(accelerator="cpu")).run(PLAN)
    base = tmp_path / "repository/pretrained"
    base.mkdir(parents=True)
    for name in "GD":
        (folder / f"{name}_1.pth").rename(base / f"clean_{name}_1.pth")
    return base


@pytest.fixture
def repository(trained, monkeypatch):
    """The same on a hub of this machine, as me/base."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DOWNLOAD_TIMEOUT", 1)
    monkeypatch.setattr(hub, "_PATIENCE_SECONDS", 5.0)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serve(Hub("me/base", trained.parent)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def asked(dataset, out, base):
    return VitsRequest(dataset=dataset, out=out, recipe=made.SMALL, plan=PLAN, base=base)


def begin(dataset, out, base, stopped=False):
    """Trains; `stopped` before the first state was kept. Returns the notes."""
    notes = []

    def tell(_told):
        raise KeyboardInterrupt

    wanted = asked(dataset, out, base)
    if stopped:
        wanted = replace(wanted, plan=replace(PLAN, steps=9, check_every=9))
        with pytest.raises(KeyboardInterrupt):
            train(wanted, tell, notes.append)
    else:
        train(wanted, lambda _told: None, notes.append)
    return notes


def test_a_base_of_the_hub_is_fetched_at_one_commit_with_its_discriminators_and_written_down(
    dataset, repository, trained, tmp_path
):
    notes = begin(dataset, tmp_path / "me", "hf:me/base@main")
    assert any(f"hf:me/base@{COMMIT}" in note for note in notes)
    assert not any("critics were not there" in note for note in notes)
    fetched = {path for path, _ in repository.asked if "/resolve/" in path}
    assert all(f"/resolve/{COMMIT}/" in path for path in fetched)
    known = json.loads((tmp_path / "me/base.json").read_text())
    assert known == {
        "asked": "hf:me/base@main",
        "origin": f"hf:me/base@{COMMIT}",
        "sha256": {path.name: sha256_of(path) for path in trained.glob("*.pth")},
    }
    assert not list(places.downloads().rglob("*.pth"))  # 500 MB that nobody needs any more


def test_a_base_that_has_changed_since_a_training_began_is_refused(dataset, repository, trained, tmp_path):
    out = tmp_path / "me"
    begin(dataset, out, "hf:me/base@main", stopped=True)
    begin(dataset, out, "hf:me/base@main", stopped=True)  # the same bytes may come again
    (generator,) = places.downloads().rglob("clean_G_1.pth")
    generator.unlink()
    stored = torch.load(trained / "clean_G_1.pth", weights_only=True)
    torch.save({**stored, "iteration": 99}, trained / "clean_G_1.pth")
    for base in ("hf:me/base@main", str(trained)):
        with pytest.raises(TrainingError, match=r"was begun with hf:me/base@0123.* \(clean_G_1.pth") as error:
            begin(dataset, out, base)
        assert "hf:owner/repo@<commit>" in error.value.hint
    assert not (out / "states").exists()


def test_a_download_that_was_damaged_afterwards_is_fetched_again(dataset, repository, tmp_path):
    begin(dataset, tmp_path / "me", "hf:me/base", stopped=True)
    (generator,) = places.downloads().rglob("clean_G_1.pth")
    generator.write_bytes(generator.read_bytes()[:-9])
    with pytest.raises(VoiceError, match="it was thrown away"):
        begin(dataset, tmp_path / "me", "hf:me/base", stopped=True)
    begin(dataset, tmp_path / "me", "hf:me/base", stopped=True)


def test_a_training_that_goes_on_is_not_asked_to_begin_with_something_else(dataset, trained, tmp_path):
    begin(dataset, tmp_path / "me", str(trained))
    longer = replace(asked(dataset, tmp_path / "me", ""), plan=replace(PLAN, steps=2))
    train(longer, lambda _told: None, print)  # without a base it goes on
    with pytest.raises(TrainingError, match="not with 'hf:me/other'") as error:
        begin(dataset, tmp_path / "me", "hf:me/other")
    assert "Leave out `base`" in error.value.hint


def test_without_a_connection_the_same_files_in_a_folder_serve(dataset, repository, trained, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set") as error:
        open_base("hf:me/base@main", print)
    assert "give svcfx the folder" in error.value.hint
    assert repository.asked == []
    base = open_base(str(trained), print)
    assert set(base.files) == {"clean_G_1.pth", "clean_D_1.pth"}
    assert base.discriminators is not None


def test_a_repository_with_several_bases_asks_for_one_of_them(repository, trained, tmp_path):
    (trained.parent / "other").mkdir()
    (trained.parent / "other/G_0.pth").write_bytes(b"")
    with pytest.raises(VoiceError, match=r"G_<step>\.pth in other, pretrained") as error:
        open_base("hf:me/base", print)
    assert error.value.hint == "Name one of these."
    assert open_base("hf:me/base@main/pretrained", print).name == "clean_G_1.pth"
