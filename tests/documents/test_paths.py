import pytest

from svcfx.errors import SessionError
from svcfx.session.document import reach_of


@pytest.fixture
def project(tmp_path):
    for place in ("song/takes", "stems", "elsewhere"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.wav").touch()
    (tmp_path / "a.wav").touch()
    (tmp_path / "song/a.wav").touch()
    return tmp_path


@pytest.mark.parametrize(
    "written", ["a.wav", "takes/a.wav", "takes/../a.wav", "../stems/a.wav", "../song/a.wav"]
)
def test_a_session_reads_its_own_folder_and_those_beside_it(project, written):
    found = reach_of(project / "song/session.toml").find(written, "stems[1].file")
    assert found == (project / "song" / written).resolve()


@pytest.mark.parametrize(
    "written",
    ["../a.wav", "../../a.wav", "/etc/passwd", "../stems/../a.wav", "../stems/../../a.wav", "..", "a\0b"],
)
def test_what_leads_further_is_refused(project, written):
    with pytest.raises(SessionError, match=r"stems\[1\].file is"):
        reach_of(project / "song/session.toml").find(written, "stems[1].file")


@pytest.mark.parametrize(
    ("link", "written"), [("song/out.wav", "out.wav"), ("stems/out.wav", "../stems/out.wav")]
)
def test_a_link_to_a_file_outside_is_refused(project, link, written):
    (project / link).symlink_to(project / "elsewhere/a.wav")
    with pytest.raises(SessionError, match="leads outside") as caught:
        reach_of(project / "song/session.toml").find(written, "stems[1].file")
    assert "`allow_path`" in caught.value.hint


def test_a_linked_folder_beside_the_session_is_refused(project):
    (project / "linked").symlink_to("/usr")
    with pytest.raises(SessionError, match="leads outside"):
        reach_of(project / "song/session.toml").find("../linked/lib/os-release", "stems[1].file")


def test_a_link_inside_the_folder_is_followed(project):
    (project / "song/again.wav").symlink_to(project / "song/takes/a.wav")
    found = reach_of(project / "song/session.toml").find("again.wav", "stems[1].file")
    assert found == project / "song/takes/a.wav"


def test_a_loop_of_links_is_refused(project):
    (project / "song/loop.wav").symlink_to(project / "song/loop.wav")
    with pytest.raises(SessionError):
        reach_of(project / "song/session.toml").find("loop.wav", "stems[1].file")


def test_the_user_may_allow_more(project):
    reach = reach_of(project / "song/session.toml", [project])
    assert reach.find("../a.wav", "stems[1].file") == project / "a.wav"
    assert reach.find(str(project / "elsewhere/a.wav"), "stems[1].file") == project / "elsewhere/a.wav"


def test_a_session_reached_by_a_link_starts_from_its_real_folder(project):
    (project / "alias").symlink_to(project / "song")
    assert reach_of(project / "alias/session.toml").find("a.wav", "x") == project / "song/a.wav"
