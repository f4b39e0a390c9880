"""RVC voices as people pass them on: zips, folders, loose files; paired by content, and refused by name."""

import stat
import zipfile

import pytest
import torch
from voices import checkpoints
from voices import rvc_checkpoints as rvc

from svcfx.chain.checkpoint import glance
from svcfx.errors import OutputExistsError, VoiceError
from svcfx.voices import adding, archive, exporting, inspecting, loose, parts, pulling, shelf
from svcfx.voices.adding import Declaration
from svcfx.voices.folder import ChosenFiles


def kept(name):
    """The parts of a voice on the shelf, which need no content encoder to be looked at."""
    return parts.load(shelf.find(name))


def packed(path, files, *, inside="mei"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive_:
        for file in files:
            archive_.write(file, f"{inside}/{file.name}" if inside else file.name)
    return path


@pytest.fixture
def files(tmp_path):
    """A voice with its index, and the useless index that lies beside it."""
    place = tmp_path / "files"
    return [
        rvc.write(place / "mei_e200_s4000.pth", rvc.model(author="Ann", epoch=200)),
        rvc.write_index(place / "added_IVF2_Flat_nprobe_1_whatever_v2.index"),
        rvc.write_index(place / "trained_IVF2_Flat_nprobe_1_whatever_v2.index", empty=True),
    ]


def test_a_zip_becomes_a_voice_with_its_index_and_what_applio_says(home, files, tmp_path):
    notes = []
    card = adding.add(str(packed(tmp_path / "x.zip", files)), Declaration(), on_note=notes.append)
    assert (card.name, card.family, card.about, card.index) == ("mei", "rvc", "RVC v2", "neighbours")
    assert card.said["author"] == "Ann"
    assert card.said["epoch"] == "200"
    assert card.source == "file x.zip"
    assert any("trained_IVF2" in note and "no vectors" in note for note in notes)
    assert kept("mei").bank.lists  # what `stored` searches


def test_a_folder_and_a_loose_file_give_the_same_voice(home, files, tmp_path):
    first = adding.add(str(files[0].parent), Declaration(name="one"))
    second = adding.add(str(files[0]), Declaration(name="two"))
    hashes = [{name: part.sha256 for name, part in card.parts.items()} for card in (first, second)]
    assert hashes[0] == hashes[1]
    assert set(hashes[0]) == {"generator", "bank"}


def test_loose_files_sing_without_a_shelf(home, files):
    name = loose.open_files(files[0], index=files[1], on_note=lambda _: None)
    assert shelf.find(name).family == "rvc"
    assert shelf.find(name).index == "neighbours"


def test_an_index_is_paired_by_width_not_by_name(home, tmp_path):
    rvc.write(tmp_path / "v/mei.pth", rvc.model())
    rvc.write_index(tmp_path / "v/added_mei_v2.index", rvc.rows_of_content(60, 256))
    rvc.write_index(tmp_path / "v/added_other_v1.index", rvc.rows_of_content(50, 768))
    notes = []
    adding.add(str(tmp_path / "v"), Declaration(), on_note=notes.append)
    assert kept("mei").bank.width == 768
    assert any(
        "'added_mei_v2.index' was left out: it is 256 wide, 'mei.pth' takes 768" in note for note in notes
    )


def test_an_index_of_another_width_that_was_named_is_refused(home, files, tmp_path):
    other = rvc.write_index(tmp_path / "v1.index", rvc.rows_of_content(60, 256))
    with pytest.raises(
        VoiceError, match="the index holds content of width 256, this voice sings content of width 768"
    ):
        adding.add(str(files[0]), Declaration(), ChosenFiles(index=other))
    with pytest.raises(VoiceError, match="holds no vectors"):
        adding.add(str(files[0]), Declaration(), ChosenFiles(index=files[2]))


def test_of_several_epochs_the_newest_is_taken(home, tmp_path):
    for epoch in (100, 300, 20):
        rvc.write(tmp_path / f"v/mei_e{epoch}_s{epoch * 10}.pth")
    assert adding.add(str(tmp_path / "v"), Declaration()).parts["generator"].source == "mei_e300_s3000.pth"


def test_several_voices_are_listed_and_added_one_by_one_or_all(home, tmp_path):
    place = tmp_path / "v"
    made = [rvc.write(place / f"{name}.pth") for name in ("ana", "bo")]
    made += [
        rvc.write_index(place / f"added_{name}_v2.index", rvc.rows_of_content(n))
        for name, n in (("ana", 50), ("bo", 60))
    ]
    zipped = packed(tmp_path / "two.zip", made, inside="")
    with pytest.raises(VoiceError, match=r"holds 2 voices: 'ana\.pth', 'bo\.pth'") as caught:
        adding.add(str(zipped), Declaration())
    assert "`every`" in str(caught.value.hint)
    assert len(inspecting.inspect(str(zipped))["voices"]) == 2
    cards = adding.add_all(str(zipped), Declaration())
    assert [card.name for card in cards] == ["ana", "bo"]
    assert [len(kept(name).bank.tables[name]) for name in ("ana", "bo")] == [50, 60]
    with pytest.raises(VoiceError, match="cannot be the name of all voices"):
        adding.add_all(str(zipped), Declaration(name="mei"))


def hostile(path, entries, **info):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(entry, key, value)
            made.writestr(entry, data)
    return path


@pytest.mark.parametrize(
    "name", ["../mei.pth", "/etc/mei.pth", "a/../../mei.pth", "C:\\mei.pth", "..\\mei.pth"]
)
def test_a_path_that_leads_out_of_a_zip_is_refused(home, tmp_path, name):
    with pytest.raises(VoiceError, match="leads out of it, and was not unpacked"):
        adding.add(str(hostile(tmp_path / "x.zip", [(name, b"x")])), Declaration())


def test_a_link_in_a_zip_is_refused(home, tmp_path):
    path = hostile(
        tmp_path / "x.zip", [("mei.pth", b"/etc/passwd")], external_attr=(stat.S_IFLNK | 0o777) << 16
    )
    with pytest.raises(VoiceError, match="leads out of it"):
        adding.add(str(path), Declaration())


def test_a_bomb_is_refused_before_it_is_unpacked(home, tmp_path):
    path = hostile(tmp_path / "x.zip", [("mei.pth", bytes(20_000_000))])
    with pytest.raises(VoiceError, match=r"would unpack from \d+ to 20000000 bytes"):
        adding.add(str(path), Declaration())
    path = hostile(tmp_path / "y.zip", [(f"{n}.pth", b"") for n in range(archive.MOST_FILES + 1)])
    with pytest.raises(VoiceError, match="holds 2001 files"):
        adding.add(str(path), Declaration())


def test_an_archive_in_an_archive_is_refused(home, files, tmp_path):
    inner = packed(tmp_path / "inner.zip", files)
    with pytest.raises(VoiceError, match=r"holds another archive, 'mei/inner\.zip'"):
        adding.add(str(packed(tmp_path / "outer.zip", [inner])), Declaration())
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    with pytest.raises(VoiceError, match="an archive that svcfx does not unpack"):
        adding.add(str(tmp_path / "x.rar"), Declaration())


def test_half_a_zip_is_refused_and_the_shelf_stays_as_it_was(home, files, tmp_path):
    whole = packed(tmp_path / "x.zip", files).read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VoiceError, match="cannot be unpacked"):
        adding.add(str(tmp_path / "half.zip"), Declaration())
    assert not list((home / "voices").glob("*"))


