"""The page of a dataset: whole in itself, and nothing set aside is missing from it."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from svcfx.report import dataset
from svcfx.report.drawings import BARS, histogram, keys
from svcfx.report.drawings import CHART_HEIGHT as HEIGHT
from svcfx.report.drawings import CHART_WIDTH as WIDTH
from svcfx.report.drawings import WIDTH as KEYBOARD_WIDTH
from svcfx.training.prepare.judging import SetAside
from svcfx.training.prepare.records import DatasetPiece, Records, SourceRecord

_VOID = {"meta", "br"}


class _Page(HTMLParser):
    """Open tags, and what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _VOID:
            self.open.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _piece(singer, number, **other):
    known = {"file": f"items/{singer}/{number}.npz", "singer": singer, "part": "train",
             "source": f"{singer}.wav",
             "start_seconds": 0.0, "seconds": 6.0 + number, "peak_dbfs": -3.0, "snr_db": 35.0,
             "clipped_share": 0.0,
             "voiced_share": 0.7, "several_share": 0.0, "f0_hz": (150.0, 200.0, 300.0),
             "notes": {55: 2.0, 57: 0.4, 59: 3.0 + number}, "sha256": f"{number}"}  # fmt: skip
    return DatasetPiece(**known | other)


@pytest.fixture
def told():
    source = SourceRecord(
        label="ada.wav",
        singer="ada",
        seconds=30.0,
        sample_rate=48_000,
        channels=2,
        lufs=-21.0,
        gain_db=0.0,
    )
    return Records(
        settings={"pitch": "swift", "least_snr_db": 10.0, "altered": None},
        sources=(source,),
        pieces=(_piece("ada", 1), _piece("ada", 2, part="validation"), _piece("<b>", 3),
                _piece("ada", 4, altered={"speed": 0.95})),
        set_aside=(SetAside("a/x <script>.wav", "ada", 1.0, 4.0, "noisy", "it is 3 dB above the noise"),),
        passed_over={".pt": 4},
        cautions=("'ada' has 0.2 minutes",),
    )  # fmt: skip


def test_the_page_is_whole_in_itself_and_names_are_text(told):
    text = dataset.page(told)
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert page.fetched == []
    assert "http" not in text
    assert "<script" not in text
    assert "<b>:" not in text
    assert "&lt;b&gt;" in text


def test_everything_that_was_found_stands_in_it(told):
    text = dataset.page(told)
    for words in ("it is 3 dB above the noise", "noisy", "&#39;ada&#39; has 0.2 minutes", "4 .pt",
                  "ada.wav", "48000 Hz", "and 1 altered copies", "Sung for less than 1 s: G#3, A3, A#3.",
                  "set aside below 10 dB"):  # fmt: skip
        assert words in text


def test_a_dataset_without_faults_is_drawn_too(told):
    text = dataset.page(replace(told, set_aside=(), cautions=(), passed_over={}))
    assert "<p>Nothing.</p>" in text


def test_the_page_is_written_in_the_same_bytes(told, tmp_path):
    first = dataset.write(told, tmp_path).read_bytes()
    assert dataset.write(told, tmp_path).read_bytes() == first


@pytest.mark.parametrize("notes", [{}, {60: 1.0}, {23: 0.5, 24: 2.0, 95: 1.0, 96: 4.0}])
def test_a_keyboard_holds_every_note_inside_its_width(notes):
    found = keys(notes, 24, 95)
    by_name = {key.name: key for key in found}
    assert sum(key.seconds for key in found) == sum(notes.values())
    assert len(by_name) == len(found) >= 36
    assert all(key.x >= 0.0 and key.x + key.width <= KEYBOARD_WIDTH + 1e-6 for key in found)
    assert max((key.bar_height for key in found), default=0.0) in (0.0, BARS)
    assert [key.black for key in found] == sorted(key.black for key in found)


def test_a_histogram_counts_every_value_once():
    made = histogram("", "s", [-4.0, 0.0, 0.5, 1.0, 9.99, 10.0, 40.0], range(11), limit=5.0)
    assert [bar.amount for bar in made.bars] == [3, 1, 0, 0, 0, 0, 0, 0, 0, 3]
    assert max(bar.height for bar in made.bars) == HEIGHT
    assert made.limit_x == WIDTH / 2
