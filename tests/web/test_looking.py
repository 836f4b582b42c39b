"""The first page: told to everybody, kept about nobody."""

import gzip
import re

import httpx
import pytest

from bot.channels.hook import Hook, Posted, Reply
from bot.engine.turn import Phrase
from tests.web.served import Served, content


async def look(site: Served, path: str = "/chat", **headers: str) -> httpx.Response:
    async with site.browser(**headers) as browser:
        return await browser.get(path)


async def test_looking_costs_no_row_and_sets_no_cookie(site: Served) -> None:
    answer = await look(site)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert await site.rows() == {}


async def test_the_opening_puzzle_stands_on_the_page_with_its_buttons(site: Served) -> None:
    page = (await look(site)).text
    assert "<strong>Who has more votes?</strong>" in page
    assert 'value="q:1-ravi"' in page
    assert 'role="log"' in page


async def test_the_address_of_the_house_leads_to_the_chat(site: Served) -> None:
    answer = await look(site, "/")
    assert answer.status_code in (302, 307)
    assert answer.headers["location"] == "/chat"


@pytest.mark.parametrize("host", ["evil.example", "evil.example/x?", "[", "evil.example:80\\", ""])
async def test_a_slash_too_many_leads_to_our_chat_whatever_host_was_named(site: Served, host: str) -> None:
    answer = await look(site, "/chat/?c=poster&lang=fr", Host=host)
    assert answer.status_code in (302, 307)
    assert answer.headers["location"] == "/chat?c=poster&lang=fr"


@pytest.mark.parametrize("query", ["%0d%0aSet-Cookie:a=b", "\\evil.example", "//evil.example", "é", "%"])
async def test_what_a_link_carries_never_leads_elsewhere(site: Served, query: str) -> None:
    location = (await look(site, f"/chat/?{query}")).headers["location"]
    assert location.startswith("/chat?")
    assert not re.search(r"[\\\s]", location)


async def never_called(posted: Posted) -> Reply:
    raise AssertionError("a hook has one address")


