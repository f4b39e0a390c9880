"""Voices from a hub, played by a real server on this machine, with all that goes wrong on the way."""

import huggingface_hub.constants
import pytest
from voices import checkpoints
from voices.hub_server import COMMIT, Hub, serve

from svcfx.errors import HubError, OutputError, VoiceError
from svcfx.voices import adding, encoder, home, hub, pulling, repository, shelf
from svcfx.voices.adding import Declaration

KILOBYTES = 64
HANGS_SECONDS = 300.0
"""Ends a test that would hang; no outcome depends on it."""


@pytest.fixture
def people(home, tmp_path, monkeypatch):
    """A hub with the repository me/mei: two steps of a voice, a recording, a stranger's script."""
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", KILOBYTES * 1024)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DOWNLOAD_TIMEOUT", HANGS_SECONDS)
    monkeypatch.setattr(hub, "_PATIENCE_SECONDS", HANGS_SECONDS)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    folder = tmp_path / "repository"
    for step in (800, 12_000):
        checkpoints.write_sovits40(folder / "voice", step=step)
    (folder / "setup.py").write_text("raise SystemExit('it ran')")
    (folder / "voice" / "take.wav").write_bytes(b"RIFF")
    with serve(Hub("me/mei", folder)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        yield served


def fetched(served):
    return [
        path.partition("/resolve/")[2].partition("/")[2] for path, _ in served.asked if "/resolve/" in path
    ]


@pytest.mark.parametrize(
    ("text", "repo", "revision", "below"),
    [
        ("hf:me/mei", "me/mei", None, ""),
        ("hf:me/mei@v1.2", "me/mei", "v1.2", ""),
        ("hf:me/mei@main/a/b", "me/mei", "main", "a/b"),
        ("hf:me/mei/a", "me/mei", None, "a"),
        ("hf:me/so-vits_4.0@refs%2Fpr%2F1", "me/so-vits_4.0", "refs/pr/1", ""),
    ],
)
def test_a_repository_is_written_with_revision_and_folder(text, repo, revision, below):
    assert repository.parse(text) == repository.Repository(repo, revision, below)


@pytest.mark.parametrize("text", ["hf:", "hf:mei", "hf:me/", "hf:me/mei/../../etc", "hf:me/mei@"])
def test_what_names_no_repository_is_refused(text):
    with pytest.raises(VoiceError, match="names no repository"):
        repository.parse(text)


@pytest.mark.parametrize("name", ["../evil.pth", "/etc/passwd", "a/../../b", "a\\b", "C:x", ""])
def test_names_that_lead_out_of_the_repository_are_known(name):
    assert not repository.is_inside(name)


def test_only_what_is_needed_comes_and_the_newest_step_is_said(people, home):
    notes = []
    card = adding.add("hf:me/mei", Declaration(name="mei"), on_note=notes.append)
    assert fetched(people) == ["voice/config.json", "voice/G_12000.pth"]
    assert notes[0].startswith("downloading 2 files, 1 MB")
    assert "'G_12000.pth' is the newest of 2" in notes[1]
    assert card.source == f"hf:me/mei@{COMMIT}"
    assert shelf.find("mei").parts["generator"].source == "G_12000.pth"
    assert not list((home / "downloads").iterdir())


def test_a_folder_and_another_step_can_be_named(people):
    choice = adding.ChosenFiles(generator=adding.Path("G_800.pth"))
    card = adding.add(f"hf:me/mei@{COMMIT}/voice", Declaration(name="mei"), choice)
    assert card.parts["generator"].source == "G_800.pth"
    assert card.source == f"hf:me/mei@{COMMIT}/voice"


def test_the_licence_of_the_page_is_taken_unless_another_is_stated(people):
    people.tags = ("pytorch", "license:cc-by-4.0")
    assert adding.add("hf:me/mei", Declaration(name="a")).licence == "cc-by-4.0 (as its page on the hub says)"
    assert adding.add("hf:me/mei", Declaration(name="b", licence="CC0")).licence == "CC0"


def test_a_voice_that_cannot_be_played_is_refused_before_its_weights_come(people):
    config = people.folder / "voice/config.json"
    config.write_text(config.read_text().replace('"ssl_dim"', '"speech_encoder": "whisper-ppg", "ssl_dim"'))
    with pytest.raises(VoiceError, match="needs speech_encoder 'whisper-ppg'"):
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert fetched(people) == ["voice/config.json"]


def test_a_gated_repository_says_whom_to_ask(people):
    people.gated = True
    with pytest.raises(VoiceError, match="is only for people whom its owner lets in"):
        adding.add("hf:me/mei", Declaration(name="mei"))


def test_a_cut_download_goes_on_where_it_stopped(people):
    people.cut_after, people.cuts = 3 * KILOBYTES * 1024, 1
    adding.add("hf:me/mei", Declaration(name="mei"))
    assert f"bytes={3 * KILOBYTES * 1024}-" in [span for _, span in people.asked]


@pytest.mark.slow
def test_a_download_that_broke_off_goes_on_in_the_next_run(people, home):
    people.cut_after, people.cuts = 3 * KILOBYTES * 1024, 1
    people.gone_after_cut = True
    with pytest.raises(HubError, match="did not answer for 'hf:me/mei'") as caught:
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert "goes on where it stopped" in caught.value.hint
    assert shelf.added() == ([], [])
    people.gone = people.gone_after_cut = False
    people.asked.clear()
    adding.add("hf:me/mei", Declaration(name="mei"))
    assert f"bytes={3 * KILOBYTES * 1024}-" in [span for _, span in people.asked]
    assert shelf.find("mei").family == "sovits40"


def test_a_file_that_is_not_what_the_hub_says_is_thrown_away(people, home):
    people.lies = frozenset({"voice/G_12000.pth"})
    with pytest.raises(
        VoiceError, match=r"'voice/G_12000.pth' came down with the hash \w{12}, \w{12} was exp"
    ):
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert not list((home / "downloads").rglob("G_*"))
    people.lies = frozenset()
    adding.add("hf:me/mei", Declaration(name="mei"))


def test_names_that_escape_are_never_asked_for(people):
    people.extra = ("../../G_99999.pth", "voice/../../config.json", "/G_99998.pth")
    card = adding.add("hf:me/mei", Declaration(name="mei"))
    assert card.parts["generator"].source == "G_12000.pth"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hf:me/nobody", "the hub has no repository 'me/nobody', or it is private"),
        ("hf:me/mei@v9", "'hf:me/mei' has no revision 'v9'"),
        ("hf:me/mei/other", "'hf:me/mei/other' holds no files"),
    ],
)
def test_what_the_hub_does_not_have_is_said(people, text, says):
    with pytest.raises(VoiceError, match=says):
        adding.add(text, Declaration(name="mei"))
    assert shelf.added() == ([], [])


