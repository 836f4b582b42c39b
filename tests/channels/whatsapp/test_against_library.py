"""The lean way of sending agrees with Twilio's library: the same address, credentials and form on the wire."""

import asyncio
from urllib.parse import parse_qsl

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client as Library

from bot.channels.whatsapp.client import Account, Client

SID, TOKEN, SENDER = "AC0123456789abcdef0123456789abcdef", "a-token-of-our-own-making", "whatsapp:+14155238886"
LEARNER = "whatsapp:+254700000001"
FIELDS = {
    "Body": "¿Quién decide? *1* + 1 = 2 & más\nالتعاونية",
    "StatusCallback": "https://bot.example.org/x?part=1&sign=a",
}
CREATED = b'{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued"}'
ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(CREATED), CREATED)


class Recording:
    """A server that takes requests down: their first line, headers and form."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = []

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append((first, headers, sorted(parse_qsl(body.decode(), strict_parsing=True))))
        writer.write(
            b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(CREATED) + CREATED
        )
        await writer.drain()
        writer.close()


async def test_a_message_is_the_same_request() -> None:
    recording = Recording()
    async with await asyncio.start_server(recording.hear, "127.0.0.1", 0) as server:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ours = Client(Account(SID, TOKEN, SENDER, base=base))
        reply = await ours.create_message(LEARNER, FIELDS)
        await ours.close()
        await asyncio.to_thread(_by_the_library, base)
    assert (reply.status, reply.body["status"]) == (201, "queued")
    (first, headers, form), (their_first, their_headers, their_form) = recording.taken
    assert (first, form) == (their_first, their_form)
    for name in ("authorization", "content-type", "host", "accept"):
        assert headers[name] == their_headers[name]


def _by_the_library(base: str) -> None:
    library = Library(SID, TOKEN, http_client=TwilioHttpClient(pool_connections=False))
    library.api.base_url = base
    library.messages.create(
        to=LEARNER, from_=SENDER, body=FIELDS["Body"], status_callback=FIELDS["StatusCallback"]
    )  # fmt: skip
