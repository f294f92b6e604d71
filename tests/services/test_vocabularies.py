"""The packaged vocabularies: complete, and no word in them means two things."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from syncsvc.core.fields import Vocabulary
from syncsvc.core.folding import bare
from syncsvc.core.schema import VOCABULARIES
from syncsvc.services.vocabularies import load

each_vocabulary = pytest.mark.parametrize("vocabulary", load().values(), ids=load())


def test_every_list_a_mapping_may_name_is_there() -> None:
    assert load().keys() >= VOCABULARIES


@each_vocabulary
def test_no_word_means_two_things(vocabulary: Vocabulary) -> None:
    words = Counter(
        word for entry in vocabulary.entries for word in {bare(w) for w in (entry.key, entry.label, *entry.aliases)}
    )

    assert [word for word, times in words.items() if times > 1] == []


@each_vocabulary
def test_doubtful_words_propose_entries_of_the_same_list(vocabulary: Vocabulary) -> None:
    keys = {entry.key for entry in vocabulary.entries}

    assert len(keys) == len(vocabulary.entries)
    assert {key for entry in vocabulary.entries for key in entry.details.get("means", "").split()} <= keys


def test_measures_say_whether_they_are_coaching() -> None:
    """The classes of the programme's rule on duplicate coaching, and since when the law knows § 16k."""
    measures = {entry.key: entry for entry in load()["measures"].entries}

    by_class = {
        kind: {key for key, entry in measures.items() if entry.details.get("coaching") == kind}
        for kind in ("hard", "soft")
    }
    assert by_class["hard"] == {"sgb2_16k", "sgb3_45_mat_single", "esf_other"}
    assert by_class["soft"] == {"sgb3_45_mat_group", "sgb2_16e", "sgb2_16i", "sgb2_16h", "sgb2_16g", "sgb3_74"}
    assert measures["sgb2_16k"].valid_from == date(2023, 7, 1)
