"""What the Bot API's refusals mean for us: one table. (tdlib/telegram-bot-api, Client.cpp; November 2026)

Descriptions are compared in lower case: the server and libraries write them in different ones.
"""

from bot.channels.telegram.client import Reply
from bot.outcomes import Later, Left, Refused, Result, Sent, Unknown

UNMODIFIED = "message is not modified"
UNKNOWN = "method not found"
UNPARSED = "can't parse entities"

# A 400 that means that nobody is there; all others mean that we sent something wrong.
GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "peer_id_invalid",
    "bot was blocked",
    "bot was kicked",
)

TROUBLE = 1.0  # seconds before a 5xx is tried again, at first
SETTING = 60.0  # seconds for an operator to put the token right
UNSAID = 5.0  # seconds for a 429 that names none


def outcome(reply: Reply) -> Result:
    """What became of a message, from what the platform answered."""
    if reply.ok:
        return _done(reply.result)
    said = reply.description.lower()
    match reply.status:
        case 400 if UNMODIFIED in said:
            return Sent(None)
        case 429:
            return Later(reply.retry_after or UNSAID, "chat", False, "telegram 429")
        case 403:
            return Left(f"telegram 403: {said}")
        case 400 if any(sign in said for sign in GONE):
            return Left(f"telegram 400: {said}")
        case 404 if UNKNOWN in said:
            return Refused(f"telegram 404: {said}")
        case 401 | 404:
            return Later(SETTING, "account", False, f"telegram {reply.status}: the bot token is not accepted")
        case status if status >= 500:
            return Later(TROUBLE, "part", True, f"telegram {status}")
        case 409:
            return Later(TROUBLE, "account", True, "telegram 409: somebody else uses this bot")
        case status:
            return Refused(f"telegram {status}: {said}")


def _done(result: object) -> Result:
    """A message is told by its number; what only changes one may be answered by a bare yes."""
    number = result.get("message_id") if isinstance(result, dict) else None
    if number is None and result is not True:
        return Unknown("telegram told of no message")
    return Sent(None if number is None else str(number))


def is_unparsed(reply: Reply) -> bool:
    """Our HTML was not understood: the words can still go out plain."""
    return reply.status == 400 and UNPARSED in reply.description.lower()
