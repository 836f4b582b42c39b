"""The command line as an operator meets it: what it says, what it refuses, with which exit code."""

import asyncio
import errno
import io
import json
import os
import re
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.chat import throw_away
from bot.commands.export import told
from bot.commands.frame import open_store
from bot.engine.events import Address, Said
from bot.settings import load_settings
from storage.rows import Handled, Parked, Unusable
from storage.schema import VERSION
from tests.ops.conftest import Cli, unused_port
from tests.storage import makers

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

HELP = """\
Usage: sse-bot [OPTIONS] COMMAND [ARGS]...

  A chat companion that teaches the Social and Solidarity Economy in three
  minutes a day.

  Try it:          sse-bot chat
  Serve it:        sse-bot run
  See what is up:  sse-bot doctor
  Get answers:     sse-bot export --out answers

  Settings come from the environment and from .env in the current folder;
  .env.example explains them.

Options:
  -h, --help  Show this message and exit.

Commands:
  run        Serve everything that is configured, until Ctrl+C.
  chat       Take a lesson in this terminal.
  check      Check lessons and translations.
  preview    Play a lesson, and draw it as each channel shows it.
  export     Write the answers and the codebook that explains them.
  inbox      Show deliveries that could not be handled.
  why        Tell why lessons came, came late or did not come.
  doctor     Look at everything and say what to mend.
  simulate   Play days with invented people through the real house.
  forecast   Say what tomorrow's lessons will come to.
  erase      Erase everything about one learner.
  campaign   Links for partners, and who came over them.
  db         The database's schema.
  i18n       Files for translators.
  templates  WhatsApp's templates: buttons, lists, invitations.
"""


def test_help_shows_every_command_in_one_line(cli: Cli) -> None:
    ran = cli("--help")
    assert (ran.code, ran.out, ran.err) == (0, HELP, "")


COMMANDS = re.findall(r"^  ([a-z0-9]+) {2,}[A-Z]", HELP.partition("Commands:")[2], re.M)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_with_examples_and_no_cut_sentence(cli: Cli, name: str) -> None:
    ran = cli(name, "--help")
    assert ran.code == 0
    assert "..." not in ran.out.replace("COMMAND [ARGS]...", "").replace("[LANGUAGES]...", "")
    inner = re.findall(r"^  ([a-z]+) {2,}[A-Z]", ran.out.partition("Commands:")[2], re.M)
    for shown in [ran.out] if not inner else [cli(name, command, "--help").out for command in inner]:
        assert f"  sse-bot {name}" in shown


def test_help_opens_nothing(cli: Cli, bare_environment: Path) -> None:
    cli("--help")
    cli("run", "--help")
    assert list(bare_environment.iterdir()) == []


def test_a_mistyped_command_is_refused(cli: Cli) -> None:
    ran = cli("dokter")
    assert ran.code == 2
    assert "No such command 'dokter'" in ran.err


def test_wrong_settings_stop_every_command_before_it_begins(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, bare_environment: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    for words in (["run"], ["inbox"], ["db", "status"], ["export", "--out", "x"], ["erase", "web:1"]):
        ran = cli(*words)
        assert ran.code == 2
        assert ran.err.startswith("These settings cannot be used:\n  SECRET_KEY is too short")
        assert "Traceback" not in ran.err
    assert list(bare_environment.iterdir()) == []


EMPTY = (
    ("--out", ["export", "--out", ""]), ("--who", ["export", "--out", "answers", "--who", " "]),
    ("--since", ["export", "--out", "answers", "--since="]), ("--key", ["export", "--out", "answers", "--key", ""]),
    ("--db", ["chat", "--db", ""]), ("--save", ["chat", "--save="]), ("--html", ["preview", "one-vote", "--html", ""]),
    ("--to", ["preview", "one-vote", "--to", ""]), ("--done", ["inbox", "--done", ""]),
    ("--day", ["forecast", "--day="]), ("--title", ["campaign", "add", "lagos", "--title", ""]),
    ("--role", ["run", "--role", ""]), ("--yes", ["erase", "--yes", ""]),
)  # fmt: skip


@pytest.mark.parametrize(("option", "words"), EMPTY, ids=[option for option, _ in EMPTY])
def test_an_empty_text_after_an_option_is_refused_and_not_taken_for_none(
    cli: Cli, bare_environment: Path, option: str, words: list[str]
) -> None:
    """So reads a script's variable that was never set; an export once went into the current folder."""
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"After {option} stands an empty text. Write there what you mean, or leave {option} out.")
    assert list(bare_environment.iterdir()) == []


