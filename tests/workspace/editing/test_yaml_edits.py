"""Entries come, go and change their names, and everything else in the file stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from atoll_host.workspace.editing.transaction import EditRefusedError
from atoll_host.workspace.editing.yaml_edits import (
    NewEntry,
    add_entry,
    remove_entry,
    replace_entry,
    set_option,
    write_scalar,
)

FILE = Path("/w/workspace.yaml")
SHORT = NewEntry("project", "new/x")
LONG = NewEntry("python_file", "a b.py", {"executable_path": "/py/bin/python"})


def add(text, entry=SHORT):
    return add_entry(text, entry, FILE)


def remove(text, number):
    return remove_entry(text, number, FILE)


def name(text, number, new="new"):
    return set_option(text, number, "location_name", new, FILE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "load_from:\n  - project: new/x\n", id="empty"),
        pytest.param("# c\n", "# c\nload_from:\n  - project: new/x\n", id="only-a-comment"),
        pytest.param("---\n# c\n", "---\n# c\nload_from:\n  - project: new/x\n", id="document-start"),
        pytest.param("\ufeffload_from: []\n", "\ufeffload_from:\n  - project: new/x\n", id="byte-order-mark"),
        pytest.param("load_from: []  # c\nx: 1\n", "load_from:  # c\n  - project: new/x\nx: 1\n", id="empty-list"),
        pytest.param("load_from:\n# c\nx: 1\n", "load_from:\n  - project: new/x\n# c\nx: 1\n", id="no-value"),
        pytest.param("load_from: ~", "load_from:\n  - project: new/x", id="null-without-newline"),
        pytest.param("x: 1", "x: 1\nload_from:\n  - project: new/x", id="no-key-and-no-newline"),
        pytest.param("x: 1\n# end\n", "x: 1\nload_from:\n  - project: new/x\n# end\n", id="no-key"),
        pytest.param("{x: 1}\n", "{x: 1, load_from: [{project: new/x}]}\n", id="all-in-braces"),
        pytest.param("{load_from: []}\n", "{load_from: [{project: new/x}]}\n", id="empty-list-in-braces"),
        pytest.param(
            "load_from:\n- project: a # a\n\n# x\nx: 1\n",
            "load_from:\n- project: a # a\n- project: new/x\n\n# x\nx: 1\n",
            id="indented-by-0",
        ),
        pytest.param(
            "load_from:\n    -   project: a\n    # - project: off\n\n# end\n",
            "load_from:\n    -   project: a\n    # - project: off\n    -   project: new/x\n\n# end\n",
            id="indented-by-4",
        ),
        pytest.param(
            "load_from:\r\n  # c\r\n  - project: a",
            "load_from:\r\n  # c\r\n  - project: a\r\n  - project: new/x",
            id="crlf",
        ),
        pytest.param(
            "--- # d\nload_from:\n  - project: a\n...\n",
            "--- # d\nload_from:\n  - project: a\n  - project: new/x\n...\n",
            id="document-end",
        ),
        pytest.param(
            "load_from:\n  - python_file: |\n      a.py\n\nx: 1\n",
            "load_from:\n  - python_file: |\n      a.py\n  - project: new/x\n\nx: 1\n",
            id="after-a-block-text",
        ),
        pytest.param("load_from: [project: a]\n", "load_from: [project: a, {project: new/x}]\n", id="in-brackets"),
        pytest.param(
            "load_from: [\n  {project: a}, # a\n]\n",
            "load_from: [\n  {project: a}, # a\n  {project: new/x},\n]\n",
            id="lines",
        ),
        pytest.param(
            "load_from: [\n  {project: a} # a\n]\n",
            "load_from: [\n  {project: a}, # a\n  {project: new/x}\n]\n",
            id="lines-without-comma",
        ),
        pytest.param(
            "load_from:\n  - &k {project: a}\n  - *k\n",
            "load_from:\n  - &k {project: a}\n  - *k\n  - project: new/x\n",
            id="after-an-alias",
        ),
    ],
)
def test_an_entry_is_added_after_the_last(before, after):
    assert add(before) == after


def test_options_are_written_below_in_the_files_own_indentation():
    before = "load_from:\n    - python_module:\n          module_name: a\n"

    assert add(before, LONG) == before + (
        '    - python_file:\n          relative_path: "a b.py"\n          executable_path: /py/bin/python\n'
    )


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        pytest.param("load_from:\n  - project: a # a\n# end\n", 0, "load_from: []\n# end\n", id="the-only-one"),
        pytest.param(
            "load_from:\n  # of a\n  - project: a # a\n  # of b\n  - project: b\n",
            0,
            "load_from:\n  # of b\n  - project: b\n",
            id="with-its-comments",
        ),
        pytest.param(
            "load_from:\n  # all\n\n  - project: a\n  - project: b\n",
            0,
            "load_from:\n  # all\n\n  - project: b\n",
            id="a-comment-apart-stays",
        ),
        pytest.param(
            "load_from:\n  - project: a\n    # in a\n  # of b\n  - project: b\n    # in b\n",
            1,
            "load_from:\n  - project: a\n    # in a\n",
            id="the-last",
        ),
        pytest.param(
            "load_from:\n  - project: a\n\n  # of b\n  - project: b\n\n  - project: c\n",
            1,
            "load_from:\n  - project: a\n\n  - project: c\n",
            id="one-blank-line-remains",
        ),
        pytest.param("load_from:\n- project: a\n- project: b", 1, "load_from:\n- project: a", id="no-final-newline"),
        pytest.param(
            "load_from:\r\n  - project: a\r\n  - project: b\r\n", 0, "load_from:\r\n  - project: b\r\n", id="crlf"
        ),
        pytest.param(
            "load_from:\n  - python_file: |\n      a.py\n  - project: b\n",
            0,
            "load_from:\n  - project: b\n",
            id="block-text",
        ),
        pytest.param(
            "load_from: [project: a, {project: b}, project: c]\n", 1, "load_from: [project: a, project: c]\n", id="in"
        ),
        pytest.param("load_from: [project: a, project: b]\n", 1, "load_from: [project: a]\n", id="last-in-brackets"),
        pytest.param("load_from: [project: a]\n", 0, "load_from: []\n", id="only-one-in-brackets"),
        pytest.param(
            "load_from: [\n  {project: a}, # a\n  # of b\n  {project: b}, # b\n]\n",
            1,
            "load_from: [\n  {project: a}, # a\n]\n",
            id="line-in-brackets",
        ),
        pytest.param(
            "load_from:\n  - &k {project: a}\n  - *k\n", 1, "load_from:\n  - &k {project: a}\n", id="an-alias"
        ),
    ],
)
def test_an_entry_is_removed_with_the_comments_that_are_its_own(before, number, after):
    assert remove(before, number) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "load_from:\n  - project: 'a'  # c\n    # in\n",
            "load_from:\n  - project:  # c\n      path: 'a'\n      location_name: new\n    # in\n",
            id="short-form",
        ),
        pytest.param(
            "load_from: [{project: a}]\n",
            "load_from: [{project: {path: a, location_name: new}}]\n",
            id="short-in-brackets",
        ),
        pytest.param(
            "load_from:\n- python_file:\n    # c\n    relative_path: x.py # d\n    tags: [a]\n",
            "load_from:\n- python_file:\n    # c\n    relative_path: x.py # d\n    tags: [a]\n    location_name: new\n",
            id="long-form",
        ),
        pytest.param(
            "load_from:\n  - project: {path: a}\n",
            "load_from:\n  - project: {path: a, location_name: new}\n",
            id="long-in-braces",
        ),
        pytest.param(
            'load_from:\n  - project:\n      location_name: "old" # c\n      path: a\n',
            "load_from:\n  - project:\n      location_name: new # c\n      path: a\n",
            id="there-already",
        ),
        pytest.param(
            "load_from:\n  - python_file: {env: FILE}\n",
            "load_from:\n  - python_file:\n      relative_path: {env: FILE}\n      location_name: new\n",
            id="variable",
        ),
    ],
)
def test_an_entry_is_given_a_name(before, after):
    assert name(before, 0) == after


def test_an_entry_is_written_once_for_each_of_its_projects():
    before = "load_from:\n  # all\n  - project: {path: l/*, timeout: 3}  # c\n  - python_file: x.py\n"

    assert replace_entry(before, 0, ["l/a", "l/b c"], FILE) == (
        "load_from:\n  # all\n  - project: {path: l/a, timeout: 3}  # c\n"
        '  - project: {path: "l/b c", timeout: 3}  # c\n  - python_file: x.py\n'
    )
    assert replace_entry("load_from: [project: l/*]\n", 0, ["a", "b"], FILE) == "load_from: [project: a, project: b]\n"
    assert (
        replace_entry("load_from:\n  - project: l/*", 0, ["a", "b"], FILE)
        == "load_from:\n  - project: a\n  - project: b"
    )


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        pytest.param(lambda: add("- a\n"), "is no mapping", id="a-list"),
        pytest.param(
            lambda: add("load_from: x\n"), "load_from is not a list that is written in its place", id="a-text"
        ),
        pytest.param(lambda: add("a: &a []\nload_from: *a\n"), "load_from is not a list that is", id="an-alias"),
        pytest.param(
            lambda: add("a: &a {load_from: []}\n<<: *a\n"), "load_from may come from another mapping", id="merge"
        ),
        pytest.param(lambda: add("a: [\n"), "", id="broken"),
        pytest.param(lambda: add("a: 1\n---\nb: 1\n"), "", id="two-documents"),
        pytest.param(lambda: add("a: &a [*a]\n"), "", id="circle"),
        pytest.param(
            lambda: remove("load_from:\n  - &k {project: a}\n  - *k\n", 0),
            "something else refers to the entry by *k",
            id="anchor",
        ),
        pytest.param(
            lambda: name("load_from:\n  - &k {project: a}\n  - *k\n", 0),
            "something else refers to the entry by *k",
            id="shared",
        ),
        pytest.param(
            lambda: name("x: &k {project: a}\nload_from:\n  - *k\n", 0), "the entry is written as an alias", id="name"
        ),
        pytest.param(
            lambda: name("load_from:\n  - project: {path: a, location_name: {env: N}}\n", 0),
            "location_name comes from elsewhere",
            id="name-from-a-variable",
        ),
        pytest.param(
            lambda: replace_entry("load_from:\n  - project: {path: {env: P}}\n", 0, ["a"], FILE),
            "the entry's path comes from elsewhere",
            id="path-from-a-variable",
        ),
    ],
)
def test_what_can_not_be_changed_safely_is_refused(edit, why):
    with pytest.raises(EditRefusedError) as error:
        edit()

    (problem,) = error.value.problems
    assert why in problem.message
    assert "changed" in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    "value", ["a/b", "3.10", "yes", "~", "null", "a: b", "# c", " x", "é", "'", '"', "a\\b", "[x]", "*a", ""]
)
def test_every_text_is_written_so_that_it_is_read_again(value):
    assert yaml.safe_load(write_scalar(value)) == value
    assert yaml.safe_load(f"[{write_scalar(value)}, {{k: {write_scalar(value)}}}]") == [value, {"k": value}]


def _comments(text):
    return [line[line.index("#") :].rstrip("\r\n") for line in text.split("\n") if "#" in line]


@st.composite
def workspaces(draw):
    """Draw a workspace.yaml with comments everywhere, each of them once, and the number of its entries."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    indent = " " * draw(st.sampled_from([0, 2, 4]))
    gap = " " * draw(st.integers(1, 3))
    count = draw(st.integers(1, 4))
    serial = iter(range(1000))
    lines = []

    def maybe(line, chance=4):
        if draw(st.integers(1, chance)) == 1:
            lines.append(line)

    def tail():
        return f"  # {next(serial)}" if draw(st.booleans()) else ""

    maybe("---" + tail())
    maybe(f"# {next(serial)}")
    maybe("timeout: 5" + tail())
    lines.append("load_from:" + tail())
    for number in range(count):
        maybe("")
        maybe(f"{indent}# {next(serial)}", 2)
        dash, inner = f"{indent}-{gap}", indent + " " * (1 + len(gap))
        form = draw(st.sampled_from(["short", "long", "braces", "quoted", "block"]))
        if form == "short":
            lines.append(f"{dash}project: p{number}{tail()}")
        elif form == "quoted":
            lines.append(f"{dash}python_file: 'p{number}.py'{tail()}")
        elif form == "braces":
            lines.append(f"{dash}{{python_file: {{relative_path: p{number}.py, tags: [a, b]}}}}{tail()}")
        elif form == "block":
            lines.append(f"{dash}python_file: >-")
            lines.append(f"{inner}  p{number}.py")
        else:
            lines.append(f"{dash}python_file:{tail()}")
            maybe(f"{inner}  # {next(serial)}")
            lines.append(f"{inner}  relative_path: p{number}.py{tail()}")
            maybe(f"{inner}  timeout: {number + 1}{tail()}")
    maybe("")
    maybe(f"# {next(serial)}", 2)
    maybe("env_file: []" + tail())
    maybe("...")
    return newline.join(lines) + draw(st.sampled_from(["", newline])), count