def test_a_zip_without_a_voice_says_so(home, tmp_path):
    (tmp_path / "readme.txt").write_text("nothing")
    with pytest.raises(VoiceError, match="holds no voice"):
        adding.add(str(packed(tmp_path / "x.zip", [tmp_path / "readme.txt"])), Declaration())


@pytest.mark.slow
def test_a_voice_behind_an_encoder_that_nobody_brought_is_refused_until_it_is_brought(home, tmp_path):
    path = rvc.write(tmp_path / "mei.pth", rvc.model(embedder_model="spin-v2"))
    with pytest.raises(VoiceError, match="behind the content encoder spin-v2, which is not here") as caught:
        adding.add(str(path), Declaration())
    assert "svcfx voices pull spin-v2 --from" in str(caught.value.hint)
    pulling.bring("spin-v2", checkpoints.write_encoder(tmp_path / "spin", hidden=768), replace=False)
    card = adding.add(str(path), Declaration())
    assert card.content_encoder == "spin-v2"
    assert shelf.load("mei").parts.encoder.name == "vec768l12"
    with pytest.raises(OutputExistsError, match="spin-v2 is here already"):
        pulling.bring("spin-v2", tmp_path / "spin", replace=False)


def test_an_rvc_voice_comes_back_as_rvc_reads_it(home, files, tmp_path):
    adding.add(str(files[0].parent), Declaration(name="mei"))
    out = exporting.export("mei", "rvc", tmp_path / "out")
    given, made = (torch.load(path, weights_only=True) for path in (files[0], out / "mei.pth"))
    assert made["config"] == given["config"]
    assert (made["version"], made["f0"], made["sr"]) == ("v2", 1, "40k")
    assert made["weight"].keys() == given["weight"].keys()
    assert all(made["weight"][key].dtype == torch.float16 for key in made["weight"])
    again = adding.add(str(out), Declaration(name="again"))
    was, now = kept("mei"), kept("again")
    for key, tensor in was.generator.network.state_dict().items():
        assert torch.allclose(now.generator.network.state_dict()[key], tensor, atol=2e-3)
    singer = next(iter(was.bank.tables))
    own = next(iter(now.bank.tables))
    assert torch.equal(now.bank.tables[own], was.bank.tables[singer])
    assert torch.equal(now.bank.lists[own].member, was.bank.lists[singer].member)
    assert again.about == "RVC v2"


