"""Takes out of open text what leads to a person: e-mail addresses, links, handles, phone and other long numbers.

Names cannot be told from other words without reading along, so they stay; ``docs/export.md`` says so. In doubt a
word too many goes: a lost date hurts nobody, a published number may.
"""

import re

EMAIL, LINK, HANDLE, PHONE = "[e-mail]", "[link]", "[handle]", "[phone]"

# Nothing to take out has none of these; most of what people write is done with here.
TRACE = re.compile(r"[@＠:：=\d_]|\w[.．。]\w|[\[({]\s*a")

# Addresses in plain Latin letters first: in Chinese no space parts them from the words around.
DOMAIN = r"[A-Za-z0-9-]+(?:[.．。][A-Za-z0-9-]+)+"
LATIN_EMAILS = re.compile(rf"(?<![A-Za-z0-9._%+\-\u00c0-\u024f])[A-Za-z0-9._%+-]+(?:[@＠]|\s[@＠]\s){DOMAIN}")
EMAILS = re.compile(
    r"[\w.%+-]+[@＠][\w-]+(?:[.．。][\w-]+)+"
    r"|[A-Za-z0-9._%+-]+\s*[\[({]\s*(?:at|arroba|arobase|a)\s*[\])}]\s*[A-Za-z0-9-]+"
    r"(?:\s*(?:\.|[\[({]\s*(?:dot|punto|point)\s*[\])}])\s*[A-Za-z0-9-]+)+",
    re.IGNORECASE,
)

ENDINGS = (
    "com|org|net|info|biz|io|me|app|dev|edu|gov|int|ngo|coop|club|online|site|xyz|link|page|blog|shop|live|chat|"
    "co|tv|ly|gl|gg|eu|uk|us|ca|mx|ar|br|cl|pe|ec|bo|uy|py|ve|es|fr|be|ch|de|it|pt|nl|ma|dz|tn|eg|sn|ci|cm|ml|"
    "za|ke|ng|in|cn|hk|tw|jp|kr|ru|au|nz|ph|id|sa|ae|jo|lb"
)
# A link ends where a space or a full-width mark stands: what follows in Chinese is parted by nothing else.
REST = r"[^\s\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]"
LINKS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*://|mailto:|tel:|www\.){REST}+"
    rf"|(?<![A-Za-z0-9.@])(?:[a-z0-9-]+\.)+[a-z]{{2,}}/{REST}*"
    rf"|(?<![A-Za-z0-9.@])(?:[a-z0-9-]+\.)+(?:{ENDINGS})(?![A-Za-z0-9-])",
    re.IGNORECASE,
)
CLOSING = ".,;:!?)]}»”’\"'…"  # belongs to the sentence, not to the link

NETWORKS = (
    "telegram|instagram|insta|ig|twitter|tiktok|tik tok|snapchat|snap|facebook|fb|messenger|linkedin|discord|skype|"
    "line id|wechat|weixin|whatsapp|微信|微博|抖音|qq|تيليجرام|تلغرام|تيليغرام|انستغرام|انستقرام|إنستغرام|"
    "سناب|سناب شات|فيسبوك|تويتر|واتساب|واتس"
)
# "Instagram: lina_91", "微信号：abc", "my snap is lina": a name after the name of a network.
NAMED = re.compile(
    rf"(?<![A-Za-z0-9])((?:{NETWORKS})(?:\s*(?:id|user|name|号|号码|号是|是|is|es|est|هو))?)"
    rf"(?:\s*[:：=]\s*[\"'«“]?(?P<after_colon>[^\s,;，。；、]+)|(?P<gap>\s*)(?P<code>[A-Za-z][A-Za-z0-9.-]*[\d_][A-Za-z0-9_.-]*))",
    re.IGNORECASE,
)
HANDLES = re.compile(r"(?<![A-Za-z0-9_])[@＠][\w.]*\w")

# Seven digits or more with nothing but the marks of a phone number between them, in any script's digits.
UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\u20e3"
NUMBERS = re.compile(rf"[+＋(（]*\d(?:[\s\u00a0{UNSEEN}().\-‐-―−/（）－．·•_*~]{{0,3}}\d){{6,}}")
ROUND = re.compile(r"\d{1,3}(?:[\s\u00a0\u202f.]000)+")  # a million is no phone number
DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
YEARS = re.compile(r"(?:19|20)\d\d\s?[-–—/]\s?(?:19|20)\d\d")
FEWEST_DIGITS = 5  # no phone number anywhere is shorter and still a person's


def scrubbed(text: str, country: str | None = None) -> str:
    """The text without what leads to a person; ``country`` tells how local phone numbers look."""
    if not TRACE.search(text):
        return text
    text = EMAILS.sub(EMAIL, LATIN_EMAILS.sub(EMAIL, text))
    text = LINKS.sub(_link, text)
    text = NAMED.sub(_named, text)
    text = HANDLES.sub(HANDLE, text)
    return _without_numbers(text, country) if _digits(text) >= FEWEST_DIGITS else text


def _link(found: re.Match[str]) -> str:
    link = found[0].rstrip(CLOSING)
    return LINK + found[0][len(link) :]


def _named(found: re.Match[str]) -> str:
    gap = found["gap"]
    return f"{found[1]}: {HANDLE}" if gap is None else f"{found[1]}{gap}{HANDLE}"


def _without_numbers(text: str, country: str | None) -> str:
    text = NUMBERS.sub(_number, text)
    if _digits(text) < FEWEST_DIGITS:
        return text
    from phonenumbers import Leniency, PhoneNumberMatcher  # a fifth of a second that most exports do without

    for match in reversed(list(PhoneNumberMatcher(text, country, leniency=Leniency.VALID))):
        if not _is_harmless(match.raw_string):
            text = text[: match.start] + PHONE + text[match.end :]
    return text


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _number(found: re.Match[str]) -> str:
    return found[0] if _is_harmless(found[0]) else PHONE


def _is_harmless(number: str) -> bool:
    return any(pattern.fullmatch(number.strip()) for pattern in (ROUND, DATE, YEARS))