def test_an_empty_address_is_nobodys(cli: Cli, begun: None) -> None:
    for command in ("why", "erase"):
        ran = cli(command, "")
        assert ran.code == 2
        assert "CHANNEL:ADDRESS" in ran.err


def test_a_new_database_is_made_by_upgrade_and_told_by_status(cli: Cli) -> None:
    before = cli("db", "status")
    assert (before.code, before.out) == (
        1,
        f"sqlite: no tables yet; this bot needs {VERSION}.\nRun: sse-bot db upgrade\n",
    )
    assert cli("db", "upgrade").out == f"Schema {VERSION}: up to date now.\n"
    assert cli("db", "upgrade").out == f"Schema {VERSION}: nothing to do.\n"
    assert (cli("db", "status").code, cli("db", "status").out) == (
        0,
        f"sqlite: schema {VERSION}; this bot needs {VERSION}.\n",
    )


LOOKING = (
    ["export", "--out", "answers"], ["erase", "telegram:123456", "--yes"], ["inbox"], ["inbox", "--done", "telegram:1"],
    ["why"], ["why", "telegram:123456"], ["forecast"], ["campaign", "list"], ["templates", "status"],
    ["preview", "one-vote", "--to", "telegram:1001"],
)  # fmt: skip


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_who_looks_where_there_is_no_database_is_told_so_and_makes_none(
    cli: Cli, bare_environment: Path, words: list[str]
) -> None:
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"There is no database at {bare_environment}/data/sse-bot.sqlite3.\n")
    assert "Go to the folder that the bot is started in, or set DATABASE_URL and DATA_DIR" in ran.err
    assert list(bare_environment.iterdir()) == []


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_postgresql_without_our_tables_is_no_empty_one_to_look_at(
    cli: Cli, bare_environment: Path, monkeypatch: pytest.MonkeyPatch, empty_postgresql: str, words: list[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_postgresql)
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("The PostgreSQL database has no tables yet.")
    assert list(bare_environment.iterdir()) == []


def test_a_campaign_may_be_the_first_thing_in_a_database(cli: Cli, bare_environment: Path) -> None:
    assert cli("campaign", "add", "lagos-2026").code == 0
    assert (bare_environment / "data" / "sse-bot.sqlite3").exists()


def test_a_file_that_is_no_database_is_refused_with_a_cure(cli: Cli, bare_environment: Path) -> None:
    (bare_environment / "data").mkdir()
    (bare_environment / "data" / "sse-bot.sqlite3").write_text("a letter to grandmother, kept by mistake")
    for words in (["inbox"], ["db", "upgrade"]):
        ran = cli(*words)
        assert ran.code == 2
        assert "is not a SQLite database" in ran.err
        assert "Traceback" not in ran.err


def test_a_folder_that_cannot_be_written_to_is_no_damaged_database(
    cli: Cli, bare_environment: Path, no_privileges: None
) -> None:
    assert cli("db", "upgrade").code == 0
    cli("inbox")
    (bare_environment / "data").chmod(0o555)
    for words in (["campaign", "add", "poster"], ["why"], ["db", "status"], ["doctor"]):
        ran = cli(*words)
        said = ran.out + ran.err
        assert ran.code == (1 if words == ["doctor"] else 2)
        assert f"{bare_environment}/data cannot be written to" in said
        assert "Let the user that the bot runs as (" in said
        assert not re.search("damaged|move the file away|Traceback", said)
    (bare_environment / "data").chmod(0o700)
    assert cli("inbox").code == 0


@pytest.mark.parametrize("mode", [0o666, 0o600])
def test_a_database_of_another_user_is_refused_with_their_name(
    cli: Cli, begun: None, bare_environment: Path, no_privileges: None, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    cli("inbox")
    file = bare_environment / "data" / "sse-bot.sqlite3"
    if os.getuid() == 0:
        os.chown(file, 4321, -1)
    monkeypatch.setattr(
        "storage.sqlite_file.owner", lambda path: "amina" if path == file.relative_to(Path.cwd()) else "me"
    )
    monkeypatch.setattr("storage.sqlite_file.user", lambda: "me")
    monkeypatch.setattr("os.chmod", refused_by_the_system)
    for words in (["inbox"], ["why"], ["db", "status"], ["doctor"]):
        ran = cli(*words)
        said = ran.out + ran.err
        assert "belongs to amina, and the bot runs as me." in said
        assert "chown me data/sse-bot.sqlite3*" in said
        assert not re.search("Traceback|again by itself", said)


def refused_by_the_system(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("folder", ["shut", "shut/data", "a-file", "a-file/data"])
@pytest.mark.parametrize(
    "words", [["why"], ["campaign", "list"], ["export", "--out", "o"], ["preview", "one-vote"]], ids=" ".join
)
def test_a_data_dir_that_cannot_be_used_is_refused_by_its_name(
    cli: Cli,
    begun: None,
    bare_environment: Path,
    no_privileges: None,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
    words: list[str],
) -> None:
    (bare_environment / "shut").mkdir(mode=0o555)
    (bare_environment / "a-file").touch()
    monkeypatch.setenv("DATA_DIR", folder)
    ran = cli(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"DATA_DIR={folder} cannot be used: ")
    assert "set DATA_DIR to another folder" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("words", [["export", "--out", "o", "--key", "yearly"], ["preview", "one-vote"]], ids=" ".join)
def test_a_key_set_outside_does_not_hide_a_data_dir_that_cannot_be_used(
    cli: Cli,
    begun: None,
    bare_environment: Path,
    no_privileges: None,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    (bare_environment / "shut").mkdir(mode=0o555)
    monkeypatch.setenv("DATA_DIR", "shut")
    monkeypatch.setenv("SECRET_KEY", "kV7wq2N8sJx4bTzLr9mPcD3uHs6JfGioYeQaB1tC")
    ran = cli(*words)
    assert ran.code == 2
    assert "DATA_DIR=shut cannot be used: " in ran.err


def test_a_page_that_cannot_be_written_is_refused(cli: Cli, bare_environment: Path, no_privileges: None) -> None:
    (bare_environment / "shut").mkdir(mode=0o555)
    ran = cli("preview", "one-vote", "--html", "shut/page.html")
    assert ran.code == 2
    assert ran.err == "--html shut/page.html cannot be written (Permission denied): name another file.\n"


def test_a_database_that_nobody_serves_ends_the_command_with_what_is_true(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql+asyncpg://u:p@127.0.0.1:{unused_port()}/x")
    for words in (["inbox"], ["why"], ["db", "status"]):
        ran = cli(*words)
        assert ran.code == 2
        assert ran.err.startswith("The database cannot be reached: ")
        assert ran.err.endswith("\nStart the database server, or put DATABASE_URL right.\n")


def test_another_key_than_the_one_of_the_database_is_refused(
    cli: Cli, begun: None, monkeypatch: pytest.MonkeyPatch, bare_environment: Path
) -> None:
    assert cli("inbox").code == 0
    monkeypatch.setenv("SECRET_KEY", "kV7wq2N8sJx4bTzLr9mPcD3uHs6JfGioYeQaB1tC")
    ran = cli("inbox")
    assert ran.code == 2
    assert "sealed with another SECRET_KEY" in ran.err
    monkeypatch.delenv("SECRET_KEY")
    assert cli("inbox").code == 0


def test_a_campaign_gets_a_link_for_each_configured_channel(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.org")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio")
    monkeypatch.setenv("TELEGRAM_API_URL", f"http://127.0.0.1:{unused_port()}")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "9f8b2c7d1e6a4350b7c8d9e0f1a2b3c4")
    monkeypatch.setenv("TWILIO_WHATSAPP_SENDER", "whatsapp:+14155238886")
    made = cli("campaign", "add", "lagos-2026", "--title", "Lagos youth week")
    assert made.out.splitlines() == [
        "lagos-2026: made. Its links:",
        "  https://bot.example.org/chat?c=lagos-2026",
        "  https://t.me/YOUR_BOT?start=lagos-2026",
        "  https://wa.me/14155238886?text=START%20lagos-2026",
    ]
    assert made.err == "Telegram cannot be reached now: put your bot's name for YOUR_BOT.\n"
    assert cli("campaign", "add", "lagos-2026").out.startswith("lagos-2026: was there already.")
    assert cli("campaign", "list").out == "      0  lagos-2026               Lagos youth week\n"


def test_the_bots_name_is_taken_from_what_a_running_bot_has_learnt(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio")

    async def learnt() -> None:
        async with open_store(load_settings()) as store:
            await store.remember("telegram", {"link": "https://t.me/sse_bot"})

    asyncio.run(learnt())
    assert "  https://t.me/sse_bot?start=lagos" in cli("campaign", "add", "lagos").out


def test_the_name_of_a_bot_that_was_there_before_is_not_taken(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7381920465:AAE4kq-9wPz_TnB3vLr8XmYcD2uHs6JfGio")

    async def learnt() -> None:
        links = {"link": "https://t.me/first_bot", "7381920465:link": "https://t.me/sse_bot"}
        async with open_store(load_settings()) as store:
            await store.remember("telegram", {"bot": "5550001", **links})

    asyncio.run(learnt())
    assert "  https://t.me/sse_bot?start=lagos" in cli("campaign", "add", "lagos").out


@pytest.mark.parametrize("code", ["", "a b", "../x", "ümlaut", "x" * 65, "line\nbreak"])
def test_a_code_that_cannot_stand_in_a_link_is_refused(cli: Cli, code: str) -> None:
    ran = cli("campaign", "add", "--", code)
    assert ran.code == 2
    assert "cannot stand in a link" in ran.err


async def _arrive(name: str, channel: str = "telegram") -> None:
    async with open_store(load_settings()) as store:
        async with store.transaction() as tx:
            address = Address(channel, name)
            events = [Said(id=f"telegram:{n}", address=address, at=NOON, text="my own words") for n in (1, 2)]
            first, second = await tx.accept(events, NOON)
            handled = Handled(first.event, first.address_id, makers.learner("ada"), new=True)
            await tx.save([handled, Parked(second.event, second.address_id, "KeyError")], NOON)
        await store.unusable([Unusable("telegram", "telegram:99", "edited", "my own words")], NOON)


def arrive(name: str, channel: str = "telegram") -> None:
    """Somebody is known at ``telegram:<name>``; one of their deliveries failed in our code, one nobody understood."""
    asyncio.run(_arrive(name, channel))


def test_the_inbox_shows_what_failed_without_words_and_puts_it_away(cli: Cli, begun: None) -> None:
    assert cli("inbox").out == "Nothing is waiting here.\n"
    arrive("815")
    ran = cli("inbox")
    assert ran.out.splitlines() == [
        "2026-11-24 12:00  telegram  parked    KeyError                 telegram:2",
        "2026-11-24 12:00  telegram  unusable  edited                   telegram:99",
    ]
    assert cli("inbox", "--done", "telegram:2").out == "Put away: telegram:2\n"
    assert "telegram:2 " not in cli("inbox").out
    assert cli("inbox", "--done", "telegram:2").code == 1


def test_the_inbox_for_programs_tells_words_only_when_asked(cli: Cli) -> None:
    arrive("815")
    rows = [json.loads(line) for line in cli("inbox", "--json").out.splitlines()]
    assert rows[0] == {
        "received_at": "2026-11-24T12:00:00Z",
        "channel": "telegram",
        "state": "parked",
        "reason": "KeyError",
        "id": "telegram:2",
    }
    assert "my own words" not in cli("inbox").out
    assert "my own words" in cli("inbox", "--words").out
    assert [json.loads(line)["payload"] for line in cli("inbox", "--json", "--words").out.splitlines()][
        1
    ] == "my own words"


def test_erase_says_what_would_go_and_takes_it_only_with_yes(cli: Cli) -> None:
    arrive("815")
    asked = cli("erase", "telegram:815")
    assert asked.code == 0
    assert asked.out.endswith("Nothing was erased yet: add --yes to erase these rows.\n")
    assert "learners 1" in asked.out
    assert cli("erase", "telegram:815", "--yes").out.endswith("Erased.\n")
    assert cli("erase", "telegram:815", "--yes").code == 1


@pytest.mark.parametrize("known", [True, False])
def test_erase_names_each_copy_that_still_holds_what_was_there(
    cli: Cli, begun: None, bare_environment: Path, known: bool
) -> None:
    if known:
        arrive("815")
    copy = bare_environment / "data" / "sse-bot.sqlite3.schema-2"
    shutil.copy(bare_environment / "data" / "sse-bot.sqlite3", copy)
    (bare_environment / "data" / "sse-bot.sqlite3.bak").touch()
    ran = cli("erase", "telegram:815", "--yes")
    (line,) = [line for line in ran.err.splitlines() if "copy" in line]
    assert line.startswith("data/sse-bot.sqlite3.schema-2 is a copy from before a migration")
    assert "still holds what was there then" in line
    assert line.endswith("after 30 days; to remove it now: rm data/sse-bot.sqlite3.schema-2")
    copy.unlink()
    assert "copy" not in cli("erase", "telegram:815", "--yes").err


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


def test_erase_reads_the_address_from_a_pipe_in_silence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive("815")
    monkeypatch.setattr("sys.stdin", io.StringIO("telegram: 815 \n"))
    ran = cli("erase", "-", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("Erased.\n")


@pytest.mark.parametrize(
    "written",
    [
        "whatsapp:+34911234567",
        "whatsapp:+34 911 234567",
        "whatsapp: 34911234567 ",
        "whatsapp:0034911234567",
        "whatsapp:00 34 911-234-567",
        "whatsapp:+34 (911) 23.45.67",
        "whatsapp:+34\u00a0911\u00a0234567",
    ],
)
def test_a_number_is_known_however_it_is_written(cli: Cli, written: str) -> None:
    arrive("whatsapp:+34911234567", channel="whatsapp")
    for command in ("erase", "why"):
        ran = cli(command, written)
        assert ran.code == 0
        assert "Nobody" not in ran.err
    assert cli("erase", "whatsapp:+34911234568").code == 1


def test_somebody_without_a_number_is_known_by_their_user_id(cli: Cli) -> None:
    arrive("whatsapp:ES.1A2b3C", channel="whatsapp")
    assert cli("erase", "whatsapp:ES.1A2b3C").code == 0


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("telegram:@amina", "digits"),
        ("telegram:+34 911", "digits"),
        ("whatsapp:911", "with its country"),
        ("whatsapp:0911234567", "with its country"),
        ("whatsapp:+44 (0)20 7946 0018", "with its country"),
        ("whatsapp:amina", "with its country"),
        ("web:two words", "cookie"),
    ],
)
def test_what_can_be_no_address_is_refused_and_not_repeated(cli: Cli, address: str, cure: str) -> None:
    for words in (["erase", address], ["why", address], ["preview", "one-vote", "--to", address]):
        ran = cli(*words)
        assert ran.code == 2
        assert cure in ran.err
        assert "Nobody" not in ran.err
        assert address.partition(":")[2] not in ran.err


def test_erase_takes_the_address_out_of_the_shells_history(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive("815")
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "telegram:815")
    assert cli("erase", "-", "--yes").out.endswith("Erased.\n")


def test_erase_first_says_what_would_go(cli: Cli, begun: None) -> None:
    ran = cli("erase", "telegram:123456789")
    assert (ran.code, ran.err) == (1, "Nobody is known at that address: there is nothing to erase.\n")


@pytest.mark.parametrize("address", ["", "amina", "telegram:", ":815"])
def test_erase_wants_a_channel_and_an_address(cli: Cli, address: str) -> None:
    ran = cli("erase", address)
    assert ran.code == 2
    assert "CHANNEL:ADDRESS" in ran.err


@pytest.mark.parametrize(("option", "wrong"), [("--tier", "everything"), ("--format", "pdf")])
def test_an_export_in_an_unknown_form_is_refused(cli: Cli, bare_environment: Path, option: str, wrong: str) -> None:
    ran = cli("export", "--out", "answers", option, wrong)
    assert ran.code == 2
    assert ran.err.startswith(f"{option} {wrong}: choose one of ")
    assert not (bare_environment / "answers").exists()


def test_an_export_for_a_day_that_is_none_is_refused(cli: Cli) -> None:
    ran = cli("export", "--out", "answers", "--since", "yesterday")
    assert ran.code == 2
    assert "'yesterday' is no date." in ran.err


@pytest.mark.parametrize(
    ("option", "told"), [("--course", "choose one of module-1"), ("--campaign", "choose one of lagos-2026")]
)
def test_an_export_of_what_nobody_knows_is_refused(cli: Cli, bare_environment: Path, option: str, told: str) -> None:
    cli("campaign", "add", "lagos-2026")
    ran = cli("export", "--out", "answers", option, "nope")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{option} nope: {told}")
    assert not (bare_environment / "answers").exists()
    assert cli("export", "--out", "answers", option, told.rpartition(" ")[2]).code == 0


def test_an_export_over_a_campaign_before_there_is_any_is_refused(cli: Cli, begun: None) -> None:
    assert cli("export", "--out", "answers", "--campaign", "nope").err == "--campaign nope: there is none yet.\n"


def test_an_empty_export_still_has_its_codebook_and_one_line_of_json(
    cli: Cli, begun: None, bare_environment: Path
) -> None:
    ran = cli("export", "--out", "answers")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["rows"] == 0
    assert len(told["sha256"]) == 64
    names = {path.name for path in (bare_environment / "answers").iterdir()}
    assert {"feedback.csv", "codebook.csv", "datapackage.json"} <= names


def test_progress_is_told_once_a_second_and_not_more(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 0.4, 1.0, 1.0, 1.5, 2.1, 2.1])
    progress = told(lambda: next(times))
    for rows in (100, 200, 300, 400):
        progress(rows)
    assert capsys.readouterr().err == "200 rows so far\n400 rows so far\n"


def test_check_prints_what_other_programs_read(cli: Cli) -> None:
    ran = cli("check", "--stats", "--json")
    found = json.loads(ran.out)
    assert set(found) >= {"errors", "warnings", "stats"}
    assert ran.code == (1 if found["errors"] else 0)


@pytest.mark.parametrize("kept", [False, True])
def test_a_talk_that_is_kept_nowhere_says_so_outside_of_it(
    cli: Cli, bare_environment: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: bool
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ran = cli("chat", *(["--db", f"sqlite+aiosqlite:///{tmp_path}/talk.sqlite3"] if kept else []))
    assert ran.code == 0
    assert ran.err.count("nothing is kept after it ends") == (not kept)


def test_a_talk_that_could_not_be_saved_does_not_begin(
    cli: Cli, bare_environment: Path, no_privileges: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_environment / "shut").mkdir(mode=0o555)
    (bare_environment / "fixed.yaml").touch(mode=0o444)
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n"))
    for place in ("shut/talk.yaml", "shut/deeper/talk.yaml", "shut", "fixed.yaml", "fixed.yaml/talk.yaml"):
        ran = cli("chat", "--save", place)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"--save {place}: ")
        assert ran.err.endswith(". Name another file.\n")


def test_a_talk_that_is_not_kept_leaves_nothing_behind(bare_environment: Path) -> None:
    settings = load_settings()
    with throw_away(settings) as passing:
        file = Path(passing.database_url.partition("///")[2])
        assert file.parent.is_dir()
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert passing.data_dir == file.parent
        assert passing.key() != throw_away(settings).__enter__().key()
    assert not file.parent.exists()
    assert list(bare_environment.iterdir()) == []
