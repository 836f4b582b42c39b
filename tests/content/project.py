"""A small project of lessons and words in a temporary folder: whole, without a complaint, ready to be spoilt."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.content.check import Report, check
from bot.content.complaints import Complaint
from bot.content.extract import sync
from bot.content.load import load
from bot.content.printed import Loaded

POLICIES = Path(__file__).resolve().parents[2] / "policies"

COURSE = """\
title: The basics
about: What people can do together
order: 1
"""

LESSON = """\
title: One vote each
about: How members of a cooperative decide
aim: say how votes are shared in a cooperative
examples:
  - {name: Water Together, place: Santa Cruz, region: latin-america-caribbean, year: 1979, women: true}
hook:
  text: "A shop has 20 owners. Ravi paid most. *Who decides?*"
  options:
    - {id: ravi, label: Ravi, reply: "A fair guess. Let us look."}
    - {id: all, label: All of them, reply: "You are near. Let us look."}
  next: Show me
cards:
  - id: rule
    text: |
      In a *cooperative* each member has one vote. Money buys no second one.
    next: Is that real?
    source: [water-2020]
  - id: real
    text: In 1979 neighbours of Santa Cruz began a water cooperative. Each customer is a member.
    source: [water-2020]
questions:
  - id: bakery
    key: true
    kind: choice
    source: [water-2020]
    forms:
      - id: a
        text: "Leila brought half of the money for a bakery. *What does she have?*"
        options:
          - {id: one, label: One vote, right: true, line: "Yes. One member, one vote."}
          - {id: six, label: Six votes, line: "You counted money. What counts here?"}
          - {id: tie, label: Half the votes, line: "Half the money, yes. Who votes?"}
      - id: b
        text: "The Diaz family paid for the pump. *What say have they?*"
        options:
          - {id: same, label: As the others, right: true, line: "Yes. One family, one vote."}
          - {id: more, label: "More: they paid", line: "They paid. Are they two families?"}
          - {id: none, label: None at all, line: "They are members. What has a member?"}
      - id: c
        text: "One member holds many shares. *What decides?*"
        options:
          - {id: heads, label: Most members, right: true, line: "Yes. Heads count, not shares."}
          - {id: shares, label: Most shares, line: "That is a vote of money. Who votes here?"}
          - {id: boss, label: The manager, line: "A manager runs the day. Who owns it?"}
  - id: claim
    kind: true_false
    forms:
      - id: a
        text: "Who pays more votes more. *True in a cooperative?*"
        answer: false
        right_line: "Right. Each member has one vote."
        wrong_line: "Look again: what does a cooperative count?"
      - id: b
        text: "A member with one share has as much say as one with ten. *True?*"
        answer: true
        right_line: "Right. Shares do not vote."
        wrong_line: "Look again: who votes?"
takeaway: One member, one vote.
thought: Where do you decide with others today?
"""

SOURCES = """\
water-2020:
  title: A study of water cooperatives
  publisher: Water Watch
  year: "2020"
  link: https://water.example/study
  seen: 2026-11
"""

FEEDBACK = """\
- id: clear
  kind: choice
  text: Was it clear?
  options:
    - {id: clear, label: Clear}
    - {id: muddy, label: Not so clear}
- id: more
  kind: multiple
  text: What would you like?
  options:
    - {id: audio, label: Audio}
    - {id: video, label: Video}
