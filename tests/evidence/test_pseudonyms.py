"""Codes that lead nowhere without the key, and keys that are kept only on purpose."""

import hmac
import re
import stat
from pathlib import Path

import pytest

from bot.errors import ExportRefused
from bot.evidence.pseudonyms import BLOCK, Pseudonyms, kept_key, keyed, new_key
from bot.seal import Seal

SEAL = Seal("a secret for tests, long enough to be one")
IDS = [str(n).encode() for n in (1, 2, 3, 2**40, 2**63 - 1)]


@pytest.mark.parametrize("size", [1, 32, BLOCK, BLOCK + 1, 200])
def test_the_lean_hmac_is_the_hmac(size: int) -> None:
    key = bytes(range(size))
    for text in (b"", b"learner", b"x" * 1000):
        assert keyed(key)(text) == hmac.new(key, text, "sha256").hexdigest()


def test_the_same_key_gives_the_same_codes_and_another_key_others() -> None:
    one, same, other = Pseudonyms(b"1" * 32), Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert one.learner(b"ada") == same.learner(b"ada") != other.learner(b"ada")
    assert one.responses(IDS) == same.responses(IDS)
    assert not set(one.responses(IDS)) & set(other.responses(IDS))


def test_a_code_does_not_depend_on_its_page() -> None:
    codes = Pseudonyms(new_key())
    assert codes.responses(IDS) == [code for id_ in IDS for code in codes.responses([id_])]
    assert len(set(codes.responses(IDS))) == len(IDS)
    assert codes.responses([]) == []


def test_no_spreadsheet_takes_a_code_for_a_number() -> None:
    codes = Pseudonyms(new_key())
    made = [*codes.responses(IDS), codes.learner(b"ada")]
    assert all(re.fullmatch(rb"[LR][0-9a-f]{16,20}", code) for code in made)


def test_nobody_has_no_code() -> None:
    assert Pseudonyms(new_key()).learner(b"") == b""


def test_a_named_key_is_made_once_kept_sealed_and_for_its_owner(tmp_path: Path) -> None:
    first = kept_key(tmp_path, "yearly", SEAL)
    assert kept_key(tmp_path, "yearly", SEAL) == first != kept_key(tmp_path, "monthly", SEAL)
    path = tmp_path / "export-keys" / "yearly"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert first.hex() not in path.read_text()
    assert sorted(file.name for file in path.parent.iterdir()) == ["monthly", "yearly"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    kept_key(tmp_path, "yearly", SEAL)
    (tmp_path / "export-keys" / "yearly").chmod(0o644)
    with pytest.raises(ExportRefused, match="chmod 600"):
        kept_key(tmp_path, "yearly", SEAL)


def test_a_key_of_another_house_or_half_a_key_is_refused(tmp_path: Path) -> None:
    kept_key(tmp_path, "yearly", SEAL)
    with pytest.raises(ExportRefused, match="SECRET_KEY"):
        kept_key(tmp_path, "yearly", Seal("another secret, also long enough"))
    path = tmp_path / "export-keys" / "yearly"
    path.write_text(path.read_text()[:20])
    with pytest.raises(ExportRefused, match="SECRET_KEY"):
        kept_key(tmp_path, "yearly", SEAL)


@pytest.mark.parametrize("name", ["", "../x", "/etc/passwd", "A", "a b", ".x", "a" * 50, "é"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportRefused, match="cannot name a key"):
        kept_key(tmp_path, name, SEAL)
    assert list(tmp_path.iterdir()) == []
