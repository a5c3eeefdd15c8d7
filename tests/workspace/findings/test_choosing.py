"""Which codes are wanted, as in ruff."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atoll_host.workspace.findings.choosing import Choice, find_unknown, is_chosen, split_words, suggest_code
from atoll_host.workspace.findings.codes import NUMBERS


def chosen(*choices):
    return {number for number in NUMBERS if is_chosen(number, choices)}


def begins(*words):
    return {number for number in NUMBERS if number.startswith(words)}


@pytest.mark.parametrize(
    ("choices", "wanted"),
    [
        pytest.param([], begins("ATL"), id="everything"),
        pytest.param([Choice()], begins("ATL"), id="nothing-said"),
        pytest.param([Choice(ignore=("ATL3",))], begins("ATL") - begins("ATL3"), id="a-group-ignored"),
        pytest.param([Choice(("ATL3",))], begins("ATL3"), id="a-group-selected"),
        pytest.param([Choice(("ATL3",), ("ATL301",))], begins("ATL3") - {"ATL301"}, id="longer-ignored"),
        pytest.param([Choice(("ATL301",), ("ATL3",))], {"ATL301"}, id="longer-selected"),
        pytest.param([Choice(("ATL301",), ("ATL301",))], set(), id="equally-long"),
        pytest.param([Choice(("ALL",), ("ATL4",))], begins("ATL") - begins("ATL4"), id="all-but"),
        pytest.param([Choice(("ATL4",), ("ALL",))], begins("ATL4"), id="all-ignored-but"),
        pytest.param([Choice(ignore=("ALL",))], set(), id="all-ignored"),
        pytest.param([Choice(ignore=("ATL301",)), Choice(("ATL3",))], begins("ATL3"), id="a-nearer-place-starts-anew"),
        pytest.param(
            [Choice(("ATL3",)), Choice(ignore=("ATL301",))], begins("ATL3") - {"ATL301"}, id="a-nearer-place-takes-away"
        ),
        pytest.param(
            [Choice(("ATL3",)), Choice(), Choice(ignore=("ATL4",))], begins("ATL3"), id="ignoring-adds-nothing"
        ),
    ],
)
def test_the_longest_beginning_decides_and_the_nearest_place(choices, wanted):
    assert chosen(*choices) == wanted


words = st.sampled_from(["ALL", "A", "ATL", "ATL3", "ATL30", "ATL301", "ATL4", "ATL405"])
lists = st.lists(words, max_size=3).map(tuple)


@given(st.lists(st.builds(Choice, st.none() | lists, lists), max_size=4))
def test_the_nearest_place_that_selects_hides_those_before_it(choices):
    selecting = [number for number, choice in enumerate(choices) if choice.select is not None]
    last = selecting[-1] if selecting else 0
    assert chosen(*choices) == chosen(*choices[last:]) or not selecting
    assert chosen(*choices, Choice(ignore=("ALL",))) == set()


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("atl301", "did you mean ATL301?"),
        ("import_error", "did you mean ATL301?"),
        ("import-error", "did you mean ATL301?"),
        ("improt_error", "did you mean ATL301?"),
        ("ATL3011", "did you mean ATL301?"),
        ("E501", "`atoll explain` lists all codes"),
    ],
)
def test_a_word_that_begins_no_code_gets_a_hint(word, hint):
    message, said = find_unknown(word)
    assert repr(word) in message
    assert said == hint == suggest_code(word)


@pytest.mark.parametrize("word", ["ALL", "A", "ATL", "ATL3", "ATL301"])
def test_a_word_that_begins_codes_is_fine(word):
    assert find_unknown(word) is None


def test_words_of_a_command_line_may_hold_several():
    assert split_words(["ATL3, ATL405", "", "ATL5,"]) == ("ATL3", "ATL405", "ATL5")
