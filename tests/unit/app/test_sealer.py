"""Sealed provider keys open only with the right key and in the right row."""

from uuid import uuid4

import pytest

from db.crypto import CannotOpen, Sealer

OLD = bytes(range(32))
NEW = bytes(range(32, 64))


def test_a_sealed_secret_opens_again_and_shows_nothing_of_itself() -> None:
    sealer, row = Sealer([NEW]), uuid4()

    sealed = sealer.seal("sk-very-secret", row)

    assert sealer.open(sealed, row) == "sk-very-secret"
    assert b"secret" not in sealed
    assert sealer.seal("sk-very-secret", row) != sealed


def test_a_ciphertext_copied_into_another_row_does_not_open() -> None:
    sealer = Sealer([NEW])

    sealed = sealer.seal("sk-1", uuid4())

    with pytest.raises(CannotOpen):
        sealer.open(sealed, uuid4())


def test_a_changed_ciphertext_does_not_open() -> None:
    sealer, row = Sealer([NEW]), uuid4()
    sealed = bytearray(sealer.seal("sk-1", row))
    sealed[-1] ^= 1

    with pytest.raises(CannotOpen):
        sealer.open(bytes(sealed), row)


def test_during_a_rotation_both_keys_open_and_the_first_one_seals() -> None:
    row = uuid4()
    before = Sealer([OLD]).seal("sk-1", row)
    during = Sealer([NEW, OLD])

    assert during.open(before, row) == "sk-1"
    assert not during.is_current(before)
    assert during.is_current(during.seal("sk-1", row))
    assert during.fingerprints("sk-1") == (Sealer([NEW]).fingerprint("sk-1"), Sealer([OLD]).fingerprint("sk-1"))


def test_without_the_old_key_the_error_names_the_setting_and_not_the_secret() -> None:
    row = uuid4()
    sealed = Sealer([OLD]).seal("sk-1", row)

    with pytest.raises(CannotOpen, match="ENCRYPTION_KEY") as caught:
        Sealer([NEW]).open(sealed, row)
    assert "sk-1" not in str(caught.value)


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 31]])
def test_keys_of_another_length_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(keys)