def test_a_format_that_cannot_hold_a_voice_refuses_it(home, files, tmp_path):
    adding.add(str(files[0]), Declaration(name="mei"))
    with pytest.raises(
        VoiceError, match=r"does not fit into so-vits-svc 4\.1, which has no network of RVC's"
    ):
        exporting.export("mei", "sovits41", tmp_path / "out")


def test_a_discriminator_and_a_graph_are_refused_by_what_they_are(home, tmp_path):
    torch.save({"model": {"discriminators.0.convs.0.bias": torch.zeros(1)}}, tmp_path / "mei.pth")
    with pytest.raises(VoiceError, match="is a discriminator, which only training needs"):
        adding.add(str(tmp_path / "mei.pth"), Declaration())
    (tmp_path / "mei.onnx").write_bytes(b"\x08\x07")
    with pytest.raises(VoiceError, match="is an exported graph, which svcfx does not play"):
        adding.add(str(tmp_path / "mei.onnx"), Declaration())


def test_a_voice_of_another_family_is_left_to_its_own_reader(home, tmp_path):
    folder = checkpoints.write_sovits40(tmp_path / "old")
    assert glance(folder / "G_100.pth") is None


def test_rmvpe_is_kept_from_a_file_and_refused_when_it_is_none(home, tmp_path):
    from chain.pitch.test_rmvpe import random

    from svcfx.chain.pitch import rmvpe

    assert not rmvpe.is_here()
    torch.save(random().state_dict(), tmp_path / "rmvpe.pt")
    assert (
        pulling.pull_rmvpe(tmp_path / "rmvpe.pt", replace=False, on_note=lambda _: None) is False
    )  # not the published
    assert rmvpe.is_here()
    rvc.write(tmp_path / "mei.pth")
    with pytest.raises(VoiceError, match=r"'mei\.pth' is no pitch tracker RMVPE"):
        pulling.put_rmvpe(tmp_path / "mei.pth")


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_voice_of_the_hub_comes_down_with_its_index(home, files, tmp_path, monkeypatch, as_zip):
    from voices.hub_server import Hub, serve

    folder = tmp_path / "repository"
    folder.mkdir()
    for file in [packed(tmp_path / "mei.zip", files)] if as_zip else files:
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "README.md").write_text("a voice")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with serve(Hub("me/mei", folder)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        card = adding.add("hf:me/mei", Declaration())
    assert (card.name, card.family, card.index) == ("mei", "rvc", "neighbours")
    assert card.source.startswith("hf:me/mei")
    assert not list((home / "downloads").rglob("*.pth"))


def test_what_applio_says_is_told_to_whoever_adds_the_voice(home, files):
    from svcfx.cli.voices import telling
    from svcfx.voices.facts import facts

    card = adding.add(str(files[0].parent), Declaration())
    told = "\n".join(telling.summary(card))
    assert "author" in told
    assert "Ann" in told
    assert facts(card, "mei")["said"]["epoch"] == "200"
