import pytest

from svcfx.session.intervals import Interval, interval


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("+3 diatonic", Interval("steps", 2)), ("-6 diatonic", Interval("steps", -5)),
        ("3  diatonic ", Interval("steps", 2)), ("-5", Interval("semitones", -5)),
        ("+4", Interval("semitones", 4)), ("octave", Interval("semitones", 12)),
        ("-octave", Interval("semitones", -12)), ("track alto voice", Interval("track", track="alto voice")),
    ],
)  # fmt: skip
def test_what_a_session_writes_is_an_interval(text, wanted):
    assert interval(text) == wanted


@pytest.mark.parametrize("text", ["", "0", "+25", "1 diatonic", "third", "+16 diatonic", "track", "5.5"])
def test_what_is_none_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"is no interval, allowed are semitones such as '\+4'"):
        interval(text)
