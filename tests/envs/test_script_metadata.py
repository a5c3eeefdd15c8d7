"""PEP 723: what a script says of its environment, and mistakes at the script's own lines."""

from __future__ import annotations

import subprocess
import sys

import pytest

from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.script_metadata import key_line, parse_requires_python, read

BLOCK = """\
# /// script
# requires-python = ">=3.9"
# dependencies = [
#   "pandas<2",
#   "rich",
# ]
#
# [tool.uv]
# exclude-newer = "2025-01-01T00:00:00Z"
# ///
"""


@pytest.fixture
def script(tmp_path):
    def write(text):
        path = tmp_path / "script.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def problem_of(path):
    with pytest.raises(ConfigurationError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.hint
    return problem


def test_everything_in_the_block_is_read(script):
    metadata = read(script(f"#!/usr/bin/env python\n\n{BLOCK}\nimport pandas\n"))
    assert metadata.dependencies == ("pandas<2", "rich")
    assert metadata.requires_python == ">=3.9"
    assert metadata.tool == {"uv": {"exclude-newer": "2025-01-01T00:00:00Z"}}
    assert metadata.line == 3
    assert metadata.lines == {"requires-python": 4, "dependencies": 5, "tool": 10}
    assert metadata.raw.splitlines()[0] == 'requires-python = ">=3.9"'
    assert metadata.raw.splitlines()[5] == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("print(1)\n", id="code"),
        pytest.param("# /// test\n# a = 1\n# ///\n", id="another-type"),
        pytest.param("    # /// script\n    # ///\n", id="indented"),
        pytest.param("# /// scripts\n# ///\n", id="longer-word"),
        pytest.param("text = '# /// script'\n", id="in-a-line"),
    ],
)
def test_a_script_without_the_block_has_no_metadata(script, text):
    assert read(script(text)) is None


def test_an_empty_block_asks_for_nothing(script):
    metadata = read(script("# /// script\n# ///\n"))
    assert (metadata.dependencies, metadata.requires_python, metadata.tool) == ((), None, {})


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_understood(script, newline):
    assert read(script(BLOCK.replace("\n", newline))).dependencies == ("pandas<2", "rich")


def test_a_byte_order_mark_is_no_part_of_the_first_line(script):
    assert read(script(b"\xef\xbb\xbf" + BLOCK.encode())).line == 1


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "cp1252"])
def test_the_declared_encoding_is_used(script, encoding):
    text = f'# -*- coding: {encoding} -*-\n# /// script\n# [tool.x]\n# name = "naïve"\n# ///\n'
    assert read(script(text.encode(encoding))).tool == {"x": {"name": "naïve"}}


def test_an_encoding_is_not_declared_after_code(script):
    assert read(script(f"x = 1\n# coding: nonsense\n{BLOCK}")).requires_python == ">=3.9"


def test_an_unknown_encoding_is_said_at_its_line(script):
    problem = problem_of(script(f"#!/usr/bin/python\n# coding: nonsense\n{BLOCK}"))
    assert (problem.message, problem.line) == ("The script declares the encoding 'nonsense', which is unknown", 2)


def test_text_that_is_not_in_its_encoding_is_said_at_its_line(script):
    problem = problem_of(script(BLOCK.encode() + b"x = '\xff'\n"))
    assert (problem.message, problem.line) == ("The script is no utf-8 text", 11)


def test_two_blocks_are_said_with_both_lines(script):
    problem = problem_of(script(f"{BLOCK}\nx = 1\n{BLOCK}"))
    assert problem.message == "There are two script metadata blocks, at line 1 and line 13"
    assert (problem.line, problem.column) == (13, 1)


def test_a_block_that_is_never_closed_is_said_where_it_breaks_off(script):
    problem = problem_of(script('# /// script\n# dependencies = ["rich"]\nimport rich\n'))
    assert (problem.message, problem.line) == ("The script metadata block is never closed", 3)


def test_a_line_without_the_space_breaks_the_block_off(script):
    problem = problem_of(script('# /// script\n#dependencies = ["rich"]\n# ///\n'))
    assert (problem.message, problem.line) == ("The script metadata block is never closed", 2)
    assert "`# `" in problem.hint


@pytest.mark.parametrize(
    ("toml", "line", "column", "words"),
    [
        pytest.param("# a = = 1", 3, 7, "Invalid value", id="value"),
        pytest.param('#\n# dependencies = ["a" "b"]', 4, 23, "Unclosed array", id="array"),
        pytest.param('# dependencies = [\n#   "a",', 4, None, "", id="end"),
        pytest.param("# a = 1\n# a = 2", 4, 8, "Cannot overwrite a value", id="twice"),
    ],
)
def test_bad_toml_is_said_at_the_line_and_column_of_the_script(script, toml, line, column, words):
    problem = problem_of(script(f"x = 1\n# /// script\n{toml}\n# ///\n"))
    assert problem.message.startswith(f"This is no valid TOML: {words}")
    assert "(at line" not in problem.message
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('dependencies = "rich"', "dependencies has to be a list of texts"),
        ("dependencies = [1]", "dependencies has to be a list of texts"),
        ("requires-python = 3.9", "requires-python has to be a text"),
        ('requires-python = "3.9"', "requires-python is '3.9', which is no version specifier"),
        ('requires-python = ">=x"', "requires-python is '>=x', which is no version specifier"),
        ("tool = 1", "tool has to be a table"),
        ('dependency = ["rich"]', "Script metadata has no key 'dependency'"),
    ],
)
def test_what_has_the_wrong_shape_is_said_at_its_line(script, toml, message):
    problem = problem_of(script(f"\n# /// script\n#\n# {toml}\n# ///\n"))
    assert (problem.message, problem.line, problem.column) == (message, 4, 3)


def test_a_script_that_is_not_there_is_said_with_its_name(tmp_path):
    assert problem_of(tmp_path / "missing.py").message == "The script cannot be read: No such file or directory"


def test_an_empty_specifier_allows_everything():
    assert parse_requires_python("").contains("3.9")


@pytest.mark.parametrize(
    ("text", "key", "table", "line"),
    [
        ('[project]\nname = "x"\nrequires-python = ">=3"\n', "requires-python", "project", 3),
        ('[tool.x]\nrequires-python = 1\n[project] # x\n"requires-python"= ""\n', "requires-python", "project", 4),
        ('project.name = "x"\nproject.requires-python = ">=3"\n', "requires-python", "project", 2),
        ("a = 1\n[tool.uv]\n", "tool", None, 2),
        ("tool.uv.x = 1\n", "tool", None, 1),
        ('project = {requires-python = ">=3"}\n', "requires-python", "project", None),
    ],
)  # fmt: skip
def test_the_line_of_a_key_is_found(text, key, table, line):
    assert key_line(text, key, table=table) == line


def test_reading_a_script_without_requires_python_does_not_import_packaging(script):
    path = script("# /// script\n# dependencies = ['rich']\n# ///\n")
    code = (
        "import sys; from pathlib import Path; from atoll_host.envs.script_metadata import read; "
        f"read(Path({str(path)!r})); sys.exit('packaging' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
