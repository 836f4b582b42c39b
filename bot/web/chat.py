"""The web chat: a page to look at, a place to post to, a stream to listen to, one's own data to take home.

Nothing takes a learner's id: whoever holds the cookie is the learner. Looking costs no row and sets no cookie.
"""

import asyncio
import gzip
import secrets
from collections import OrderedDict
from typing import Any
from weakref import WeakValueDictionary

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.engine.events import Said, Started, Tapped
from bot.engine.languages import opened_in
from bot.engine.learner import Learner
from bot.web import cookie, stream
from bot.web.around import around, ideas, spoken_here
from bot.web.assets import packed
from bot.web.headers import PAGE_POLICY
from bot.web.lines import Shown, shown, shown_message
from bot.web.opening import is_unsure, opening
from bot.web.own_data import own_data
from bot.web.peer import household, own_origin, peer
from bot.web.pictures import is_light, saves_data
from bot.web.saying import Saying, Start, cursor, refuse, saying
from bot.web.sheets import sheet
from bot.web.site import Outcome, Site
from bot.web.tongues import wished

NO_STORE = {"Cache-Control": "no-store"}
LINES = 300  # of a talk on a page when it is loaded: more than a week of lessons
FIRST_POSTS = 10_000  # first posts remembered, so that a repeated one finds its talk


