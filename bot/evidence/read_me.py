"""``README.txt`` beside an export: first what it is in law, then what it holds and how to read it."""

from datetime import datetime
from textwrap import fill

from bot.evidence.datapackage import Written
from bot.evidence.options import FILES, ExportOptions, Tier, moment_text

WIDTH = 100
FIRST = {
    Tier.PUBLIC: "These are counts of people; numbers below 10, and what would give them away, are left out.",
    Tier.GROUP: "This is still personal data.",
    Tier.RESTRICTED: "This is still personal data, with open text as it was typed.",
}
ROWS = """\
It names nobody, but somebody who knows when or what a person answered may find them in it. Keep it where only
the working group can read it, pass on no single rows, and delete it when the work is done. Whoever withdraws their
consent is in no later export; leave them out of yours by exporting again.

One row is one answer. A learner is a code{joining}. Open text is in the learner's language{text}.
Only the first try of a question (attempt = 1) is scored; who begins a lesson again has another one, so take the
earliest. Times are UTC.
"""
COUNTS = """\
One row is one answer to a question, with the number of learners who gave it first. "(all)" stands for all answers, or
for all languages; single languages are there only where each of their numbers may show. An empty number is below 10,
perhaps nobody, or a sum that would give such a number away; where several could be chosen it may also be an answer that
fewer than 10 did not choose. Of a question that is not in it no number may show.

Each file is safe by itself. Do not publish it beside another one that counts nearly the same people, such as last
week's: what two files differ by are the people between them, and they may be few.
"""


def read_me(options: ExportOptions, main: Written, now: datetime) -> str:
    """The whole text."""
    if options.tier is Tier.PUBLIC:
        body = COUNTS
    else:
        joining = (
            f', the same in every export made with the key "{options.key}"' if options.key else " of this export only"
        )
        scrubbed = options.tier is Tier.GROUP
        text = ", without phone numbers, e-mails, links and handles; names may remain" if scrubbed else ""
        body = ROWS.format(joining=joining, text=text)
    asked = "".join(f"{name}: {value}\n" for name, value in options.filters.items())
    facts = (
        f"made: {moment_text(now)}\nby: {options.who}\ntier: {options.tier}\n{asked}rows: {main.rows}\n"
        f"{FILES[options.format]} sha256: {main.sha256}\n"
    )
    files = "codebook.csv explains every column and question; datapackage.json does so for programs.\n"
    body = "\n\n".join(fill(paragraph, WIDTH) for paragraph in body.split("\n\n")) + "\n"
    return f"{FIRST[options.tier]}\n\n{body}\n{files}\n{facts}"
