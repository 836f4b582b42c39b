"""Typed words mean one thing in a language, and the commands' own names mean themselves in all."""

from collections.abc import Iterator

from bot.content.complaints import Complaint
from bot.content.phrasing import listed
from bot.content.rules.proof import Proof, Rule
from bot.content.typed import meaning
from bot.engine.reading import normalise


def words_mean_one_thing(proof: Proof) -> Iterator[Complaint]:
    """No word stands for two commands, and none takes another command's name."""
    names = {
        meaning(context, "") or "": context
        for context, original in proof.texts.items()
        if original.typed and context.startswith("command.")
    }
    for language in proof.tongues:
        yield from _in(proof, language, {normalise(name): name for name in names})


def _in(proof: Proof, language: str, names: dict[str, str]) -> Iterator[Complaint]:
    seen: dict[str, str] = {}
    for context, original in proof.texts.items():
        stands_for = meaning(context, language) if original.typed else None
        if stands_for is None or stands_for.startswith("hello:"):  # a greeting may also be small talk
            continue
        for word in listed(proof.string(context, language) or ""):
            plain = normalise(word)
            other = seen.setdefault(plain, stands_for)
            taken = names.get(plain, stands_for)
            if other != stands_for or taken != stands_for:
                cure = "keep it where people mean it most"
                what = f'"{word}" already means {other if other != stands_for else taken}'
                yield proof.about(context, what, cure, language)
            if not plain:
                yield proof.about(context, f'"{word}" is no word', "write words with letters", language)


RULES: tuple[Rule, ...] = (words_mean_one_thing,)
