"""Meta's word on the templates that ask learners in: made and submitted by a command, followed by a running bot.

Nothing is submitted twice. A template that Meta rejected stays rejected until its words are changed, which makes it
another template.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.channels.whatsapp.asked import (
    APPROVED,
    MADE,
    MARKETING,
    MISSING,
    RECEIVED,
    REJECTED,
    UTILITY,
    Asked,
    Known,
    Seen,
    Standing,
)
from bot.channels.whatsapp.client import Client, TemplateRefused

Progress = Callable[[str, Standing], None]
"""Told of every step: ``made`` or ``submitted``, and the template as it stands then."""

UNSUBMITTED = frozenset({"", "unsubmitted"})  # as Twilio calls what Meta has not seen


def seen(content: Mapping[str, Any]) -> Seen:
    """One Content template as GET /v1/ContentAndApprovals has it."""
    told = content.get("approval_requests") or {}
    told = told.get("whatsapp", told)  # GET /v1/Content/{sid}/ApprovalRequests has it one level deeper
    name, sid = str(content.get("friendly_name") or ""), str(content.get("sid") or "")
    return Seen(name, sid, _state(told), _category(told), _reason(told))


def _state(told: Mapping[str, Any]) -> str:
    state = str(told.get("status") or "").lower()
    return MADE if state in UNSUBMITTED else state[:32]


def _category(told: Mapping[str, Any]) -> str:
    return str(told.get("category") or "").lower()[:32]


def _reason(told: Mapping[str, Any]) -> str:
    reason = str(told.get("rejection_reason") or "")
    return "" if reason.upper() == "NONE" else " ".join(reason.split())[:500]


def standings(wanted: Iterable[Asked], contents: Iterable[Mapping[str, Any]]) -> list[Standing]:
    """How each wanted template stands, without changing anything."""
    there = _by(contents, "name")
    return [Standing.of(asked).at(there[asked.name]) if asked.name in there else Standing.of(asked) for asked in wanted]


def _by(contents: Iterable[Mapping[str, Any]], field: str) -> dict[str, Seen]:
    """By name or sid. Twilio keeps names twice if it is asked to: an approved one counts."""
    found: dict[str, Seen] = {}
    for one in map(seen, contents):
        key = getattr(one, field)
        if key not in found or one.state == APPROVED:
            found[key] = one
    return found


async def sync(client: Client, wanted: Sequence[Asked], progress: Progress) -> AsyncIterator[Standing]:
    """Makes what is missing and submits what Meta has not seen, one after the other; safe to repeat.

    One that Twilio refuses is no reason to leave the others out: it stays as it is, with what Twilio said.
    """
    for asked, standing in zip(wanted, standings(wanted, await client.judged_templates()), strict=True):
        now = standing
        try:
            if now.state == MISSING:
                now = replace(now, sid=await client.create_template(asked.body()), state=MADE)
                progress("made", now)
            if now.state == MADE:
                now = _submitted(now, await client.submit_template(now.sid, now.name, UTILITY.upper()))
                progress("submitted", now)
        except TemplateRefused as refused:
            now = replace(now, reason=str(refused))
        yield now


def _submitted(standing: Standing, told: Mapping[str, Any]) -> Standing:
    state = _state(told)
    return replace(
        standing,
        state=RECEIVED if state == MADE else state,
        category=_category(told) or standing.category,
        reason=_reason(told),
    )


async def followed(client: Client, known: Known) -> dict[str, Standing]:
    """The same templates as they stand now."""
    there = _by(await client.judged_templates(), "sid")
    return {name: standing.at(there.get(standing.sid)) for name, standing in known.items()}


def advice(standing: Standing) -> str:
    """What an operator should do about it; empty where there is nothing to do."""
    if standing.state == REJECTED:
        return f"Change the words of asked.{standing.kind} ({standing.language}): that makes a new template. Then sync."
    if standing.state in ("paused", "disabled"):
        return "Meta does so when people block or report it. Look at it in Meta's WhatsApp Manager."
    if standing.approved and standing.category == MARKETING:
        return "Meta takes it for marketing: dearer, and not for everybody. Plainer words make a new template."
    if standing.state in (MISSING, MADE):
        return "Mend what Twilio names, then sync." if standing.reason else "Run: sse-bot templates sync"
    return ""
