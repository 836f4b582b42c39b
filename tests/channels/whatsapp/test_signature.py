"""Only Twilio may speak for Twilio."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp.signature import signed, verified

TOKEN = "12345678901234567890123456789012"
URL = "https://bot.example.org/webhooks/twilio?a=1&b=%7E%3A"
FIELDS = [("From", "whatsapp:+34911234567"), ("Body", "hola"), ("MessageSid", "SM" + "0" * 32), ("Empty", "")]


def sign(token: str = TOKEN, url: str = URL, fields: list[tuple[str, str]] = FIELDS) -> str:
    return signed(token, url, fields).decode()


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)


class Fields(ImmutableMultiDict[str, str]):
    """As Flask hands it to Twilio's library."""

    def getall(self, name: str) -> list[str]:
        return self.getlist(name)


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=8))
def test_we_sign_as_twilios_own_library_does(fields: list[tuple[str, str]]):
    theirs = RequestValidator(TOKEN).compute_signature(URL, Fields(fields))
    assert sign(fields=fields) == theirs


def test_what_twilio_signed_is_taken_with_or_without_the_port():
    assert verified(TOKEN, URL, FIELDS, sign())
    assert verified(TOKEN, URL, FIELDS, sign(url=URL.replace(".org", ".org:443")))


@pytest.mark.parametrize(
    "given_signature",
    [None, "", "x", sign()[:-1], sign() + "=", sign().swapcase(), sign().lower(), " " + sign(), sign(token="1" * 32)],
)
def test_a_wrong_signature_is_a_plain_no(given_signature: str | None):
    assert not verified(TOKEN, URL, FIELDS, given_signature)


def test_an_empty_token_verifies_nothing():
    assert not verified("", URL, FIELDS, sign(token=""))


def test_every_field_and_the_whole_url_are_signed():
    right = sign()
    assert not verified(TOKEN, URL + "&c=2", FIELDS, right)
    assert not verified(TOKEN, URL.replace("%7E", "~"), FIELDS, right)
    assert not verified(TOKEN, URL.replace("https", "http"), FIELDS, right)
    for n in range(len(FIELDS)):
        name, value = FIELDS[n]
        changed = [*FIELDS[:n], (name, value + "!"), *FIELDS[n + 1 :]]
        assert not verified(TOKEN, URL, changed, right)
    assert not verified(TOKEN, URL, [*FIELDS, ("New", "1")], right)