def test_a_hub_that_does_not_answer_is_one_sentence_with_the_other_way(people, monkeypatch):
    people.dead = True
    monkeypatch.setattr(hub, "_PATIENCE_SECONDS", 0.5)
    with pytest.raises(
        HubError, match=f"the hub at {people.url} did not answer for 'hf:me/mei': timed out"
    ) as caught:
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert "download me/mei elsewhere and give svcfx the folder" in caught.value.hint


def test_offline_means_that_nobody_is_asked(people, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert people.asked == []


def test_a_disk_that_is_too_small_is_seen_before_the_download(people, small_disk, monkeypatch):
    monkeypatch.setenv("SVCFX_HOME", str(small_disk))
    with pytest.raises(OutputError, match=r"bytes are needed, .* are free"):
        adding.add("hf:me/mei", Declaration(name="mei"))
    assert fetched(people) == ["voice/config.json"]


@pytest.fixture
def published(people, tmp_path, monkeypatch):
    """The hub with ContentVec under its own name, at the revision that is pinned."""
    people.repo, people.revisions = encoder.REPOSITORY, (encoder.REVISION,)
    people.folder = checkpoints.write_encoder(tmp_path / "content-vec-best")
    digest = encoder.sha256_of(people.folder / encoder.WEIGHTS)
    monkeypatch.setattr(encoder, "SHA256", digest)
    return people


def test_contentvec_comes_from_the_pinned_revision_and_hash(published):
    notes = []
    facts = pulling.pull(None, replace=False, on_note=notes.append)
    assert facts.is_published
    assert facts.source == f"hf:{encoder.REPOSITORY}@{encoder.REVISION}"
    assert f"revision/{encoder.REVISION}" in published.asked[0][0]
    assert encoder.is_there("vec256l9")
    published.asked.clear()
    assert pulling.pull(None, replace=False, on_note=notes.append) == facts
    assert published.asked == []


def test_a_contentvec_of_another_hash_is_not_kept(published, monkeypatch):
    monkeypatch.setattr(encoder, "SHA256", "0" * 64)
    with pytest.raises(VoiceError, match="000000000000 was expected"):
        pulling.pull(None, replace=False, on_note=lambda _: None)
    assert encoder.facts() is None
    assert not list(home.downloads().rglob("*.bin"))


def test_without_a_hub_pull_says_how_to_bring_it_by_hand(published):
    published.gone = True
    with pytest.raises(HubError) as caught:
        pulling.pull(None, replace=False, on_note=lambda _: None)
    assert "svcfx voices pull contentvec --from FOLDER" in caught.value.hint
