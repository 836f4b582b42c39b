"""What leads to a person goes, in the languages we speak; what people wanted to say stays."""

import time

import pytest

from bot.evidence.scrub import scrubbed

# What was typed, the learner's country, what is left.
FOUND = [
    # phone numbers
    ("Call me on +44 20 7946 0018 please", None, "Call me on [phone] please"),
    ("my number: (555) 010-9999", "US", "my number: [phone]"),
    ("ring 07700 900123", "GB", "ring [phone]"),
    ("Mi móvil es 612 345 678, llámame", "ES", "Mi móvil es [phone], llámame"),
    ("Escríbeme al +34-612-34-56-78.", None, "Escríbeme al [phone]."),
    ("whatsapp:+34612345678", "ES", "whatsapp: [handle]"),
    ("Appelez le 06 12 34 56 78 merci", "FR", "Appelez le [phone] merci"),
    ("Mon numéro : 06.12.34.56.78", "FR", "Mon numéro : [phone]"),
    ("رقمي ٠١٠٠١٢٣٤٥٦٧ شكرا", "EG", "رقمي [phone] شكرا"),
    ("هاتفي ‎+20 100 123 4567", "EG", "هاتفي \u200e[phone]"),
    ("我的电话是13812345678谢谢", "CN", "我的电话是[phone]谢谢"),
    ("手机：138 1234 5678。", "CN", "手机：[phone]。"),
    ("电话１３８１２３４５６７８", "CN", "电话[phone]"),
    (
        "6\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e35\ufe0f\u20e36\ufe0f\u20e3",
        None,
        "[phone]\ufe0f\u20e3",
    ),
    ("6\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8", None, "[phone]"),
    ("6-1-2-3-4-5-6-7-8", "ES", "[phone]"),
    ("0034 612 345 678", None, "[phone]"),
    ("my id card 12345678Z", "ES", "my id card [phone]Z"),
    # e-mail addresses
    ("Write to ada.love+x@mail.example.org.", None, "Write to [e-mail]."),
    ("mi correo es jose@correo.es", None, "mi correo es [e-mail]"),
    ("josé.núñez@correo.es", None, "[e-mail]"),
    ("Écris-moi : lea@exemple.fr !", None, "Écris-moi : [e-mail] !"),
    ("بريدي sara@mail.com شكرا", None, "بريدي [e-mail] شكرا"),
    ("我的邮箱是li@qq.com谢谢", None, "我的邮箱是[e-mail]谢谢"),
    ("li＠qq．com", None, "[e-mail]"),
    ("ada (at) example (dot) org", None, "[e-mail]"),
    ("jose [arroba] correo [punto] es", None, "[e-mail]"),
    # links
    ("see https://example.org/u/ada?x=1.", None, "see [link]."),
    ("mira www.mipagina.es/yo", None, "mira [link]"),
    ("Va sur facebook.com/lea.martin", None, "Va sur [link]"),
    ("t.me/ada_bot and wa.me/34612345678", None, "[link] and [link]"),
    ("https://facebook.com/محمد-علي هنا", None, "[link] هنا"),
    ("看https://weibo.com/u/123。好", None, "看[link]。好"),
    ("(ada.github.io)", None, "([link])"),
    ("tel:+34612345678", None, "[link]"),
    # handles
    ("I am @ada_l on all of them", None, "I am [handle] on all of them"),
    ("sígueme @maria.lopez!", None, "sígueme [handle]!"),
    ("suis @léa-b", None, "suis [handle]-b"),
    ("تابعني @sara_99", None, "تابعني [handle]"),
    ("加我＠wang123", None, "加我[handle]"),
    ("Instagram: lina.91", None, "Instagram: [handle]"),
    ("insta lina_91 ok", None, "insta [handle] ok"),
    ("mi snap es lina_91", None, "mi snap es [handle]"),
    ("سناب: lina", None, "سناب: [handle]"),
    ("انستغرام lina_91", None, "انستغرام [handle]"),
    ("微信：wxid_abc", None, "微信: [handle]"),
    ("加微信abc_1234吧", None, "加微信[handle]吧"),
    ("QQ: 123456", None, "QQ: [handle]"),
]

KEPT = [
    ("I liked the lesson on votes.", None),
    ("Nothing. More videos, please!", None),
    ("In 2021 the drivers had 2,500 members and 15% of a fare", "US"),
    ("From 2019-2026 it grew", None),
    ("On 2026-11-24 we met; again on 24/11/2026", None),
    ("1 000 000 members, 1.000.000 too", "FR"),
    ("One line: everybody has a say", None),
    ("Good.Thanks for it", None),
    ("La ley de 1999, art. 5, dice: todos iguales", "ES"),
    ("C'est 25–40 % du prix", "FR"),
    ("أعجبني الدرس رقم 3", "EG"),
    ("我喜欢第3课：投票", "CN"),
    ("5 * 6 = 30", None),
    ("12:30 or 7:00", None),
    ("e.g. a bank, i.e. ours", None),
    ("score 10/10", None),
    ("", None),
]


@pytest.mark.parametrize(("typed", "country", "left"), FOUND, ids=lambda value: ascii(value))
def test_what_leads_to_a_person_goes(typed: str, country: str | None, left: str) -> None:
    assert scrubbed(typed, country) == left


@pytest.mark.parametrize(("typed", "country"), KEPT, ids=lambda value: ascii(value))
def test_what_people_wanted_to_say_stays(typed: str, country: str | None) -> None:
    assert scrubbed(typed, country) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 2000,
        "a." * 1000,
        "@" * 2000,
        "1 " * 1000,
        "a@" * 1000,
        "a-" * 1000 + ".",
        "(" * 2000,
        "[a" * 1000,
        "instagram " * 200 + ":",
        ":" * 2000,
        "a [at] b " * 200,
        " " * 1999 + "@",
        "+1(" * 660,
        "www." * 500,
        "a1_" * 660,
    ],
    ids=lambda text: text[:6],
)
def test_no_text_keeps_the_export_busy(typed: str) -> None:
    began = time.process_time()
    scrubbed(typed, "ES")
    assert time.process_time() - began < 1