@pytest.mark.parametrize("path", ["/readyz/", "/healthz/", "/chat/mydata/", "/chat/say/", "/hook/", "/static/a.css/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_other_address_is_mended_and_no_host_is_told_back(site: Served, method: str, path: str) -> None:
    site.app.router.routes.append(Hook("/hook", never_called))
    async with site.browser(Host="evil.example") as browser:
        answer = await browser.request(method, path)
    assert answer.status_code == 404
    assert "evil.example" not in f"{answer.headers} {answer.text}"


@pytest.mark.parametrize(
    ("wish", "code"),
    [("es-MX,es;q=0.9", "es"), ("fr", "fr"), ("sw, fr;q=0.2, es;q=0.8", "es"), ("en;q=0, fr;q=0.1", "fr")],
)
async def test_the_browser_s_languages_choose_the_page_s(site: Served, wish: str, code: str) -> None:
    answer = await look(site, **{"Accept-Language": wish})
    assert f'<html lang="{code}"' in answer.text
    assert answer.headers["content-language"] == code


async def test_a_language_chosen_on_the_page_beats_the_browser_s(site: Served) -> None:
    assert '<html lang="fr"' in (await look(site, "/chat?lang=fr", **{"Accept-Language": "es"})).text


@pytest.mark.parametrize("wish", ["", "*", "xx", ";;;,,,", "q=1", "en;q=2.5.7", "a" * 5000, "zz," * 500 + "fr"])
async def test_where_no_language_fits_the_choice_of_one_is_the_page(site: Served, wish: str) -> None:
    page = (await look(site, **{"Accept-Language": wish})).text
    assert 'value="g:fr"' in page
    assert 'value="q:1-ravi"' not in page


@pytest.mark.parametrize("code", ["nowhere", "<script>alert(1)</script>", "a" * 300, "../../etc", "poster"])
async def test_a_campaign_in_the_link_is_never_echoed(site: Served, code: str) -> None:
    async with site.browser() as browser:
        answer = await browser.get("/chat", params={"c": code})
    assert answer.status_code == 200
    assert code not in answer.text


async def test_nothing_inline_and_nothing_from_elsewhere(site: Served) -> None:
    answer = await look(site)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<style|<script(?! src=\"/static/)|\sstyle=|\son[a-z]+=", answer.text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text)


async def test_page_style_and_script_together_stay_under_sixty_kilobytes(site: Served) -> None:
    async with site.browser(**{"Accept-Encoding": "gzip"}) as browser:
        page = await browser.get("/chat")
        parts = [await browser.get(url) for url in re.findall(r'"(/static/[^"]+)"', page.text)]
    assert len(parts) == 3
    assert all(part.status_code == 200 and "immutable" in part.headers["cache-control"] for part in parts)
    assert page.headers["content-encoding"] == "gzip"
    assert sum(len(gzip.compress(part.content)) for part in (page, *parts)) < 60_000


async def test_whoever_takes_no_gzip_gets_the_page_as_it_is(site: Served) -> None:
    answer = await look(site, **{"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["chat.css", "nothing.js", "..%2f..%2fapp.py", "%00", "."])
async def test_only_the_page_s_own_files_are_served(site: Served, name: str) -> None:
    assert (await look(site, f"/static/{name}")).status_code == 404


async def test_every_word_around_the_talk_is_there(site: Served) -> None:
    for code in ("en", "es", "fr"):
        page = (await look(site, f"/chat?lang={code}")).text
        assert not re.search(
            r"aria-label=\"\"|placeholder=\"\"|<title></title>|content=\"\"|data-text=\"\w+\"></", page
        )


@pytest.mark.parametrize(
    "kept", ["x", "a" * 22, "a" * 5000, "é" * 22, "../../../../etc/passw", "' OR 1=1 --aaaaaaaaaa"]
)
async def test_a_made_up_cookie_finds_nothing(site: Served, kept: str) -> None:
    async with site.browser() as browser:
        await site.start(browser)
    async with site.browser() as stranger:
        answer = await stranger.get("/chat", headers=[(b"cookie", f"talk={kept}".encode())])
    assert answer.status_code == 200
    assert 'data-mark=""' in answer.text


async def test_the_talk_comes_back_with_both_sides_after_a_reload(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        page = (await browser.get("/chat")).text
    told = re.findall(r'<article class="line (\w+)', page)
    assert told == ["bot", "learner", "bot"]
    assert '<p dir="auto">Ravi</p>' in page
    assert page.count("Who has more votes?") == 1


async def test_no_page_carries_the_cookie_or_the_learner_s_id(site: Served) -> None:
    async with site.browser() as browser:
        await site.start(browser)
        page = await browser.get("/chat")
        assert "learner-1" not in page.text
        await site.post(browser, text="mydata")
        assert browser.cookies["talk"] not in page.text + (await browser.get("/chat")).text
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/chats", "/chat/mydata", "/chat/say", "/static/old.js"])
@pytest.mark.parametrize(("wish", "words"), [("en", "To the talk"), ("es", "Ir a la charla"), ("sw", "To the talk")])
async def test_a_wrong_address_leads_people_to_the_talk(site: Served, path: str, wish: str, words: str) -> None:
    answer = await look(site, path, **{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": wish})
    assert answer.status_code == (405 if path == "/chat/say" else 404)
    assert f'<a href="/chat">{words}</a>' in answer.text
    assert path not in answer.text
    assert "set-cookie" not in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert await site.rows() == {}


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/event-stream", ""])
async def test_a_wrong_address_tells_programs_its_number(site: Served, accept: str) -> None:
    answer = await look(site, "/chats", Accept=accept)
    assert (answer.status_code, answer.json()) == (404, {"status": 404})


@pytest.mark.parametrize("code", ["en", "es", "fr"])
def test_on_the_web_nobody_is_told_that_whatsapp_sees_them(code: str) -> None:
    told = content().catalogue.text(Phrase("privacy.text", {"organisation": "us"}), code)
    assert re.search(r"(?:If you|Si me|Si tu) [^.]*WhatsApp", told)


async def test_the_name_of_a_language_is_read_out_in_it(site: Served) -> None:
    page = (await look(site)).text
    assert 'value="g:fr" lang="fr"><span class="label">Français' in page