class Chat:
    """The pages of the talk."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._first: OrderedDict[str, str] = OrderedDict()
        self._beginning: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by post; gone with its copies

    async def home(self, request: Request) -> Response:
        """To the chat, with the campaign or language that the link carries. No host is named, so it is always ours."""
        carried = request.scope["query_string"].decode("latin-1")
        return RedirectResponse(f"/chat?{carried}" if carried else "/chat")

    async def page(self, request: Request, note: str = "", typed: str = "") -> Response:
        """The talk so far, or the opening for somebody who is not there yet.

        ``note`` names the word above the field (``web.<note>``); what was ``typed`` still stands in it.
        """
        learner = await self.learner(request)
        catalogue, library = self.site.catalogue(), self.site.library()
        wishes = wished(request, request.query_params.get("lang"))
        light = is_light(learner, saves_data(request))
        if learner is None:
            lines = [opening(wishes, library, catalogue)]
            language, kept, mark = spoken_here(wishes, library), "", ""
        else:
            lines = [shown(line) for line in (await self.site.store.chat_lines(learner.id, 0))[-LINES:]]
            language, kept, mark = learner.language, ideas(learner, catalogue), cookie.mark(learner.id)
        lines = [self.site.pictures.hung(line, light=light) for line in lines]
        return self.drawn(
            request, lines, around(language, catalogue), ideas=kept, mark=mark, opening=learner is None,
            unsure=learner is None and is_unsure(wishes, library), note=note, typed=typed,
        )  # fmt: skip

    def drawn(
        self, request: Request, lines: list[Shown], words: dict[str, Any], *,
        ideas: str = "", mark: str = "", opening: bool = False, unsure: bool = False, note: str = "", typed: str = "",
    ) -> Response:  # fmt: skip
        """The page with these lines."""
        html = (
            sheet("chat.html")
            .render(
                lines=lines,
                newest=max((place for place, line in enumerate(lines) if line["side"] == "bot"), default=0),
                page=words,
                t=words["words"],
                languages=self.site.library().languages,
                url=self.site.assets.url,
                public_url=self.site.settings.public_url,
                page_id=secrets.token_hex(16),
                ideas=ideas,
                mark=mark,
                opening=opening,
                unsure=unsure,
                note=words["words"][note] if note else "",
                typed=typed,
            )
            .encode()
        )
        answer = packed(request, html, gzip.compress(html, 5), media_type="text/html", caching="no-store")
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
        answer.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
        answer.headers["Content-Language"] = words["code"]
        return answer

    async def learner(self, request: Request) -> Learner | None:
        """Whoever holds the cookie."""
        return await self.site.learner(await self._learner_at(cookie.token_of(request, self.site.secure)))

    async def say(self, request: Request) -> Response:
        """Words or a tap. Answered after they are stored; the same post twice has one effect."""
        if not own_origin(request, self.site.settings.public_url):
            raise refuse(403)
        said = await saying(request)
        token, outcome = await self.taken(request, said)
        return await self._told(said, token, outcome, saves_data(request))

    async def taken(self, request: Request, said: Saying) -> tuple[str, Outcome]:
        """The talk that a post belongs to, and what came of it there."""
        known = await self._known(request, said)
        if known is not None:
            return await self._stored(request, said, known)
        # Copies of a post that begins a talk go one by one: until it has begun, nobody can tell that it is theirs too.
        async with self._beginning.setdefault(said.id, asyncio.Lock()):
            return await self._stored(request, said, await self._known(request, said))

    async def _stored(self, request: Request, said: Saying, known: str | None) -> tuple[str, Outcome]:
        self._brake(request, known)
        token = known or self._new_talk(said)
        return token, await self._handle(request, said, token, new=known is None)

    async def _known(self, request: Request, said: Saying) -> str | None:
        """The token of a talk that is there: the cookie's, or the one this very post has begun before."""
        for token in (cookie.token_of(request, self.site.secure), self._first.get(said.id)):
            if await self._learner_at(token) is not None:
                return token
        return None

    def _brake(self, request: Request, token: str | None) -> None:
        """Too fast: the page waits and tries again by itself."""
        if token is not None:
            wait = self.site.posts.wait(token)
        else:
            wait = self.site.new_talks.wait(household(peer(request, self.site.settings.trusted_proxies)))
        if wait:
            raise refuse(429, **{"Retry-After": str(int(wait) + 1)})

    def _new_talk(self, said: Saying) -> str:
        """A cookie for somebody new. The post's id finds it again when our answer was lost on the way."""
        token = self._first[said.id] = cookie.new_token()
        if len(self._first) > FIRST_POSTS:
            self._first.popitem(last=False)
        return token

    async def _handle(self, request: Request, said: Saying, token: str, *, new: bool) -> Outcome:
        """The event of a post; before the first one of a page, the start that its opening stands for."""
        facts: dict[str, Any] = {
            "address": cookie.address(token),
            "at": self.site.service.clock(),
            "languages": wished(request, said.language),
            "zone": said.zone,
        }
        if new and said.start is not None:
            await self._start(said.start, said.text or "", cookie.event_id(token, f"{said.id}|start"), facts)
        event_id = cookie.event_id(token, said.id)
        if said.data is not None:
            return await self.site.service.handle(Tapped(id=event_id, data=said.data, **facts))
        return await self.site.service.handle(Said(id=event_id, text=said.text or "", **facts))

    async def _start(self, start: Start, text: str, event_id: str, facts: dict[str, Any]) -> None:
        """The start that an opening stands for, in the language that words typed under it tell.

        A greeting and the like begin the talk by themselves, unless a partner sent them here.
        """
        library = self.site.library()
        told = opened_in(text, library)
        if told and not library.campaigns(start.campaign or ""):
            return
        facts = facts | {"languages": ((told,) if told else ()) + facts["languages"]}
        await self.site.service.handle(Started(id=event_id, campaign=start.campaign, **facts))

    async def _told(self, said: Saying, token: str, outcome: Outcome, saving: bool) -> Response:
        """Which talk this is now; and its new lines, also where a stream is open: it may be one that brings nothing."""
        if outcome.erased:
            last_words = [shown_message(message) for message in outcome.messages]
            answer = _json({"talk": "", "erased": True, "lines": last_words})
            cookie.take_back(answer, self.site.secure)
            return answer
        learner_id = await self._learner_at(token)
        lines: list[Shown] = []
        if learner_id is not None:
            light = is_light(await self.site.learner(learner_id), saving)
            kept = (await self.site.store.chat_lines(learner_id, said.after))[-LINES:]
            lines = [self.site.pictures.hung(shown(line), light=light) for line in kept]
        answer = _json({"talk": cookie.mark(learner_id) if learner_id else "", "erased": False, "lines": lines})
        cookie.hand_out(answer, token, self.site.secure)
        return answer

    async def listen(self, request: Request) -> Response:
        """The stream of this browser's talk; a page that shows another one is told so."""
        after = cursor(request)
        token = cookie.token_of(request, self.site.secure)
        learner_id = await self._learner_at(token)
        if token is None or learner_id is None or request.query_params.get("talk") != cookie.mark(learner_id):
            return stream.Stream(stream.stopped("gone"), self.site.seats.seat(""))
        if self.site.wakes.closed or not self.site.seats.free(learner_id):
            raise refuse(503, **{"Retry-After": "10"})
        lines = stream.talk(self.site, learner_id, after, saves_data(request))
        return stream.Stream(lines, self.site.seats.seat(learner_id))

    async def my_data(self, request: Request) -> Response:
        """Everything that is kept about whoever holds the cookie, as a file."""
        return await own_data(self.site, await self._learner_at(cookie.token_of(request, self.site.secure)))

    async def _learner_at(self, token: str | None) -> str | None:
        return await self.site.store.learner_at(cookie.address(token)) if token else None


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=NO_STORE)
