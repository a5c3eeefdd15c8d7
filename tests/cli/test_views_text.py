"""Text for terminals: harmless, wrapped at words, measured in cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from atoll_host.cli.views.text import cut_middle, wrap
from atoll_host.workspace.describing.text import clean, listed, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="escape-sequence"),
        pytest.param("a\rb", "a\\rb", id="carriage-return"),
        pytest.param("a\r\nb", "a\nb", id="line-end-of-windows"),
        pytest.param("\u202eabc", "\\u202eabc", id="right-to-left-override"),
        pytest.param("\x9b31m", "\\x9b31m", id="control-of-eight-bits"),
        pytest.param("a\u00a0b", "a b", id="non-breaking-space"),
        pytest.param("売\u3000上", "売\u3000上", id="wide-space"),
        pytest.param("👩\u200d💻", "👩\u200d💻", id="joined-emoji"),
        pytest.param("\udc80", "\\udc80", id="lone-surrogate"),
    ],
)
def test_what_could_drive_a_terminal_is_shown_as_an_escape(text, shown):
    assert clean(text) == shown


@given(st.text())
def test_no_control_character_is_left_in_any_text(text):
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in one_line(text))
    one_line(text).encode("utf-8")


@given(st.lists(st.text("abc売🎉/-", min_size=1, max_size=30)), st.integers(10, 60))
def test_lines_are_wrapped_at_words_and_no_word_is_lost(words, width):
    lines = wrap(" ".join(words), width, "* ", "  ")
    assert " ".join(lines).split() == ["*", *words]
    assert all(cell_len(line) <= width or len(line.split()) <= 2 for line in lines)


def test_a_word_that_is_longer_than_a_line_stays_whole():
    path = "/a/very/long/path/that/goes/on/and/on"
    assert wrap(f"see {path} there", 20, "", "  ") == ["see", f"  {path}", "  there"]


def test_lines_and_their_indentation_are_kept():
    assert wrap("one:\n    two three four", 14, "", "") == ["one:", "    two three", "    four"]


def test_without_a_width_nothing_is_wrapped():
    assert wrap("word " * 100, None) == [("word " * 100).rstrip()]


@given(st.text("abc売", max_size=40), st.integers(1, 20))
def test_a_name_cut_in_its_middle_fits(name, width):
    assert cell_len(cut_middle(name, width)) <= max(width, 1)


def test_an_enumeration_says_how_much_it_leaves_out():
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert listed(["a", "b"], 2) == "a, b"
