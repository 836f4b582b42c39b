"""The working group's export: who is in it, what each cell holds, what the ledger says."""

import stat
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from bot.engine.learner import Keep
from bot.engine.turn import AnswersForgotten
from bot.errors import ExportRefused
from bot.evidence.options import ExportOptions, Format, Tier, moment, moment_text
from bot.service import Content
from storage.rows import Kept
from storage.store import Store
from storage.tables import answers
from tests.evidence.makers import exported, shares
from tests.storage.makers import NOON, answer, arrive

HEADER = (
    "response_id,answered_at,learner,channel,language,role,age_band,country,campaign,course,lesson,content_version,"
    "phase,question_id,question_kind,question_text,form,attempt,pre_assigned,exposures,answer_id,answer_text,correct,"
    "seconds_to_answer"
)
DAY = timedelta(days=1)


def unzipped(file: Path) -> bytes:
    """All that is in a file, also in a workbook, which is a zip."""
    if not is_zipfile(file):
        return file.read_bytes()
    with ZipFile(file) as whole:
        return b"".join(whole.read(name) for name in whole.namelist())


def asked(text: str, chosen: str = "", **changes: object) -> Kept:
    made = answer(**changes)
    return Kept(made.answered, text, chosen, made.channel, made.role, made.age_band, made.country, made.campaign)


async def test_every_cell_holds_what_was_answered(store: Store, tmp_path: Path) -> None:
    quiz = asked('Who *owns* it, "really"?', "The members, all", at=NOON, role="ngo", pre_assigned=True, exposures=2)
    several = asked(
        "What next?", "Water;Work", at=NOON + DAY, kind="multiple", answer_ids=("w", "k"), correct=None, phase="survey"
    )
    words = answer("More, please!\nThank you", at=NOON + 2 * DAY, phase="feedback", seconds=None, attempt=2)
    await shares(store, "ada", quiz, several, words)
    result = await exported(store, tmp_path / "out")

    lines = result.raw.decode().split("\r\n")
    assert lines[0] == HEADER
    codes = [row["response_id"] for row in result.rows]
    learner = result.rows[0]["learner"]
    told = "25+,ES,poster,tour,people-first,v1"
    key = "tour/people-first/key"
    assert lines[1:] == [
        f"{codes[0]},2026-11-24T12:00:00Z,{learner},telegram,es,ngo,{told},quiz,{key},choice,"
        '"Who owns it, ""really""?",a,1,true,2,good,"The members, all",true,5',
        f"{codes[1]},2026-11-25T12:00:00Z,{learner},telegram,es,,{told},survey,{key},multiple,What next?,"
        "a,1,,0,w;k,Water;Work,,5",
        f"{codes[2]},2026-11-26T12:00:00Z,{learner},telegram,es,,{told},feedback,{key},open,Who owns it?,"
        'a,2,,0,,"More, please!\nThank you",,',
        "",
    ]
    assert len(set(codes)) == 3
    assert result.result.rows == 3


async def test_only_grown_people_who_share_their_answers_are_in_it(store: Store, tmp_path: Path) -> None:
    facts = {
        "both": {"keep": Keep.BOTH, "age_band": "16_24"},
        "place only": {"keep": Keep.PLACE, "age_band": "25_plus"},
        "undecided": {"keep": Keep.UNDECIDED, "age_band": "25_plus"},
        "just playing": {"keep": Keep.NOTHING, "age_band": "25_plus"},
        "child": {"keep": Keep.BOTH, "age_band": "under_16"},
        "skipped": {"keep": Keep.BOTH, "age_band": "unknown"},
        "never asked": {"keep": Keep.BOTH, "age_band": None},
    }
    for who, known in facts.items():
        for n in range(10):
            await arrive(store, f"{who} {n}", records=(answer(campaign=who),), **known)
    assert (await exported(store, tmp_path / "out")).column("campaign") == ["both"] * 10
    counted = await exported(store, tmp_path / "counts", tier=Tier.PUBLIC)
    assert [row["learners"] for row in counted.rows if row["answer_id"] == "good"] == ["10"]


async def test_whoever_withdraws_is_in_no_later_export(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer())
    await shares(store, "bo", answer(campaign="other"))
    await arrive(store, "ada", records=(AnswersForgotten(),), keep=Keep.PLACE)
    assert (await exported(store, tmp_path / "out")).column("campaign") == ["other"]


async def test_an_answer_that_outlived_its_tie_to_a_person_has_no_learner(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer())
    async with store.transaction() as tx:
        await tx.connection.execute(answers.update().values(learner_id=None))
    assert (await exported(store, tmp_path / "out")).column("learner") == [""]


