"""Problems: the sentence first, then where, the source, the way there, and what to type."""

from __future__ import annotations

import pytest
from reports import drawn
from rich.cells import cell_len

from atoll_host.cli.views.problems import draw_problem, draw_problems
from atoll_host.envs.errors import Frame, Problem
from atoll_host.workspace.findings.located import LocatedProblem


def text(problem, location="sales", **console):
    return drawn(lambda out: draw_problem(out, LocatedProblem(location, problem)), **console)


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "definitions.py"
    file.write_text("import atoll\n\n\tvalue = 売上(wrong)\n" + "x" * 300 + "  # here\n", encoding="utf-8")
    return file


def test_a_caret_stands_below_the_column_also_behind_tabs_and_wide_characters(module):
    column = module.read_text(encoding="utf-8").splitlines()[2].index("wrong") + 1
    problem = Problem("syntax_error", "invalid syntax", file=str(module), line=3, column=column)
    *_, source, caret = text(problem).splitlines()
    assert source == "  3 |     value = 売上(wrong)"
    assert caret.index("^") == cell_len(source.partition("wrong")[0])


def test_without_a_column_the_whole_line_is_marked(module):
    *_, source, caret = text(Problem("x", "m", file=str(module), line=3)).splitlines()
    assert cell_len(source) == cell_len(caret)
    assert caret.strip(" |^") == ""


@pytest.mark.parametrize("column", [1, 150, 300, 306])
def test_a_long_source_line_is_cut_around_the_place(module, column):
    lines = text(Problem("x", "m", file=str(module), line=4, column=column), width=80).splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    source, caret = lines[-2:]
    whole = module.read_text(encoding="utf-8").splitlines()[3]
    assert source[caret.index("^")] == whole[column - 1]


def test_the_path_is_relative_where_that_is_shorter_and_always_whole(module):
    assert "  --> definitions.py:3:1" in text(Problem("x", "m", file=str(module), line=3, column=1))
    far = "/elsewhere/" + "folder with spaces/" * 10 + "x.py"
    assert f"  --> {far}:1\n" in text(Problem("x", "m", file=far, line=1), width=40)


def test_a_long_message_is_wrapped_at_words_under_an_indent():
    message = (
        "The attribute 'defs' names a list, where a Definitions object or a function that returns one was expected"
    )
    lines = text(Problem("wrong_type", message), width=60).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == f"error[ATL309]: sales: {message}"


def test_where_nobody_watches_a_message_stays_in_one_line():
    message = "word " * 60 + "end"
    assert text(Problem("x", message), terminal=False) == f"error[x]: sales: {message}\n"


def test_a_broken_import_takes_less_than_15_lines(module):
    frames = tuple(Frame(str(module.parent / f"m{number}.py"), number, "<module>") for number in range(1, 40))
    problem = Problem(
        "import_error",
        "ModuleNotFoundError: No module named 'pandas'",
        "`uv add pandas` in " + "/a/long/folder" * 8,
        str(module),
        1,
        frames=(*frames, Frame(str(module), 1, "<module>", "import atoll")),
    )
    assert len(text(problem).splitlines()) < 15


LIBRARY = "/data/.atoll/envs/sales/abc/lib/python3.12/site-packages/pandas"


@pytest.fixture
def deep(module):
    frames = (
        Frame("/data/start.py", 1, "<module>"),
        Frame("/usr/lib/python3.12/runpy.py", 5, "run"),
        Frame(str(module), 3, "load"),
        Frame(f"{LIBRARY}/io.py", 7, "read"),
        Frame(f"{LIBRARY}/core.py", 9, "parse"),
    )
    return Problem("import_error", "m", file=str(module), line=3, frames=frames)


def test_where_a_library_failed_both_the_call_and_the_place_are_told_and_the_rest_of_the_library_is_folded(deep):
    assert [line.strip() for line in text(deep).splitlines()[-3:]] == [
        "raised in …/site-packages/pandas/core.py:9 in parse",
        "called from /data/start.py:1 in <module>",
        "… 2 library frames: `atoll validate --verbose` shows them",
    ]


def test_with_verbose_the_frames_of_libraries_are_unfolded(deep):
    lines = drawn(lambda out: draw_problem(out, LocatedProblem(None, deep), verbose=True)).splitlines()
    assert [line.strip() for line in lines[-4:]] == [
        "raised in …/site-packages/pandas/core.py:9 in parse",
        "called from …/site-packages/pandas/io.py:7 in read",
        "called from …/lib/python3.12/runpy.py:5 in run",
        "called from /data/start.py:1 in <module>",
    ]


def test_a_long_explanation_is_cut_and_says_how_much_there_is():
    lines = text(Problem("x", "m", detail="\n".join(f"line {number}" for number in range(40)))).splitlines()
    assert lines[-1].strip() == "| … 26 more lines: --json has them all"


def test_several_problems_of_one_location_stand_under_its_name():
    problems = [LocatedProblem("sales", Problem("a", "one")), LocatedProblem("sales", Problem("b", "two"))]
    problems += [
        LocatedProblem("stock", Problem("c", "three", severity="warning")),
        LocatedProblem(None, Problem("d", "four")),
    ]
    assert drawn(lambda out: draw_problems(out, problems)) == (
        "sales: 2 errors\nerror[a]: one\n\nerror[b]: two\n\nwarning[c]: stock: three\n\nerror[d]: four\n"
    )


def test_control_characters_never_reach_the_terminal(module):
    evil = "\x1b]0;title\x07\x1b[2J\r"
    module.write_text(f"x = '{evil}'\n")
    problem = Problem(
        f"k{evil}",
        f"m{evil}",
        f"h{evil}",
        str(module),
        1,
        detail=f"d{evil}",
        frames=(Frame(f"/f{evil}", 1, f"g{evil}"),),
    )
    for where in (problem, problem.replaced(file=f"/no{evil}where")):
        assert not set(text(where, location=f"l{evil}")) & set("\x1b\x07\r")


def test_a_line_of_a_file_of_variables_is_never_shown(tmp_path):
    file = tmp_path / ".env.local"
    file.write_text("PASSWORD=hunter2\n")
    assert "hunter2" not in text(Problem("configuration", "m", file=str(file), line=1))


def test_a_file_that_is_gone_or_is_none_is_no_trouble(tmp_path):
    for file in (tmp_path / "gone.py", tmp_path, "<string>", "relative.py", "/dev/zero", "/dev/stdin"):
        assert text(Problem("x", "m", file=str(file), line=1)).endswith(":1\n")
