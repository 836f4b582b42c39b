"""What Twilio posts, and what it means to us. The payloads have the fields of real ones."""

from typing import Any

import pytest

from bot.channels.whatsapp.missed import fields_of
from bot.channels.whatsapp.parse import ONCE, Unusable, parse, single
from bot.engine.events import Address, Said, SentOther, Tapped
from tests.makers import NOON

SID = "SM" + "0123456789abcdef" * 2
PLAIN = {
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ProfileName": "Ana",
    "MessageType": "text",
    "SmsSid": SID,
    "WaId": "34911234567",
    "SmsStatus": "received",
    "Body": "hola",
    "To": "whatsapp:+14155238886",
    "NumSegments": "1",
    "ReferralNumMedia": "0",
    "MessageSid": SID,
    "AccountSid": "AC" + "0" * 32,
    "From": "whatsapp:+34911234567",
    "ApiVersion": "2010-04-01",
}


def parsed(**fields: str) -> Any:
    return parse({**PLAIN, **fields}, NOON)


def test_plain_words_are_said_with_the_country_and_its_languages():
    event = parsed()
    assert isinstance(event, Said)
    assert event.text == "hola"
    assert (event.id, event.address) == (f"whatsapp:{SID}", Address("whatsapp", "whatsapp:+34911234567"))
    assert (event.country, event.languages[0], event.at) == ("ES", "es", NOON)


def test_nothing_of_a_persons_name_is_taken():
    assert "Ana" not in repr(parsed())
    assert "34911234567" not in repr(parsed())


def test_a_button_is_told_by_its_payload():
    event = parsed(ButtonPayload="q:1-ravi", ButtonText="Ravi", Body="Ravi", MessageType="button")
    assert isinstance(event, Tapped)
    assert (event.data, event.message) == ("q:1-ravi", None)


def test_a_button_tells_of_which_message_it_was_where_twilio_says_so():
    sid = f"SM{'0' * 31}7"
    assert parsed(ButtonPayload="q:1-ravi", Body="Ravi", OriginalRepliedMessageSid=sid).message == sid
    assert parsed(ButtonPayload="q:1-ravi", Body="Ravi", OriginalRepliedMessageSid="else").message is None


def test_a_row_of_a_list_is_told_by_its_id_and_else_by_its_words():
    assert parsed(ListId="c:menu", ListTitle="Menu", Body="Menu", MessageType="interactive").data == "c:menu"
    assert parsed(Body="Menu", MessageType="interactive").text == "Menu"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"NumMedia": "1", "MediaContentType0": "image/jpeg", "MediaUrl0": "https://api.twilio.com/x"}, "photo"),
        ({"NumMedia": "1", "MediaContentType0": "image/webp"}, "sticker"),
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg"}, "voice"),
        ({"NumMedia": "1", "MediaContentType0": "video/mp4"}, "photo"),
        ({"NumMedia": "1", "MediaContentType0": "text/vcard"}, "contact"),
        ({"NumMedia": "1", "MediaContentType0": "TEXT/VCARD; charset=utf-8"}, "contact"),
        ({"NumMedia": "1", "MediaContentType0": "text/html"}, "file"),
        ({"NumMedia": "1", "MediaContentType0": "Image/WebP"}, "sticker"),
        ({"NumMedia": "1", "MediaContentType0": "application/pdf"}, "file"),
        ({"NumMedia": "1", "MediaUrl0": "http://169.254.169.254/"}, "file"),
        ({"Latitude": "40.4", "Longitude": "-3.7", "Body": ""}, "location"),
        ({"Body": "  "}, "other"),
        ({"MessageType": "hologram", "Body": ""}, "other"),
    ],
)
def test_what_is_no_text_is_known_by_kind_and_never_kept(fields: dict[str, str], kind: str):
    event = parsed(**fields)
    assert isinstance(event, SentOther)
    assert event.kind == kind
    assert not any(value in repr(event) for value in fields.values() if value.startswith("http"))


def test_somebody_without_a_number_is_known_by_their_user_id():
    event = parsed(From="whatsapp:ES.1A2B3C", ExternalUserId="whatsapp:ES.1A2B3C")
    assert event.address.id == "whatsapp:ES.1A2B3C"
    assert event.country == "ES"
    assert event.alias is None


def test_a_number_tells_its_zone_where_its_digits_have_one_clock():
    assert parsed().zone == "Europe/Madrid"
    assert parsed(From="whatsapp:+34600123456").zone is None


def test_a_user_id_tells_the_zone_of_a_country_with_one_clock():
    assert parsed(From="whatsapp:KE.1A2B3C").zone == "Africa/Nairobi"
    assert parsed(From="whatsapp:ES.1A2B3C").zone is None


def test_a_user_id_beside_a_number_is_another_address_of_the_same_person():
    assert parsed(ExternalUserId="ES.1A2B3C").alias == Address("whatsapp", "whatsapp:ES.1A2B3C")
    assert parsed(ExternalUserId="whatsapp:ES.1A2B3C").alias == Address("whatsapp", "whatsapp:ES.1A2B3C")
    assert parsed(ExternalUserId="../../etc").alias is None
    assert parsed(ExternalUserId="ES.1A2B3C\n").alias is None


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "+34911234567",
        "whatsapp:34911234567",
        "whatsapp:+0",
        "whatsapp:+1;DROP",
        "sms:+34911234567",
        "whatsapp:+34911234567\n",
        "whatsapp:ES.1A2B3C\n",
    ],
)
def test_a_sender_that_is_none_is_unusable(sender: str):
    with pytest.raises(Unusable):
        parsed(From=sender)


@pytest.mark.parametrize("sid", ["", "SM", "SM" + "x" * 32, SID + "0", "../" + SID, SID + "\n"])
def test_a_message_without_a_proper_id_is_unusable(sid: str):
    with pytest.raises(Unusable):
        parsed(MessageSid=sid)


@pytest.mark.parametrize("name", ONCE)
def test_a_doubled_field_could_mean_two_things_so_it_means_nothing(name: str):
    with pytest.raises(ValueError, match=name):
        single([*PLAIN.items(), (name, "one"), (name, "other")])


def test_new_fields_are_left_alone():
    assert single([*PLAIN.items(), ("BrandNew", "1"), ("BrandNew", "2")])["Body"] == "hola"


def test_words_are_made_storable():
    assert parsed(Body="a\x00b").text == "ab"


def test_a_message_of_the_list_reads_like_one_of_the_webhook():
    listed = {
        "sid": SID,
        "from": PLAIN["From"],
        "to": PLAIN["To"],
        "body": "hola",
        "num_media": "0",
        "direction": "inbound",
    }
    assert parse(fields_of(listed), NOON) == parsed()
