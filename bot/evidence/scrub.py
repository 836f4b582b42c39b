"""Takes out of open text what leads to a person: e-mail addresses, links, handles, phone and other long numbers.

Names cannot be told from other words without reading along, so they stay; ``docs/export.md`` says so. In doubt a
word too many goes: a lost date hurts nobody, a published number may.
"""

import re
from itertools import pairwise

EMAIL, LINK, HANDLE, PHONE = "[e-mail]", "[link]", "[handle]", "[phone]"

# Nothing to take out has none of these; most of what people write is done with here.
TRACE = re.compile(r"[@＠:：=\d⓪-⓿①-⒛❶-➓⁰¹²³⁴-⁹₀-₉_]|\w[.．。]\w|[\[({]\s*a")

# Addresses in plain Latin letters first: in Chinese no space parts them from the words around.
DOMAIN = r"[A-Za-z0-9-]+(?:[.．。][A-Za-z0-9-]+)+"
LATIN_EMAILS = re.compile(rf"(?<![A-Za-z0-9._%+\-\u00c0-\u024f])[A-Za-z0-9._%+-]+(?:[@＠]|\s[@＠]\s){DOMAIN}")
EMAILS = re.compile(
    r"[\w.%+-]+[@＠][\w-]+(?:[.．。][\w-]+)+"
    r"|[A-Za-z0-9._%+-]+\s*[\[({]\s*(?:at|arroba|arobase|a)\s*[\])}]\s*[A-Za-z0-9-]+"
    r"(?:\s*(?:\.|[\[({]\s*(?:dot|punto|point)\s*[\])}])\s*[A-Za-z0-9-]+)+",
    re.IGNORECASE,
)

# What a name on the net ends in: the general ones people meet, and those of all countries (IANA's root zone).
GENERAL = (
    "com|org|net|info|biz|app|dev|edu|gov|int|ngo|coop|club|online|site|xyz|link|page|blog|shop|live|chat|"
    "africa|asia|lat|cat|gal|eus|quebec|mobi"
)
COUNTRIES = (
    "ac|ad|ae|af|ag|ai|al|am|ao|aq|ar|as|at|au|aw|ax|az|ba|bb|bd|be|bf|bg|bh|bi|bj|bm|bn|bo|br|bs|bt|bv|bw|by|bz|"
    "ca|cc|cd|cf|cg|ch|ci|ck|cl|cm|cn|co|cr|cu|cv|cw|cx|cy|cz|de|dj|dk|dm|do|dz|ec|ee|eg|er|es|et|eu|fi|fj|fk|fm|fo|"
    "fr|ga|gb|gd|ge|gf|gg|gh|gi|gl|gm|gn|gp|gq|gr|gs|gt|gu|gw|gy|hk|hm|hn|hr|ht|hu|id|ie|il|im|in|io|iq|ir|is|it|je|"
    "jm|jo|jp|ke|kg|kh|ki|km|kn|kp|kr|kw|ky|kz|la|lb|lc|li|lk|lr|ls|lt|lu|lv|ly|ma|mc|md|me|mg|mh|mk|ml|mm|mn|mo|mp|"
    "mq|mr|ms|mt|mu|mv|mw|mx|my|mz|na|nc|ne|nf|ng|ni|nl|no|np|nr|nu|nz|om|pa|pe|pf|pg|ph|pk|pl|pm|pn|pr|ps|pt|pw|py|"
    "qa|re|ro|rs|ru|rw|sa|sb|sc|sd|se|sg|sh|si|sj|sk|sl|sm|sn|so|sr|ss|st|su|sv|sx|sy|sz|tc|td|tf|tg|th|tj|tk|tl|tm|"
    "tn|to|tr|tt|tv|tw|tz|ua|ug|uk|us|uy|uz|va|vc|ve|vg|vi|vn|vu|wf|ws|ye|yt|za|zm|zw"
)
ENDINGS = f"{GENERAL}|{COUNTRIES}"
# Of these endings, those that are short words or titles too (en, es, fr): where the space after a full stop is
# missing they stand behind a dot and are no link: "al fin.la idea".
WORD = re.compile(
    "ad|ai|al|am|as|at|au|be|by|ca|ci|co|cu|da|de|do|es|et|eu|id|il|im|in|is|it|je|la|ma|me|mr|ms|mu|my|ne|ni|no|nu|"
    "pa|pm|re|sa|se|sh|si|so|sr|st|su|to|us|va|ve|vi|vu",
    re.IGNORECASE,
)
# People in these countries and places write their links so; behind them a link is meant, whatever comes next.
LIKELY = re.compile("au|be|ca|ci|co|de|es|eu|id|in|it|ma|me|sa|us|ve", re.IGNORECASE)
UNIT = re.compile("km|kg|ml|mm|cm|mg|gb|mb|ms", re.IGNORECASE)  # endings too: "10.km"
GOES_ON = re.compile(r"\s+[^\W\d_]")
LABEL = r"[a-z0-9\u00c0-\u024f-]+"
# A link ends where a space or a full-width mark stands: what follows in Chinese is parted by nothing else.
REST = r"[^\s\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]"
LINKS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*://|mailto:|tel:|www\.){REST}+"
    rf"|(?<![A-Za-z0-9.@\u00c0-\u024f-])(?:{LABEL}\.)+[a-z]{{2,}}/{REST}*"
    rf"|(?<![A-Za-z0-9.@\u00c0-\u024f-])(?P<host>(?:{LABEL}\.)+)(?P<ending>{ENDINGS})(?![A-Za-z0-9\u00c0-\u024f-])",
    re.IGNORECASE,
)
# "lina@ gmail .com": spaces against the scrubbing. A space after the dot begins a sentence unless what follows is no
# word, so then only endings count that are none.
NO_WORDS = "|".join(ending for ending in ENDINGS.split("|") if not WORD.fullmatch(ending))
SPACED_EMAILS = re.compile(
    r"(?<![A-Za-z0-9._%+\-\u00c0-\u024f])[A-Za-z0-9._%+-]+(?:\s{0,2}[@＠]\s{1,2}|[@＠])"
    r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
    rf"\s{{0,2}}\.(?:(?:{ENDINGS})|\s{{1,2}}(?:{NO_WORDS}))(?![A-Za-z0-9-])",
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
    rf"(?<![A-Za-z0-9])(?P<network>(?:{NETWORKS})(?P<said>\s*(?:id|user|name|号|号码|号是|是|is|es|est|هو)){{0,2}})"
    rf"(?:\s*[:：=]\s*[\"'«“]?(?P<after_colon>[^\s,;，。；、]+)|(?P<gap>\s*)(?P<code>[A-Za-z][A-Za-z0-9.-]*[\d_][A-Za-z0-9_.-]*)"
    r"|(?P<space>\s+)(?P<dotted>[A-Za-z0-9-]{2,}(?:\.[A-Za-z0-9-]{2,})+))",
    re.IGNORECASE,
)
# "Instagram is great.but slow": no name, but a sentence that goes on without a space.
JOINING = re.compile("and|but|the|they|this|that|you|for|not|que|pero|los|las|les|des|una|une|por|con|mais|est|pas")
HANDLES = re.compile(r"(?<![A-Za-z0-9_])[@＠][\w.]*\w|(?<![\w.])[\w.]{2,32}#\d{4}(?!\d)")  # lina#1234

