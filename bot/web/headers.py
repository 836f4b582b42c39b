"""Headers that every answer carries. A page that needs more may say so itself; it cannot forget one."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing inline, nothing from elsewhere: what a learner types can never become code.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NO_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'"
ALWAYS = {
    "Content-Security-Policy": NO_PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # nobody else hears of it; an old browser's form must say where it stands
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
HTTPS_ONLY = "max-age=31536000"


def always(secure: bool) -> dict[str, str]:
    """The headers; ``secure`` where the public address is https."""
    return ALWAYS | ({"Strict-Transport-Security": HTTPS_ONLY} if secure else {})


class Headers:
    """Adds what an answer does not say for itself."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.added = always(secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