async def test_nothing_about_a_person_is_in_any_file(store: Store, tmp_path: Path) -> None:
    secret = "telegram-4711-canary"
    learner_id = await shares(store, secret, answer("hello"))
    for n, form in enumerate(Format):
        await exported(store, tmp_path / "out" / str(n), format=form)
    async with store.read() as look:
        (row,) = (await look.connection.execute(answers.select())).all()
    written = b"".join(unzipped(file) for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert b"hello" in written
    for hidden in (secret, learner_id, row.response_id):
        assert hidden.encode() not in written


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({}, "abcd"),
        ({"since": NOON + DAY}, "bcd"),
        ({"until": NOON + 2 * DAY}, "ab"),
        ({"since": NOON + DAY, "until": NOON + 2 * DAY}, "b"),
        ({"course": "module-1"}, "b"),
        ({"language": "fr"}, "c"),
        ({"campaign": "radio"}, "d"),
        ({"phase": "review"}, "b"),
        ({"phase": "quiz", "language": "es"}, "ad"),
        ({"course": "module-9"}, ""),
    ],
)
async def test_filters_leave_what_was_asked_for(
    store: Store, tmp_path: Path, wanted: dict[str, object], left: str
) -> None:
    await shares(
        store,
        "ada",
        answer(form="a", at=NOON),
        answer(form="b", at=NOON + DAY, course="module-1", phase="review"),
        answer(form="c", at=NOON + 2 * DAY, language="fr"),
        answer(form="d", at=NOON + 3 * DAY, campaign="radio"),
    )
    result = await exported(store, tmp_path / "out", **wanted)
    assert "".join(result.column("form")) == left
    assert result.result.rows == len(left)


async def test_of_a_lesson_begun_again_the_earliest_row_is_the_first_try(store: Store, tmp_path: Path) -> None:
    wrong = {"correct": False, "answer_ids": ("bad",)}
    await shares(store, "ada", answer(**wrong), answer(attempt=2, at=NOON + DAY / 24), answer(at=NOON + DAY))
    await shares(store, "bo", answer(at=NOON + DAY))
    rows = (await exported(store, tmp_path / "out")).rows

    first: dict[tuple[str, ...], str] = {}  # as docs/export.md takes it in R and pandas
    tries = [row for row in rows if row["phase"] == "quiz" and row["attempt"] == "1" and row["learner"]]
    for row in sorted(tries, key=lambda row: row["answered_at"]):
        first.setdefault((row["learner"], row["question_id"], row["phase"]), row["correct"])
    assert len(tries) == 3
    assert list(first.values()) == ["false", "true"]


async def test_an_empty_export_is_a_header(store: Store, tmp_path: Path) -> None:
    result = await exported(store, tmp_path / "out")
    assert result.raw.decode() == f"{HEADER}\r\n"


async def test_open_text_is_scrubbed_for_the_group(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("Call me: 612 345 678 or ada@example.org", country="ES"))
    (said,) = (await exported(store, tmp_path / "out")).column("answer_text")
    assert said == "Call me: [phone] or [e-mail]"


async def test_open_text_as_typed_needs_a_reason_which_is_kept(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("Call me: 612 345 678"))
    with pytest.raises(ExportRefused, match="--why"):
        await exported(store, tmp_path / "out", tier=Tier.RESTRICTED)
    assert not (tmp_path / "out").exists()
    assert await store.ledger() == []
    result = await exported(store, tmp_path / "out", tier=Tier.RESTRICTED, why="a learner asked for help")
    assert result.column("answer_text") == ["Call me: 612 345 678"]
    (entry,) = await store.ledger()
    assert (entry.tier, entry.filters["why"]) == ("restricted", "a learner asked for help")


async def test_the_ledger_says_who_when_what_and_the_hash(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer())
    result = await exported(store, tmp_path / "out", who="Grace", since=NOON - DAY, language="es", key="yearly")
    (entry,) = await store.ledger()
    assert (entry.who, entry.at, entry.tier, entry.rows) == ("Grace", NOON, "group", 1)
    assert entry.filters == {"format": "csv", "since": "2026-11-23T12:00:00Z", "language": "es", "key": "yearly"}
    assert entry.sha256 == result.result.sha256 == sha256(result.raw).hexdigest()


async def test_codes_differ_from_export_to_export_unless_a_key_is_named(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer(), answer())
    await shares(store, "bo", answer())
    one, two = [await exported(store, tmp_path / name) for name in ("one", "two")]
    for name in ("learner", "response_id"):
        assert not set(one.column(name)) & set(two.column(name))
    three, four = [await exported(store, tmp_path / name, key="yearly") for name in ("three", "four")]
    assert three.raw == four.raw
    assert len(set(three.column("learner"))) == 2
    assert len(set(three.column("response_id"))) == 3