"""

BOT = """\
hello.greeting: {text: "Hi! I am a bot.", when: First words., limit: 60}
hello.words: {words: "hi, hello", when: Typed.}
language.switched: {text: Now in English., when: After a switch., limit: 60}
button.next: {text: Next, when: A button., limit: 20}
button.picked: {text: "✔ {label}", when: A picked option., limit: 24}
lessons.done: {text: "✔ {about}", when: A lesson already taken., limit: 72}
answer.right_was: {text: "It is: {label}.", when: After a second miss., limit: 120}
warm_up.intro: {text: "One from before:", when: Above an old question., limit: 80}
consent.thanks.place: {text: "Fine.", when: After a choice., limit: 80}
age.guest: {text: "Thanks. Nothing is kept.", when: After the age., limit: 120}
close.takeaway: {text: "*{takeaway}*", when: At the end., limit: 160}
close.guess: {text: "You said: {guess}.", when: At the end., limit: 120}
scale.how: {text: Type a number., when: Under a scale., limit: 60}
true_false.true: {text: "True", when: A button., limit: 20}
true_false.false: {text: "False", when: A button., limit: 20}
progress.ideas: {one: "{n} idea", other: "{n} ideas", when: Progress., limit: 40}
command.menu.words: {words: "menu, options", when: Typed.}
command.help.words: {words: "help, sos", when: Typed.}
talk.thanks.words: {words: "thanks, thank you", when: Typed.}
"""

LANGUAGES = """\
en: {name: English, reviewed: true}
es: {name: Español}
"""

LESSON_FILE = "lessons/basics/010-one-vote.yaml"
COURSE_FILE = "lessons/basics/course.yaml"
SOURCES_FILE = "lessons/sources.yaml"
FEEDBACK_FILE = "lessons/feedback.yaml"
BOT_FILE = "i18n/bot.yaml"
LANGUAGES_FILE = "i18n/languages.yaml"
BOT_PO = "i18n/es/LC_MESSAGES/bot.po"
LESSONS_PO = "i18n/es/LC_MESSAGES/lessons.po"


@dataclass(frozen=True)
class Project:
    """The folder, and what people do with it."""

    root: Path

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        text = self.read(file)
        assert text.count(old) >= 1, f"{old!r} does not stand in {file}"
        self.write(file, text.replace(old, new, 1))

    def load(self) -> Loaded:
        return load(self.root / "lessons", self.root / "i18n")

    def check(self) -> Report:
        return check(self.root)

    def complaints(self) -> tuple[Complaint, ...]:
        return self.check().complaints

    def translate(self, words: dict[str, str | list[str]], language: str = "es", rest: str = "") -> None:
        """Fills the PO files: ``words`` by context; every other text becomes ``rest`` and its English."""
        sync(self.root, [language])
        for domain in ("bot", "lessons"):
            self._fill(f"i18n/{language}/LC_MESSAGES/{domain}.po", words, rest)

    def _fill(self, file: str, words: dict[str, str | list[str]], rest: str) -> None:
        from bot.content.po import read_po

        text = self.read(file)
        head, _, _ = text.partition("\n\n")
        blocks = [head]
        for context, entry in read_po(self.root / file).items():
            forms = len(entry.strings)
            known = words.get(context, [f"{rest}{entry.plural or entry.text}"] * forms if rest else [""] * forms)
            strings = [known] if isinstance(known, str) else known
            blocks.append(entry_text(context, entry.text, entry.plural, strings))
        self.write(file, "\n\n".join(blocks) + "\n")


def entry_text(context: str, text: str, plural: str | None, strings: list[str]) -> str:
    """One entry of a PO file."""
    lines = [f"msgctxt {quoted(context)}", f"msgid {quoted(text)}"]
    if plural is None:
        return "\n".join([*lines, f"msgstr {quoted(strings[0])}"])
    lines.append(f"msgid_plural {quoted(plural)}")
    return "\n".join([*lines, *(f"msgstr[{n}] {quoted(form)}" for n, form in enumerate(strings))])


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def small_project(root: Path) -> Project:
    project = Project(root)
    for file, text in (
        (COURSE_FILE, COURSE),
        (LESSON_FILE, LESSON),
        (SOURCES_FILE, SOURCES),
        (FEEDBACK_FILE, FEEDBACK),
        (BOT_FILE, BOT),
        (LANGUAGES_FILE, LANGUAGES),
    ):
        project.write(file, text)
    shutil.copytree(POLICIES, root / "policies")
    return project
