"""`atoll explain`: a page, several, all codes, none."""

from __future__ import annotations

import pytest
from reports import drawn

from atoll_host.cli.views.explaining import draw_codes, draw_page
from atoll_host.workspace.findings.codes import NUMBERS


@pytest.mark.parametrize("word", ["ATL301", "atl301", "import_error"])
def test_a_code_is_explained_where_there_is_no_workspace(folder, word):
    said = folder.run("explain", word).ended(0)
    assert said.out.startswith("# ATL301: an import failed\n")
    assert "## Fix\n" in said.out
    assert said.err == ""


def test_several_codes_are_explained_one_after_the_other(folder):
    said = folder.run("explain", "ATL301", "ATL405").ended(0).out
    assert said.index("# ATL301: ") < said.index("\n\n# ATL405: ")


def test_without_a_code_all_are_listed(folder):
    said = folder.run("explain").ended(0).out
    assert [line.split()[0] for line in said.splitlines() if line.startswith("ATL")] == list(NUMBERS)
    assert "\nAcross locations\n" in said


def test_an_unknown_code_gets_a_hint(folder):
    said = folder.run("explain", "ATL3011").ended(2)
    assert said.out == ""
    assert "There is no code 'ATL3011'" in said.err
    assert "did you mean ATL301?" in said.err


def test_as_json_the_page_is_beside_what_is_known_of_the_code(folder):
    (row,) = folder.run("explain", "ATL202", "--json").ended(0).json()["data"]
    assert row["page"].startswith("# ATL202: ")
    assert {name: row[name] for name in row if name != "page"} == {
        "code": "ATL202",
        "kind": "environment_stale",
        "title": "the environment is older than what it is built from",
        "severity": "warning",
        "group": "Environments",
    }


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_pages_and_the_list_fit(width):
    for code in NUMBERS.values():
        text = drawn(lambda console, code=code: draw_page(console, code), width=width)
        assert code.number in text
        assert "```" not in text
        assert max(map(len, text.splitlines())) <= width
    listed = drawn(draw_codes, width=width)
    assert max(map(len, listed.splitlines())) <= width


def test_on_a_terminal_the_files_of_an_example_are_named():
    text = drawn(lambda console: draw_page(console, NUMBERS["ATL501"]), colour=True)
    assert "sales.py" in text
    assert "shop.py" in text
    assert "\x1b[" in text
