"""The usual WhatsApp bot: Starlette, ``RequestValidator``, ``create_async``; state in a dict, the quiz as text."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from benchmarks.contenders.quiz import CHOICES, QUESTIONS, WHY


class Loopback(AsyncTwilioHttpClient):
    """Sends to this machine what is meant for Twilio."""

    def __init__(self, api: str) -> None:
        super().__init__(pool_connections=True)
        self.api = api

    async def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        return await super().request(method, url.replace("https://api.twilio.com", self.api), *args, **kwargs)


def main(api: str, port: int, path: str, sid: str, token: str, sender: str) -> None:
    validator, at = RequestValidator(token), dict[str, int]()
    client: Client | None = None

    async def inbound(request: Request) -> Response:
        nonlocal client
        client = client or Client(sid, token, http_client=Loopback(api))  # its session belongs to the running loop
        form = dict(await request.form())
        url = f"http://127.0.0.1:{port}{path}"
        if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
            return Response(status_code=403)
        who = form["From"]
        step = at[who] = at.get(who, -1) + 1
        labels = "\n".join(f"{number} {label}" for number, (_, label) in enumerate(CHOICES, 1))
        body = f"{WHY}\n\n{QUESTIONS[step % len(QUESTIONS)]}\n{labels}"
        await client.messages.create_async(from_=sender, to=who, body=body)
        return Response("<Response/>", media_type="text/xml")

    uvicorn.run(
        Starlette(routes=[Route(path, inbound, methods=["POST"])]), host="127.0.0.1", port=port, log_level="warning"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
