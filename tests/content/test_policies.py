"""Ages and helplines by country."""

from pathlib import Path

import pytest

from bot.content.complaints import Complained
from bot.content.policy_models import read_policies

AGES = """\
default: 16
source: A law
countries:
  ES: {age: 14, source: Another law}
"""
HELPLINES = """\
countries:
  ES: {name: ANAR, numbers: 900 20 20 10, source: "https://anar.example", seen: 2026-11}
"""


def policies(folder: Path, ages: str = AGES, helplines: str = HELPLINES) -> Path:
    (folder / "ages.yaml").write_text(ages, encoding="utf-8")
    (folder / "helplines.yaml").write_text(helplines, encoding="utf-8")
    return folder


def test_the_age_is_the_country_s_or_the_default(tmp_path: Path):
    limit = read_policies(policies(tmp_path)).age_limit
    assert (limit("ES"), limit("FR"), limit(None)) == (14, 16, 16)


def test_the_helpline_is_the_country_s_or_none(tmp_path: Path):
    line = read_policies(policies(tmp_path)).helpline
    assert (line("ES"), line("FR"), line(None)) == ("ANAR: 900 20 20 10", None, None)


def test_a_bot_without_policies_holds_to_the_strictest_age():
    assert read_policies(None).age_limit("ES") == 16
    assert read_policies(None).helpline("ES") is None


@pytest.mark.parametrize("file", ["ages.yaml", "helplines.yaml"])
def test_a_policy_that_is_gone_is_refused(tmp_path: Path, file: str):
    (policies(tmp_path) / file).unlink()
    with pytest.raises(Complained, match=f"{file}:1 .*put the file there"):
        read_policies(tmp_path)


@pytest.mark.parametrize(
    ("ages", "what"),
    [
        (AGES.replace("age: 14", "age: 0"), "countries.ES.age"),
        (AGES.replace("ES", "es"), "not a valid id"),
        (AGES.replace(", source: Another law", ""), "countries.ES.source: is missing"),
        ("default: [", "not valid YAML"),
    ],
)
def test_a_wrong_policy_is_refused(tmp_path: Path, ages: str, what: str):
    with pytest.raises(Complained, match=what):
        read_policies(policies(tmp_path, ages))