# Digits drawn in circles, in brackets, with a full stop, raised or lowered, which are none to ``\\d``.
DRAWN = "⓪①-⑨⓿❶-❾➀-➈➊-➒⓵-⓽⑴-⑼⒈-⒐⁰¹²³⁴-⁹₀-₉"
# Seven digits or more with nothing but the marks of a phone number between them, in any script's digits.
UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\u20e3"
DIGIT = rf"[\d{DRAWN}]"
NUMBERS = re.compile(rf"[+＋(（]*{DIGIT}(?:[\s\u00a0{UNSEEN}().\-‐-―−/（）－．·•_*~]{{0,3}}{DIGIT}){{6,}}")
ROUND = re.compile(r"\d{1,3}(?:[\s\u00a0\u202f.]000)+")  # a million is no phone number
ROUND_PHONE = re.compile(r"[6-9]\d\d[\s\u00a0\u202f.]000[\s\u00a0\u202f.]000")  # but this may be, in many countries
# Parted by marks that also part thousands and lists: "600,112,233", "911, 234, 567".
PARTED = re.compile(
    r"(?<![\d.,:;'’，：；、،؛])\+?\d{1,4}(?P<mark>[,:;'’，：；、،؛])\s?\d{1,4}(?:(?P=mark)\s?\d{1,4})*(?!\d)"
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[,'’]\d{3})+")
NINE_DIGITS = re.compile(r"[5-9]\d\d(?:[,'’]\d{3}){2}")  # as phones begin where they have nine
MONEY = re.compile(r"(?:[$€£¥]|\b(?:USD|EUR))\s?$", re.IGNORECASE)
COUNTED = re.compile(
    r"\s?[$€£¥]|\s(?:of\s|de\s|d['’])?(?:US )?(?:dollars?|d[óo]lares|euros?|pesos|soles|quetzales|colones|francs?|"
    r"f?cfa|usd|eur|people|persons|personas|personnes|members|miembros|membres|soci[oa]s|workers|trabajador|"
    r"travailleu|users|usuari[oa]s|inhabitants|habitant|women|mujeres|femmes|jobs|empleos|emplois|tons|toneladas|tonnes)",
    re.IGNORECASE,
)
DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d")
YEARS = re.compile(r"(?:19|20)\d\d\s?[-–—/]\s?(?:19|20)\d\d")
YEAR = re.compile(r"(?:19|20)\d\d")
LONG = 7  # from so many on it may be a phone number, as in NUMBERS
FEWEST_DIGITS = 5  # no phone number anywhere is shorter and still a person's


def scrubbed(text: str, country: str | None = None) -> str:
    """The text without what leads to a person; ``country`` tells how local phone numbers look."""
    if not TRACE.search(text):
        return text
    text = EMAILS.sub(EMAIL, LATIN_EMAILS.sub(EMAIL, text))
    text = SPACED_EMAILS.sub(EMAIL, text)
    text = LINKS.sub(_link, text)
    text = NAMED.sub(_named, text)
    text = HANDLES.sub(HANDLE, text)
    return _without_numbers(text, country) if _digits(text) >= FEWEST_DIGITS else text


def _link(found: re.Match[str]) -> str:
    if found["ending"] and not _is_host(found):
        return found[0]
    link = found[0].rstrip(CLOSING)
    return LINK + found[0][len(link) :]


def _is_host(found: re.Match[str]) -> bool:
    """Whether a name with a dot is one on the net, and not two sentences or a number and its unit."""
    host, ending = found["host"], found["ending"]
    if UNIT.fullmatch(ending) and host.replace(".", "").isdigit():
        return False
    if not WORD.fullmatch(ending):
        return True
    if ending.istitle():  # "Gracias.La idea"
        return False
    no_plain_word = "-" in host or host.count(".") > 1 or _digits(host) > 0
    return bool(LIKELY.fullmatch(ending)) or no_plain_word or not GOES_ON.match(found.string, found.end())


def _named(found: re.Match[str]) -> str:
    network, gap = found["network"], found["gap"]
    if found["dotted"]:
        return f"{network}{found['space']}{HANDLE}" if _is_name(found) else found[0]
    return f"{network}: {HANDLE}" if gap is None else f"{network}{gap}{HANDLE}"


def _is_name(found: re.Match[str]) -> bool:
    """Whether "Instagram is lina.lopez" names somebody; "is great.But" and "is great.but" go on with a sentence."""
    last = found["dotted"].rpartition(".")[2]
    goes_on = WORD.fullmatch(last) or JOINING.fullmatch(last)
    return found["said"] is not None and last.islower() and not goes_on


def _without_numbers(text: str, country: str | None) -> str:
    text = PARTED.sub(_parted, NUMBERS.sub(_number, text))
    if _digits(text) < FEWEST_DIGITS:
        return text
    from phonenumbers import Leniency, PhoneNumberMatcher  # a fifth of a second that most exports do without

    for match in reversed(list(PhoneNumberMatcher(text, country, leniency=Leniency.VALID))):
        if not _is_harmless(text, match.start, match.end):
            text = text[: match.start] + PHONE + text[match.end :]
    return text


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _number(found: re.Match[str]) -> str:
    return found[0] if _is_harmless(found.string, *found.span()) else PHONE


def _is_harmless(text: str, start: int, end: int) -> bool:
    number = text[start:end].strip()
    if ROUND_PHONE.fullmatch(number):
        return _is_amount(text, start, end)
    return any(pattern.fullmatch(number) for pattern in (ROUND, DATE, YEARS))


def _is_amount(text: str, start: int, end: int) -> bool:
    """Whether money or a thing that is counted stands beside it: "600 000 000 dollars"."""
    return bool(COUNTED.match(text, end) or MONEY.search(text[max(0, start - 5) : start]))


def _parted(found: re.Match[str]) -> str:
    if _digits(found[0]) < LONG or _is_counting(found):
        return found[0]
    return PHONE


def _is_counting(found: re.Match[str]) -> bool:
    """Whether it is one large number, or a list of small ones."""
    if found[0][0] == "+":
        return False
    if THOUSANDS.fullmatch(found[0]):
        may_be_phone = NINE_DIGITS.fullmatch(found[0]) and not found[0].endswith("000")
        return not may_be_phone or _is_amount(found.string, *found.span())
    numbers = found[0].replace(found["mark"], " ").split()
    if any(number[0] == "0" and number != "0" for number in numbers):
        return False
    return _is_list(numbers) or (" " in found[0] and found[0][0] in "1234")  # ages: "34, 28, 51, 42"


def _is_list(numbers: list[str]) -> bool:
    """Years, round numbers, or small ones that rise: "2019, 2020", "600, 700, 800", "1,2,3,4,5,6,7"."""
    rising = all(int(one) < int(next_) for one, next_ in pairwise(numbers))
    small = all(len(number) <= 2 for number in numbers)
    years = all(YEAR.fullmatch(number) for number in numbers)
    return years or (rising and small) or all(number.endswith("00") for number in numbers)
