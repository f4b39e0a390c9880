"""Who may call the studio: nobody without the token, no other site, and no more than is bounded."""

import pytest

from svcfx.errors import InputError
from svcfx.ui import guard, serving
from svcfx.ui.serving import Address

EVERY = [
    ("GET", "/api/session"),
    ("PATCH", "/api/session"),
    ("POST", "/api/session/save"),
    ("GET", "/api/catalog"),
    ("PUT", "/api/files/a.wav"),
    ("GET", "/api/strips/lead/audio"),
    ("POST", "/api/jobs"),
    ("GET", "/api/jobs/1/mix"),
    ("POST", "/api/tasks/separate"),
    ("POST", "/api/tasks/clone"),
    ("PUT", "/api/presets/a.toml"),
    ("GET", "/api/trainings/preview"),
    ("GET", "/api/no-such-thing"),
]


@pytest.mark.parametrize(("method", "path"), EVERY)
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Basic a-token-that-nobody-guesses"])
def test_without_the_token_nothing_is_answered(api, method, path, given):
    status, said = api.refused(method, path, headers={"Authorization": given})
    assert (status, said) == (401, "the token is missing or wrong")


def test_every_route_below_api_wants_the_token(api):
    paths = api.client.get("/openapi.json").json()["paths"]
    assert len(paths) > 15
    assert all(path.startswith(guard.API) for path in paths)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8765.evil.example", ""]
)
def test_another_name_that_leads_here_is_refused(api, host):
    status, said = api.refused("GET", "/api/session", headers={"Host": host})
    assert status == 403
    assert "is not called" in said
    assert api.client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8765"]
)
def test_a_page_of_another_site_is_refused_even_with_the_token(api, origin):
    status, said = api.refused("POST", "/api/session/save", headers={"Origin": origin})
    assert status == 403
    assert "may not call the studio" in said


def test_the_studios_own_page_is_let_in(api):
    answer = api.client.get(
        "/api/session", headers={"Origin": "http://127.0.0.1:8765", "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 200


def test_a_browser_that_says_cross_site_is_refused(api):
    assert api.refused("GET", "/api/session", headers={"Sec-Fetch-Site": "cross-site"})[0] == 403


@pytest.mark.parametrize("path", ["/", "/page/index.html", "/api/session", "/nowhere", "/page/../app.py"])
def test_every_answer_says_what_a_page_may_load(api, path):
    headers = api.client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "path", ["/page/../app.py", "/page/%2e%2e/app.py", "/page/..%2f..%2fapp.py", "/page//etc/passwd"]
)
def test_no_path_leads_out_of_the_page(api, path):
    assert api.client.get(path).status_code == 404


def test_what_is_announced_too_long_is_refused_before_it_is_read(api):
    headers = {"Content-Length": str(guard.MOST_SAID + 1)}
    assert api.refused("PATCH", "/api/session", content=b"{}", headers=headers)[0] == 413


def test_what_is_longer_than_announced_is_refused_too(api, monkeypatch):
    monkeypatch.setattr(guard, "MOST_UPLOADED", 1000)
    pieces = (b"x" * 100 for _ in range(20))
    status, said = api.refused("PUT", "/api/files/a.wav", content=pieces)
    assert (status, said[:9]) == (413, "more than")
    assert not list(api.studio.folder.glob("a*"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "studio.example"])
def test_an_address_that_others_reach_wants_a_password_and_says_what_it_risks(host):
    with pytest.raises(InputError, match=r"other machines: .* not encrypted") as caught:
        serving.check(Address(host))
    assert "SVCFX_STUDIO_PASSWORD" in caught.value.hint
    serving.check(Address(host, password="a long password"))


@pytest.mark.parametrize(("password", "said"), [("short", "at least 12"), ("pässwörter sind gut", "ASCII")])
def test_a_password_that_cannot_stand_for_a_token_is_refused(password, said):
    with pytest.raises(InputError, match=said):
        serving.check(Address(password=password))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.0.1"])
def test_loopback_wants_no_password(host):
    serving.check(Address(host))


def test_a_studio_for_others_is_called_by_an_address_in_figures_and_by_no_strange_name():
    address = Address("0.0.0.0", password="a long password")
    door = guard.Door("t", serving.names(address, 8765), any_address=True)
    assert door.knows("192.168.1.4:8765")
    assert door.knows("[fe80::1]:8765")
    assert not door.knows("rebound.example:8765")
    assert not door.knows("")


def test_a_password_is_not_written_into_the_address():
    assert "token=secret" in serving.url(Address(), 80, "secret")
    assert "secret" not in serving.url(Address(password="secret password"), 80, "secret password")
