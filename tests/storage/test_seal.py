"""One secret: the same address is recognised, and nobody without it learns anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationRefused, DatabaseRefused
from bot.seal import Seal

SEAL = Seal("a secret for tests, long enough to be one")
OTHER = Seal("another secret, just as long as the first")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(TEXTS)
def test_what_was_sealed_is_unsealed(text: str) -> None:
    assert SEAL.unseal(SEAL.seal(text)) == text


def test_the_same_text_sealed_twice_looks_different() -> None:
    assert SEAL.seal("+34600123456") != SEAL.seal("+34600123456")


@pytest.mark.parametrize("sealed", ["", "1.", "nonsense", "1.AAAA", "1." + "A" * 60, "ñ"])
def test_what_is_not_sealed_by_us_is_refused(sealed: str) -> None:
    with pytest.raises(DatabaseRefused, match="SECRET_KEY"):
        SEAL.unseal(sealed)


def test_another_key_or_a_changed_letter_is_refused() -> None:
    sealed = SEAL.seal("+34600123456")
    changed = sealed[:5] + ("x" if sealed[5] != "x" else "y") + sealed[6:]
    for seal, text in ((OTHER, sealed), (SEAL, changed)):
        with pytest.raises(DatabaseRefused):
            seal.unseal(text)


def test_an_address_has_one_hash_for_each_channel_and_key() -> None:
    assert SEAL.hash("telegram", "1") == Seal("a secret for tests, long enough to be one").hash("telegram", "1")
    hashes = {SEAL.hash("telegram", "1"), SEAL.hash("whatsapp", "1"), SEAL.hash("telegram", "2")}
    assert len(hashes | {OTHER.hash("telegram", "1"), SEAL.hash("telegra", "m1")}) == 5


def test_a_signature_holds_for_its_purpose_text_and_key_only() -> None:
    signature = SEAL.sign("status", "17")
    assert len(signature) == 22
    assert SEAL.signed("status", "17", signature)
    assert not SEAL.signed("status", "18", signature)
    assert not SEAL.signed("verify", "17", signature)
    assert not OTHER.signed("status", "17", signature)
    for forged in ("", signature[:-1], signature.swapcase(), signature + "A", "ñ", "\ud800"):
        assert not SEAL.signed("status", "17", forged)


def test_no_secret_stands_in_its_repr_and_none_is_refused() -> None:
    assert "secret" not in repr(SEAL)
    with pytest.raises(ConfigurationRefused, match="SECRET_KEY"):
        Seal("")
