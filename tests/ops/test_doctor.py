"""The doctor looks at everything, says what to do, and is not made ill by what it finds."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import Finding, Health, Patient, bad, examine, well
from bot.doctor.house import books, content, inbox
from bot.doctor.machine import clock, disk, env_file, key
from bot.errors import DatabaseRefused
from bot.keys import kept_key
from bot.settings import load_settings
from storage.rows import Parked
from storage.store import Store
from tests.ops.conftest import Cli
from tests.storage import makers

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime.now(UTC)


@pytest.fixture
def patient(bare_environment: Path) -> Patient:
    return Patient(load_settings(), ROOT, NOW, None, well("database", "sqlite"))


def healths(findings: list[Finding]) -> list[Health]:
    return [finding.health for finding in findings]


def test_a_fresh_clone_is_well_but_for_what_only_its_operator_knows(cli: Cli) -> None:
    cli("db", "upgrade")
    ran = cli("doctor")
    lines = dict(reversed(line.split(maxsplit=2)[:2]) for line in ran.out.splitlines())
    assert ran.code == 0
    assert {name for name, sign in lines.items() if sign == "!"} >= {
        "ORGANISATION",
        "CONTACT",
        "PRIVACY_URL",
        "SECRET_KEY",
    }
    assert {lines[name] for name in ("channels", "database", "books", "inbox", "en", "disk", "clock")} == {"✓"}


def test_the_doctor_makes_nothing(cli: Cli, bare_environment: Path) -> None:
    ran = cli("doctor")
    assert re.search(r"^! database +not made yet  → SQLite is made at the first start", ran.out, re.M)
    assert list(bare_environment.iterdir()) == []


def test_each_finding_for_programs_is_one_json_object(cli: Cli) -> None:
    findings = [json.loads(line) for line in cli("doctor", "--json").out.splitlines()]
    assert {"health": "well", "name": "channels", "seen": "web chat", "cure": ""} in findings
    assert {finding["health"] for finding in findings} <= {"well", "better", "bad"}
    assert all(finding["cure"] for finding in findings if finding["health"] != "well")


def test_wrong_settings_are_a_finding_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    ran = cli("doctor")
    assert ran.code == 1
    assert ran.out.startswith("✗ settings")
    assert "PORT is not understood" in ran.out


def test_a_copy_from_before_a_migration_is_told_of(cli: Cli, begun: None, bare_environment: Path) -> None:
    assert "before a migration" not in cli("doctor").out
    (bare_environment / "data" / "sse-bot.sqlite3.schema-2").touch()
    ran = cli("doctor")
    (line,) = [line for line in ran.out.splitlines() if "before a migration" in line]
    assert re.match(r"! copy +data/sse-bot\.sqlite3\.schema-2, made ", line)
    assert "rm data/sse-bot.sqlite3.schema-2" in line
    assert ran.code == 0


def test_a_database_of_somebody_else_must_be_mended(cli: Cli, bare_environment: Path) -> None:
    (bare_environment / "data").mkdir()
    (bare_environment / "data" / "sse-bot.sqlite3").write_text("a letter to grandmother, kept by mistake")
    ran = cli("doctor")
    assert ran.code == 1
    assert re.search(r"^✗ database .*is not a SQLite database", ran.out, re.M)
    assert "clock" in ran.out


def test_a_terminal_that_knows_no_signs_gets_letters(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.commands.doctor.sign", lambda mark: {"✓": "ok ", "✗": "BAD"}.get(mark, mark))
    assert re.search(r"^ok  channels", cli("doctor").out, re.M)


def test_a_name_in_the_env_file_that_means_nothing_is_noticed(patient: Patient) -> None:
    Path(".env").write_text("TELEGRAM_TOKEN=1\nPORT=8001\nSOMETHING=2\n")
    Path(".env").chmod(0o600)
    found = list(env_file(patient))
    assert [(finding.name, finding.cure) for finding in found] == [
        ("TELEGRAM_TOKEN", "Did you mean TELEGRAM_BOT_TOKEN?"),
        ("SOMETHING", ""),
    ]


def test_a_key_or_an_env_file_that_others_can_read_is_noticed(patient: Patient) -> None:
    Path(".env").write_text("PORT=8001\n")
    Path(".env").chmod(0o644)
    assert [finding.cure for finding in env_file(patient)] == ["chmod 600 .env"]
    kept_key(patient.settings.data_dir)
    assert list(key(patient)) == []
    (patient.settings.data_dir / "secret.key").chmod(0o640)
    assert healths(list(key(patient))) == [Health.BAD]


@pytest.mark.parametrize(
    ("free", "health"), [(50 << 20, Health.BAD), (500 << 20, Health.BETTER), (5 << 30, Health.WELL)]
)
def test_a_disk_that_fills_is_told_in_time(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, free: int, health: Health
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": free})())
    assert healths(list(disk(patient))) == [health]


def test_folders_that_cannot_be_written_to_must_be_mended(
    bare_environment: Path, no_privileges: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bare_environment / "shut").mkdir(mode=0o555)
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///shut/not-there-yet/bot.sqlite3")
    (found,) = disk(Patient(load_settings(), ROOT, NOW, None, well("database", "sqlite")))
    assert (found.health, found.name) == (Health.BAD, "DATABASE_URL")
    assert f"{bare_environment}/shut cannot be written to" in found.seen
    assert "set DATABASE_URL" in found.cure


@pytest.mark.parametrize(("folder", "seen"), [("shut", "cannot be written to"), ("a-file", "is not a folder")])
def test_a_data_dir_that_is_of_no_use_is_a_finding_with_its_cure(
    cli: Cli, bare_environment: Path, no_privileges: None, monkeypatch: pytest.MonkeyPatch, folder: str, seen: str
) -> None:
    cli("db", "upgrade")
    (bare_environment / "shut").mkdir(mode=0o000)
    (bare_environment / "a-file").touch()
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///data/sse-bot.sqlite3")
    monkeypatch.setenv("DATA_DIR", folder)
    ran = cli("doctor")
    assert ran.code == 1
    assert re.search(rf"^✗ DATA_DIR .*{seen}.*→ .*set DATA_DIR", ran.out, re.M)
    assert "failed itself" not in ran.out


@pytest.mark.parametrize("now", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)])
def test_a_clock_that_was_never_set_must_be_mended(patient: Patient, now: datetime) -> None:
    assert healths(list(clock(replace(patient, now=now)))) == [Health.BAD]
    assert healths(list(clock(patient))) == [Health.WELL]


async def test_books_that_do_not_add_up_must_be_looked_into(patient: Patient, store: Store) -> None:
    assert healths(list(await books(replace(patient, store=store)))) == [Health.WELL]
    async with store.transaction() as tx:
        tx.count("received", 3)
    (finding,) = await books(replace(patient, store=store))
    assert (finding.health, finding.seen) == (
        Health.BAD,
        "received is 3, but handled + parked + unusable + duplicate is 0",
    )


async def test_parts_that_still_wait_do_not_unbalance_the_books(patient: Patient, store: Store) -> None:
    await makers.arrive(store, "ada", parts=("one", "two"))
    assert healths(list(await books(replace(patient, store=store)))) == [Health.WELL]


async def test_what_failed_in_our_code_is_noticed(patient: Patient, store: Store) -> None:
    asked = replace(patient, store=store)
    assert healths(list(await inbox(asked))) == [Health.WELL]
    async with store.transaction() as tx:
        (arrival,) = await tx.accept([makers.said("telegram:1")], makers.NOON)
        await tx.save([Parked(arrival.event, arrival.address_id, "KeyError")], makers.NOON)
    (finding,) = await inbox(asked)
    assert (finding.health, finding.cure) == (Health.BETTER, "See: sse-bot inbox")


def test_lessons_that_cannot_be_read_must_be_mended(patient: Patient, tmp_path: Path) -> None:
    found = list(content(replace(patient, root=tmp_path)))
    assert found[0].health is Health.BAD
    assert found[0].cure == "See: sse-bot check"


async def test_a_check_that_fails_itself_does_not_stop_the_others(patient: Patient) -> None:
    def broken(_: Patient) -> Iterator[Finding]:
        raise KeyError("learner's words")

    async def refused(_: Patient) -> list[Finding]:
        raise DatabaseRefused("It is gone.", "Bring it back.")

    def last(_: Patient) -> list[Finding]:
        return [well("last", "looked at")]

    found = [finding async for finding in examine(patient, [broken, refused, last])][-3:]
    assert found == [
        bad("broken", "this check failed itself (KeyError)", "Please report it."),
        bad("refused", "It is gone.", "Bring it back."),
        well("last", "looked at"),
    ]


def test_the_clock_may_be_a_little_off(patient: Patient) -> None:
    assert healths(list(clock(replace(patient, now=NOW + timedelta(days=400))))) == [Health.WELL]
