"""Health, figures and headers: for machines, and for nobody else."""

import secrets
from pathlib import Path

import pytest

from tests.web.served import Served, served

LOCAL = ("127.0.0.1", 50_000)


async def test_the_process_says_that_it_is_alive(site: Served) -> None:
    async with site.browser() as machine:
        answer = await machine.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_platform_s_outage_does_not_make_us_unready(site: Served) -> None:
    site.state["channels"] = {"web": "ok", "telegram": "cannot be reached"}
    async with site.browser() as machine:
        answer = await machine.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["channels"]["telegram"] == "cannot be reached"


@pytest.mark.parametrize("part", ["database", "content"])
async def test_without_database_or_content_we_are_not_ready(site: Served, part: str) -> None:
    site.state[part] = "damaged"
    async with site.browser() as machine:
        assert (await machine.get("/readyz")).status_code == 503


async def test_figures_are_for_this_machine(site: Served) -> None:
    async with site.browser(LOCAL) as machine:
        answer = await machine.get("/metrics")
    assert (answer.status_code, answer.text) == (200, "learners 1\n")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_what_a_proxy_passes_on_does_not_come_from_this_machine(site: Served, header: str) -> None:
    async with site.browser(LOCAL, **{header: "127.0.0.1"}) as machine:
        assert (await machine.get("/metrics")).status_code == 404


async def test_figures_are_nobody_else_s_without_the_token(tmp_path: Path) -> None:
    token = secrets.token_urlsafe(24)
    async with served(tmp_path, metrics_token=token) as site:
        for given, status in ((f"Bearer {token}", 200), (token, 404), (f"Bearer {token}x", 404), ("Bearer é", 404)):
            async with site.browser() as machine:
                answer = await machine.get("/metrics", headers=[(b"authorization", given.encode())])
            assert answer.status_code == status
            assert token not in answer.text


async def test_without_a_token_being_set_none_opens_the_figures(site: Served) -> None:
    for given in ("Bearer ", "Bearer None", ""):
        async with site.browser(Authorization=given) as machine:
            assert (await machine.get("/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("contact", "line"),
    [("hole@example.org", "mailto:hole@example.org"), ("https://example.org/report", "https://example.org/report")],
)
async def test_whom_to_tell_about_a_hole(tmp_path: Path, contact: str, line: str) -> None:
    async with served(tmp_path, contact=contact) as site, site.browser() as machine:
        text = (await machine.get("/.well-known/security.txt")).text
    assert f"Contact: {line}\n" in text
    assert "Expires: 2027-05-23T00:00:00Z\n" in text


async def test_without_a_contact_there_is_nobody_to_tell(site: Served) -> None:
    async with site.browser() as machine:
        assert (await machine.get("/.well-known/security.txt")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/chat", "/healthz", "/nowhere", "/chat/say", "/static/none.js", "/chat/events?after=x"]
)
async def test_every_answer_carries_the_headers_of_the_house(site: Served, path: str) -> None:
    async with site.browser() as machine:
        headers = (await machine.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "camera=()" in headers["permissions-policy"]


async def test_an_unknown_page_says_its_number_and_nothing_of_the_address(site: Served) -> None:
    async with site.browser() as machine:
        answer = await machine.get("/<script>alert(1)</script>")
    assert (answer.status_code, answer.json()) == (404, {"status": 404})
