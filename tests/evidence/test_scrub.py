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
    ("llama 600,112,233", "ES", "llama [phone]"),
    ("911, 234, 567.", None, "[phone]."),
    ("600'112'233", None, "[phone]"),
    ("600’112’233", None, "[phone]"),
    ("600:112:233", None, "[phone]"),
    ("911;234;567", None, "[phone]"),
    ("+34,600,112,233", None, "[phone]"),
    ("٦٠٠،١١٢،٢٣٣", "EG", "[phone]"),
    ("600，112，233", "CN", "[phone]"),
    ("06, 12, 34, 56, 78", "FR", "[phone]"),
    ("①②③④⑤⑥⑦", None, "[phone]"),
    ("⑥ ⓪ ⓪ ① ① ② ② ③ ③", None, "[phone]"),
    ("llámame al 600 000 000 gracias", "ES", "llámame al [phone] gracias"),
    ("600.000.000", None, "[phone]"),
    # e-mail addresses
    ("Write to ada.love+x@mail.example.org.", None, "Write to [e-mail]."),
    ("mi correo es jose@correo.es", None, "mi correo es [e-mail]"),
    ("josé.núñez@correo.es", None, "[e-mail]"),
    ("lina@ gmail .com", None, "[e-mail]"),
    ("write lina @ gmail. com now", None, "write [e-mail] now"),
    ("lina@correo .es", None, "[e-mail]"),
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
    ("see cooperativa.gt or coop.cr", None, "see [link] or [link]"),
    ("mutuelle.tg, mutuelle.cd et coop.bf", None, "[link], [link] et [link]"),
    ("coop.africa is ours", None, "[link] is ours"),
    ("maria-lopez.pl", None, "[link]"),
    ("españa-coop.es", None, "[link]"),
    # an ending that is a word too: a link where nothing goes on behind it, or no plain word stands before it
    ("mira coop.la.", None, "mira [link]."),
    ("mi-coop.la es mía", None, "[link] es mía"),
    ("www.coop.la es mía", None, "[link] es mía"),
    ("mira mutua.es y ya", None, "mira [link] y ya"),
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
    ("discord lina#1234", None, "discord [handle]"),
    ("soy lina.lo#0042", None, "soy [handle]"),
    ("my instagram is lina.lopez", None, "my instagram is [handle]"),
    ("mi instagram es lina.lopez!", None, "mi instagram es [handle]!"),
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
    # numbers with the marks of a phone number that are none
    ("1,250,000 members and 12,345,678 votes", "US"),
    ("600 000 000 dollars or 600.000.000 de pesos", "ES"),
    ("€ 600 000 000 and 700 000 000 €", "ES"),
    ("$611,234,567 for 911,234,567 people", "US"),
    ("600,000,000 and 123,456,789", None),
    ("in 2019, 2020, 2021", None),
    ("groups of 600, 700, 800", None),
    ("lessons 1, 2, 3, 4, 5, 6, 7 and 1,2,3,4,5,6,7", None),
    ("we are 34, 28, 51, 42", None),
    ("at 12:30, 13:45, 14:00; or 10:15:30", None),
    ("① vote ② share ③ learn", None),
    # two sentences with no space between, units, and abbreviations
    ("al fin.la idea", None),
    ("votes, money, etc.so we go", None),
    ("etc.en casa", None),
    ("Me gusta.No sé", None),
    ("Gracias.Es bueno", None),
    ("c'est fini.je pars", None),
    ("la reunión.la gente", None),
    ("10.km or 2.5.kg", None),
    ("meet @ home. Come soon", None),
    ("I like Instagram videos.They help", None),
    ("Instagram is great.They help", None),
    ("Instagram is great.but slow", None),
    ("lesson #1234", None),
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
        "1," * 1000,
        "1, " * 660,
        "a.la " * 400,
        "a.la" * 500,
        "a@ " * 660,
        "a@ a ." * 330,
        "instagram is " * 150,
        "é-" * 1000,
    ],
    ids=lambda text: text[:6],
)
def test_no_text_keeps_the_export_busy(typed: str) -> None:
    began = time.process_time()
    scrubbed(typed, "ES")
    assert time.process_time() - began < 1