async def test_for_excel_it_begins_with_a_mark_and_otherwise_never(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("خوب", language="ar"))
    plain, excel = await exported(store, tmp_path / "a"), await exported(store, tmp_path / "b", excel=True)
    assert plain.raw.startswith(b"response_id,")  # nor with ID, which a spreadsheet takes for another format
    assert excel.raw.startswith(b"\xef\xbb\xbfresponse_id,")
    assert excel.column("answer_text") == ["خوب"]
    assert [(it.out / "codebook.csv").read_bytes()[:1] for it in (plain, excel)] == [b"e", b"\xef"]


async def test_hostile_words_stay_words(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("=1+1", question="@sum", campaign="-2"), answer("a;=1+1", at=NOON + DAY))
    result = await exported(store, tmp_path / "a")
    assert result.column("answer_text") == ["'=1+1", "a;=1+1"]
    assert (result.rows[0]["question_id"], result.rows[0]["campaign"]) == ("'@sum", "'-2")
    assert (await exported(store, tmp_path / "b", excel=True)).column("answer_text") == ["'=1+1", "a;'=1+1"]


async def test_marks_typed_by_a_learner_part_nothing(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer("a\x1eb\x1fc\x1dd"), answer())
    assert [row["answer_text"] for row in (await exported(store, tmp_path / "out")).rows] == [
        "a\x1eb\x1fc d",
        "The members",
    ]


async def test_the_files_are_for_their_owner_alone(store: Store, tmp_path: Path) -> None:
    result = await exported(store, tmp_path / "out")
    assert [file.name for file in result.result.files] == [
        "codebook.csv",
        "datapackage.json",
        "README.txt",
        "feedback.csv",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in result.result.files} == {0o600}
    assert sorted(file.name for file in result.out.iterdir()) == sorted(file.name for file in result.result.files)


async def test_the_readme_says_first_that_it_is_personal_data(store: Store, tmp_path: Path) -> None:
    await shares(store, "ada", answer())
    result = await exported(store, tmp_path / "out", key="yearly")
    told = (result.out / "README.txt").read_text("utf-8")
    assert told.splitlines()[0] == "This is still personal data."
    assert result.result.sha256 in told
    assert 'made with the key "yearly"' in told


async def test_progress_tells_the_rows_so_far(store: Store, tmp_path: Path, content: Content) -> None:
    from bot.evidence.export import export

    await shares(store, "ada", answer(), answer(), answer())
    told: list[int] = []
    options = ExportOptions(who="ada")
    await export(store, store.seal, content.library, content.catalogue, tmp_path, options, told.append, now=NOON)
    assert told == [3]


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"who": ""}, "Nobody"),
        ({"tier": Tier.PUBLIC, "format": Format.XAPI}, "learning records"),
        ({"phase": "quizz"}, "phase"),
        ({"since": NOON, "until": NOON}, "before"),
        ({"since": datetime(2026, 1, 1)}, "zone"),
        ({"key": "../secret"}, "cannot name a key"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_cure(
    sqlite_store: Store, tmp_path: Path, wanted: dict[str, object], word: str
) -> None:
    with pytest.raises(ExportRefused, match=word) as refusal:
        await exported(sqlite_store, tmp_path / "out", **wanted)
    assert refusal.value.cure


@pytest.mark.parametrize(
    ("typed", "last", "meant"),
    [
        ("2026-11-24", False, datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24", True, datetime(2026, 11, 25, tzinfo=UTC)),
        ("2026-12-31", True, datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-24T12:00Z", True, datetime(2026, 11, 24, 12, tzinfo=UTC)),
        ("2026-11-24T12:00+02:00", False, datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24T12:00", False, datetime(2026, 11, 24, 12, tzinfo=UTC)),
    ],
)
def test_days_and_moments_are_read_in_utc(typed: str, last: bool, meant: datetime) -> None:
    assert moment(typed, last=last) == meant


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ExportRefused, match="24/11/2026"):
        moment("24/11/2026")


@pytest.mark.parametrize(
    ("typed", "last"),
    [("9999-12-31", True), ("9999-12-31T23:00-14:00", True), ("0001-01-01T00:00+14:00", False)],
)
def test_a_time_outside_the_calendar_is_refused_with_a_cure(typed: str, last: bool) -> None:
    with pytest.raises(ExportRefused, match="too far away") as refusal:
        moment(typed, last=last)
    assert refusal.value.cure


def test_the_first_day_of_the_calendar_is_written_with_all_its_zeros() -> None:
    assert moment_text(moment("0001-01-01")) == "0001-01-01T00:00:00Z"


async def test_a_folder_that_cannot_be_written_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands here")
    with pytest.raises(ExportRefused, match="cannot be written"):
        await exported(sqlite_store, tmp_path / "out")
