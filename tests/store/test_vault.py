"""The vault: what is sealed opens only where it belongs, with the right key, and says nothing meanwhile."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncsvc.errors import ConfigurationError, KeyMissing, SealBroken
from syncsvc.store.vault import Vault, load_or_create_keys

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
AAD = "records.document:BSP-0137-E"

JSON = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_every_value_comes_back_as_it_was(value):
    vault = Vault([NEW])
    assert vault.open(vault.seal(value, AAD), AAD) == value


def test_a_blob_does_not_contain_the_text():
    blob = Vault([NEW]).seal({"family": "Canary"}, AAD)
    assert b"Canary" not in blob
    assert b"family" not in blob


def test_sealing_twice_gives_two_blobs():
    """Otherwise equal values could be told from equal blobs."""
    vault = Vault([NEW])
    assert vault.seal("same", AAD) != vault.seal("same", AAD)


@pytest.mark.parametrize("elsewhere", ["records.document:BSP-0138-C", "base_rows.document:BSP-0137-E"])
def test_a_blob_moved_to_another_row_or_column_does_not_open(elsewhere):
    vault = Vault([NEW])
    blob = vault.seal("hers", AAD)
    with pytest.raises(SealBroken):
        vault.open(blob, elsewhere)


@pytest.mark.parametrize("position", [4, 20, -1])
def test_a_damaged_blob_does_not_open(position):
    vault = Vault([NEW])
    blob = bytearray(vault.seal("hers", AAD))
    blob[position] ^= 1
    with pytest.raises(SealBroken):
        vault.open(bytes(blob), AAD)


def test_a_blob_cut_short_does_not_open():
    vault = Vault([NEW])
    with pytest.raises(SealBroken):
        vault.open(vault.seal("hers", AAD)[:10], AAD)


def test_every_key_opens_what_it_sealed_and_the_one_in_force_seals():
    old, both = Vault([OLD]), Vault([NEW, OLD])
    assert both.open(old.seal("before", AAD), AAD) == "before"
    with pytest.raises(KeyMissing):
        old.open(both.seal("after", AAD), AAD)
    assert old.open(both.using(old.key_id).seal("after", AAD), AAD) == "after"
    with pytest.raises(KeyMissing):
        old.using(both.key_id)


def test_what_is_sealed_anew_keeps_its_content_and_may_change_its_place():
    old, both = Vault([OLD]), Vault([NEW, OLD])
    moved = both.reseal(old.seal({"name": "\ud800 a"}, AAD), AAD, "questions.document:2")
    assert Vault([NEW]).open(moved, "questions.document:2") == {"name": "\ud800 a"}
    with pytest.raises(SealBroken):
        both.reseal(moved, AAD)


def test_an_unknown_key_is_named_as_the_reason():
    with pytest.raises(KeyMissing, match="Schlüssel"):
        Vault([OTHER]).open(Vault([OLD]).seal("hers", AAD), AAD)


def test_blind_indexes_are_made_with_the_key_in_force():
    old = Vault([OLD])
    rotated = Vault([NEW, OLD])
    assert rotated.using(old.key_id).index("customer_no", "1") == old.index("customer_no", "1")
    assert rotated.index("customer_no", "1") == Vault([NEW]).index("customer_no", "1")


def test_blind_indexes_differ_by_text_kind_and_key():
    vault = Vault([OLD])
    digests = {
        vault.index("customer_no", "123A456789"),
        vault.index("customer_no", "123A456780"),
        vault.index("name", "123A456789"),
        Vault([NEW]).index("customer_no", "123A456789"),
    }
    assert len(digests) == 4


@pytest.mark.parametrize("keys", [[], [b"short"], [OLD, b"l" * 33]])
def test_keys_of_a_wrong_length_are_refused(keys):
    with pytest.raises(ConfigurationError, match="32"):
        Vault(keys)


def test_a_new_key_file_is_private_and_stays(tmp_path: Path):
    path = tmp_path / "data" / "encryption.key"
    (key,) = load_or_create_keys(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_keys(path) == (key,)
    assert [file.name for file in path.parent.iterdir()] == ["encryption.key"]


def test_a_key_file_somebody_put_there_is_used(tmp_path: Path):
    path = tmp_path / "encryption.key"
    path.write_bytes(base64.b64encode(OLD) + b"\r\n")
    assert load_or_create_keys(path) == (OLD,)
    path.write_bytes(base64.b64encode(NEW) + b"\n" + base64.b64encode(OLD) + b"\n")
    assert load_or_create_keys(path) == (NEW, OLD)


def test_whoever_starts_first_makes_the_key_for_all(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_or_create_keys, [tmp_path / "encryption.key"] * 8))
    assert len(keys) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"not a key", base64.b64encode(OLD) + b"\nrest", base64.b64encode(b"too short"), "schlüssel".encode()],
)
def test_a_damaged_key_file_is_refused_and_left_alone(tmp_path: Path, content):
    path = tmp_path / "encryption.key"
    path.write_bytes(content)
    with pytest.raises(KeyMissing, match="beschädigt"):
        load_or_create_keys(path)
    assert path.read_bytes() == content
