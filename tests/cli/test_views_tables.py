"""Tables: as much as fits, the name above all; whole where nobody watches."""

from __future__ import annotations

import pytest
from reports import drawn
from rich.cells import cell_len
from rich.text import Text

from atoll_host.cli.views.tables import Column, draw_table

COLUMNS = (
    Column("Name"),
    Column("Where", least=6),
    Column("Size", "Sz", right=True, rank=1),
    Column("About", rank=2, least=8),
)
ROWS = [("alpha", "north", "12", "a first thing that is told at length"), ("beta", "south", "7", "a second")]


def lines(rows=ROWS, columns=COLUMNS, **console):
    return drawn(lambda target: draw_table(target, columns, rows), **console).splitlines()


def test_a_table_that_fits_is_aligned_and_has_no_boxes():
    assert lines(width=80) == [
        "Name   Where  Size  About",
        "alpha  north    12  a first thing that is told at length",
        "beta   south     7  a second",
    ]


def test_what_is_least_important_is_shortened_first_then_goes():
    assert lines(width=34) == [
        "Name   Where  Sz  About",
        "alpha  north  12  a first thing t…",
        "beta   south   7  a second",
    ]
    assert lines(width=22) == ["Name   Where  Sz", "alpha  north  12", "beta   south   7"]
    assert lines(width=14) == ["Name   Where", "alpha  north", "beta   south"]


def test_where_nobody_watches_on_a_terminal_everything_is_whole():
    rows = [("n" * 150, "north", "1", "told " * 40)]
    text = lines(rows, width=40, terminal=False)
    assert len(text) == 2
    assert "n" * 150 in text[1]
    assert text[1].endswith("told " * 39 + "told")


@pytest.mark.parametrize("width", range(20, 121, 7))
def test_no_line_is_wider_than_the_terminal(width):
    rows = [(f"some/long/prefix/of/a/name_{number}", "a location", str(number), "words " * 20) for number in range(30)]
    assert max(cell_len(line) for line in lines(rows, width=width)) <= width


def test_a_single_long_name_takes_no_room_from_the_others_and_stays_whole():
    long = "warehouse/finance/quarterly/" + "x" * 40
    rows = [(f"asset_{number:02}", "north", "1", "what it is") for number in range(40)]
    text = lines([*rows, (long, "south", "2", "the long one")], width=80)
    assert text[1] == "asset_00  north   1  what it is"
    assert text[-2] == long
    assert text[-1].split() == ["south", "2", "the", "long", "one"]


def test_a_name_that_is_longer_than_a_line_keeps_its_beginning_and_its_end():
    name = "beginning/" + "x" * 100 + "/end"
    (_, row, *_) = lines([(name, "", "", "")], width=40)
    assert row.startswith("beginning/")
    assert row.endswith("/end")
    assert "…" in row
    assert cell_len(row) == 40


def test_wide_characters_are_measured_in_cells():
    rows = [("売上", "東京", "1", ""), ("ascii", "here", "2", ""), ("🎉", "x", "3", "")]
    text = lines(rows, width=80)
    assert [cell_len(line) for line in text] == [cell_len(text[0])] * 4


def test_a_column_in_which_nothing_stands_is_left_out():
    assert lines([("a", "", "3", "")], width=80) == ["Name  Size", "a        3"]


def test_a_table_is_drawn_with_all_its_headings_when_there_is_no_room_at_all():
    assert lines(width=1)[0].startswith("Name")


def test_styles_of_cells_survive_the_cutting():
    text = drawn(lambda target: draw_table(target, COLUMNS, [(Text("a", style="bold"), "b", "", "")]), colour=True)
    assert "\x1b[1ma\x1b[0m" in text
