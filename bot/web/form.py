"""The talk without a script: the page is a form, and the page anew is its answer.

For browsers that run no script of ours, and for the tap that comes before the script has.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import Unavailable
from bot.web import cookie
from bot.web.around import around
from bot.web.chat import Chat
from bot.web.lines import shown_message
from bot.web.peer import own_form
from bot.web.saying import LETTERS, Filled, filled
from bot.web.site import Outcome

MOMENTS = 60  # seconds after an answer in which a page without its talk means that the browser keeps no cookie
NOTES = {413: "long", 429: "once_more", 503: "once_more"}


class Form:
    """What is typed or tapped comes as a form, and goes the way of every other post."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.site = chat, chat.site

    async def look(self, request: Request) -> Response:
        """The page; where somebody has just answered and is nobody now, with a word about cookies."""
        answered = request.query_params.get("said", "")
        lost = self._just_now(answered) and await self.chat.learner(request) is None
        return await self.chat.page(request, note="cookie" if lost else "")

    async def say(self, request: Request) -> Response:
        """Words or a tap; what cannot be taken stays in the field, with a word about it."""
        try:
            if not own_form(request, self.site.settings.public_url):
                raise HTTPException(403)
            form = await filled(request)
        except HTTPException as refused:
            return await self._not_taken(request, refused)
        if len(form.text) > LETTERS:
            return await self._not_taken(request, HTTPException(413), form.text)
        try:
            return await self._taken(request, form)
        except HTTPException as refused:
            return await self._not_taken(request, refused, form.text)
        except Unavailable:
            return await self._not_taken(request, HTTPException(503, headers={"Retry-After": "2"}), form.text)

    async def _taken(self, request: Request, form: Filled) -> Response:
        learner = await self.chat.learner(request)
        if form.talk != (cookie.mark(learner.id) if learner else ""):
            return await self.chat.page(request, typed=form.text)  # it stood under another talk: this is what is so
        if not (form.data or form.text):
            return await self.chat.page(request)
        said = form.saying(request.query_params.get("lang"), request.query_params.get("c"))
        token, outcome = await self.chat.taken(request, said)
        if outcome.erased:
            return self._farewell(request, outcome)
        answer = await self._anew(request, form)
        cookie.hand_out(answer, token, self.site.secure)
        return answer

    async def _anew(self, request: Request, form: Filled) -> Response:
        """The page, at its newest message. Words that were typed beside a tap stay in the field."""
        if form.data and form.text and form.talk:
            return await self.chat.page(request, typed=form.text)
        return RedirectResponse(f"/chat?said={int(self.site.service.clock().timestamp())}#now", 303)

    def _farewell(self, request: Request, outcome: Outcome) -> Response:
        """Everything is deleted: the last words stand alone."""
        lines = [shown_message(message) for message in outcome.messages]
        language = lines[-1]["lang"] if lines else self.site.library().languages[0].code
        answer = self.chat.drawn(request, lines, around(language, self.site.catalogue()))
        cookie.take_back(answer, self.site.secure)
        return answer

    async def _not_taken(self, request: Request, refused: HTTPException, typed: str = "") -> Response:
        answer = await self.chat.page(request, note=NOTES.get(refused.status_code, "refused"), typed=typed)
        answer.status_code = refused.status_code
        answer.headers.update(refused.headers or {})
        return answer

    def _just_now(self, answered: str) -> bool:
        if not (answered.isascii() and answered.isdigit() and len(answered) <= len("1700000000")):
            return False
        return 0 <= self.site.service.clock().timestamp() - int(answered) <= MOMENTS
