"""What a run of many files ends with."""

from pathlib import Path

import pytest

from svcfx.errors import AudioFileError, InputError, OutputError, PartialFailure, SvcfxError
from svcfx.session.results import FileResult, Results


def _results(*errors: SvcfxError | None) -> Results:
    return Results(
        tuple(
            FileResult(f"{index}.wav", Path("in"), Path("out"), "failed" if error else "done", error=error)
            for index, error in enumerate(errors)
        )
    )


def test_no_failure_ends_well():
    _results(None, None).check()
    Results(()).check()


def test_some_failures_end_with_3():
    with pytest.raises(PartialFailure, match="1 of 3 files failed; the others are on disk"):
        _results(None, AudioFileError("broken"), None).check()


def test_a_lone_file_ends_with_its_own_error():
    error = AudioFileError("broken", hint="mend it")
    with pytest.raises(AudioFileError) as caught:
        _results(error).check()
    assert caught.value is error


@pytest.mark.parametrize(
    ("errors", "kind", "code"),
    [
        ((AudioFileError("broken"), InputError("wrong")), InputError, 2),
        ((AudioFileError("broken"), OutputError("full")), SvcfxError, 1),
    ],
)
def test_when_all_fail_the_code_says_whose_fault_it_is(errors, kind, code):
    with pytest.raises(kind, match="all 2 files failed, the first because broken") as caught:
        _results(*errors).check()
    assert caught.value.exit_code == code


def test_a_run_says_how_fast_it_was_and_what_was_slowest():
    def of(name, audio_seconds, work_seconds, status="done"):
        return FileResult(name, Path(name), Path(name), status, audio_seconds, work_seconds)

    two = Results((of("a", 100.0, 4.0), of("b", 20.0, 70.0), of("c", 9.0, 99.0, "skipped")), seconds=40.0)
    assert two.summary() == (
        "2 files, 2:00 min of audio, in 40.0 s, 3.0 times real time; the slowest is 'b', 1:10 min"
    )
    hours = Results((of("a", 7290.0, 1.0), of("b", 0.0, 0.0)), seconds=3600.0)
    assert "2:01:30 h of audio, in 1:00:00 h, 2.0 times" in hours.summary()
    assert Results(two.files[1:]).summary() == ""