_DRAWN = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@_DRAWN
@given(workspaces(), st.sampled_from([SHORT, LONG]))
def test_adding_keeps_every_line_and_its_order(drawn, entry):
    text, _ = drawn
    new = add(text, entry)

    old_lines, new_lines = text.splitlines(), iter(new.splitlines())
    assert all(line in new_lines for line in old_lines)
    assert yaml.safe_load(new)["load_from"] == [*yaml.safe_load(text)["load_from"], entry.to_plain()]
    assert ("\r" in new) == ("\r" in text) or "\n" not in text


@_DRAWN
@given(workspaces(), st.data())
def test_removing_takes_lines_of_one_entry_only(drawn, data):
    text, count = drawn
    number = data.draw(st.integers(0, count - 1))
    new = remove(text, number)

    before, after = yaml.safe_load(text), yaml.safe_load(new)
    assert after["load_from"] == before["load_from"][:number] + before["load_from"][number + 1 :]
    assert {key: value for key, value in after.items() if key != "load_from"} == {
        key: value for key, value in before.items() if key != "load_from"
    }
    kept = iter(_comments(text))
    assert all(comment in kept for comment in _comments(new))


@_DRAWN
@given(workspaces(), st.data())
def test_adding_and_removing_again_gives_the_same_text(drawn, data):
    text, count = drawn
    assume(text.endswith("\n"))

    assert remove(add(text), count) == text


@_DRAWN
@given(workspaces(), st.data())
def test_naming_keeps_every_comment_and_everything_else(drawn, data):
    text, count = drawn
    number = data.draw(st.integers(0, count - 1))
    try:
        new = name(text, number)
    except EditRefusedError as error:
        assert "several lines" in str(error)  # noqa: PT017 — both outcomes are right
        return

    assert _comments(new) == _comments(text)
    before, after = yaml.safe_load(text), yaml.safe_load(new)
    assert next(iter(after["load_from"][number].values())).pop("location_name") == "new"
    form = next(iter(before["load_from"][number]))
    if isinstance(before["load_from"][number][form], str):
        key = "path" if form == "project" else "relative_path"
        before["load_from"][number][form] = {key: before["load_from"][number][form]}
    assert after == before


@_DRAWN
@given(st.text(alphabet="load_from: -[]{}#&*\n\r'\"|>x,", max_size=60))
def test_any_text_is_changed_as_meant_or_refused(text):
    try:
        new = add(text)
    except EditRefusedError:
        return

    assert yaml.safe_load(new)["load_from"][-1] == {"project": "new/x"}
