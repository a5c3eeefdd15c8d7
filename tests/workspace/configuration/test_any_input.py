"""Whatever is in the files, the answer is a workspace or a problem that says where it is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from atoll_host.envs.errors import AtollError
from atoll_host.workspace.configuration import open_workspace

_YAML_WORDS = st.sampled_from(
    [
        "load_from", "project", "python_file", "python_module", "python_package", "path", "relative_path", "env", "<<", "*a",
        "&a ", ": ", ":", "- ", "-", "\n", "\n  ", "\n    ", "\n\t", "[", "]", "{", "}", ", ", "'", '"', "|", ">", "~", "null",
        "# x", "---", "...", "!!map ", "!x ", "? ", "x.py", "a/*", "**", "timeout", "3.10", ".inf", "location_name", "\u2028",
        "\x85", "\ufeff", "\r", "\r\n", "%YAML 1.1\n", "\\0", "é", "😀", "env_file", "tags", "backend", "uv",
    ]
)  # fmt: skip
_TOML_WORDS = st.sampled_from(
    [
        "[tool.atoll]", "[[tool.atoll]]", "[tool]", "atoll", "tool", ".", " = ", "=", "\n", "\r\n", "'", '"', "'''", '"""', "[",
        "]", "{", "}", ", ", "# x", "module", "name", "timeout", "tags", "env-file", "search-path", "true", "1979-05-27", "1e9",
        "nan", "inf", "0x1F", "a", "é", "\\u0000", "\\", "\ufeff", "\x00", "[project]",
    ]
)  # fmt: skip
_ANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _open(folder: Path) -> None:
    """Open the workspace, and fail with anything but a problem that has a place, a message and a hint."""
    try:
        found = [
            one for location in open_workspace(folder, variables={"A": "x.py"}).locations for one in location.problems
        ]
    except AtollError as error:
        found = list(error.problems)
    for problem in found:
        assert problem.message
        assert "\n" not in problem.message
        assert problem.file is not None
        assert problem.line is None or problem.line >= 1
        assert problem.column is None or problem.column >= 1


@_ANY
@given(st.one_of(st.binary(max_size=200), st.lists(_YAML_WORDS, max_size=30).map("".join).map(str.encode)))
@example(b"load_from: &a [*a]\n")
@example(b"load_from:\n- &a\n  <<: *a\n")
@example(b"load_from:\n- &a\n  python_file: &b\n    <<: [*b, *b]\n")
@example(
    b"x0: &x0 {a: b}\n"
    + b"".join(b"x%d: &x%d {<<: [*x%d, *x%d]}\n" % (n, n, n - 1, n - 1) for n in range(1, 60))
    + b"load_from:\n  - *x59\n"
)
@example(b"? - a\n: b\n")
@example(b"load_from:\n- project: ~root/x\n- project: /dev/null\n- python_file: /dev/stdin\n")
@example(b"load_from:\n- python_file: " + b"x" * 5000 + b"\n")
def test_any_workspace_file_is_read_or_explained(content):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "workspace.yaml").write_bytes(content)
        Path(folder, "x.py").touch()
        _open(Path(folder))


@_ANY
@given(st.one_of(st.binary(max_size=200), st.lists(_TOML_WORDS, max_size=30).map("".join).map(str.encode)))
@example(b"[tool.atoll]\nsearch-path = '" + b"x" * 5000 + b"'\n")
@example(b"[tool.atoll]\nmodule = '..'\n")
@example(b"[project]\nname = '\xf0\x9f\x98\x80'\n")
def test_any_pyproject_is_read_or_explained(content):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "workspace.yaml").write_text("load_from:\n  - project: p\n")
        Path(folder, "p").mkdir()
        Path(folder, "p", "pyproject.toml").write_bytes(content)
        _open(Path(folder))
