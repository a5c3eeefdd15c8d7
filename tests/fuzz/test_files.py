"""Whatever is in a user's files, a reader understands it or says what is wrong and where."""

from __future__ import annotations

import random as randomness
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atoll_host.envs import script_metadata
from atoll_host.envs.errors import AtollError
from atoll_host.envs.loading.variables import read_env_file
from atoll_host.workspace.configuration import open_sources, open_workspace
from atoll_host.workspace.configuration.keys import ENTRY_KEYS, MAIN_KEYS, PROJECT_KEYS, WORKSPACE_KEYS
from atoll_host.workspace.sources import Sources

EVERY_DAY = settings(max_examples=60, deadline=None, derandomize=True)
LONG = settings(max_examples=20_000, deadline=None)
SEEDS = st.integers(0, 2**48)
VALUES = (
    "p", "p/*", "**", "x.py", "gone.py", "a.b", "..", "/", "", "~", "null", "true", "3", "-1", "1e400", ".nan", "2GiB", "1kb",
    "{env: A}", "{env: GONE}", "{env: [A]}", "[]", "[a, a]", "{}", "{a: b}", "[[x]]", '"\\0"', "uv", "virtualenv", "3.10", ">=3",
    "ATL3", "[ATL3, ATL999]", "{select: [ATL1], ignore: x}", "{strict: maybe}", "&a [*a]", "*b", "!x y", "é", "'", "|\n  x",
)  # fmt: skip
TOML_VALUES = (
    '"p"', '"a.b"', '""', '"\\u0000"', "3", "-1", "1e400", "nan", "true", "[]", '["a"]', "[1]", "{}", '{select = ["ATL3"]}',
    '{ignore = "x"}', "1979-05-27", '"2GiB"', '"uv"', "[[]]", '"../.."', "'x", "0x1F", '"' + "x" * 300 + '"',
)  # fmt: skip


def workspace_text(random: randomness.Random) -> str:
    """Write a workspace.yaml that is nearly one."""
    keys = random.sample([*WORKSPACE_KEYS, "lod_from"], random.randint(0, 4))
    lines = [f"{key}: {random.choice(VALUES)}" for key in keys if key != "load_from"]
    lines.append("load_from:")
    for _ in range(random.randint(0, 4)):
        form = random.choice([*ENTRY_KEYS, "grpc_server", "python_flie"])
        if random.random() < 0.3 or form not in ENTRY_KEYS:
            lines.append(f"  - {form}: {random.choice(VALUES)}")
            continue
        lines += [f"  - {form}:", f"      {MAIN_KEYS[form]}: {random.choice(VALUES)}"]
        for key in random.sample([*ENTRY_KEYS[form], "wat"], random.randint(0, 4)):
            lines.append(f"      {key}: {random.choice(VALUES)}")
    return "\n".join(lines) + "\n"


def project_text(random: randomness.Random) -> str:
    """Write a pyproject.toml that is nearly one."""
    lines = ["[project]", f"name = {random.choice(TOML_VALUES)}", "[tool.atoll]"]
    keys = random.sample([*PROJECT_KEYS, "python", "wat"], random.randint(0, 6))
    lines += [f"{key} = {random.choice(TOML_VALUES)}" for key in keys]
    return "\n".join(lines) + "\n"


def script_text(random: randomness.Random) -> str:
    """Write a Python file whose metadata nearly is some."""
    lines = ["# /// script"]
    for _ in range(random.randint(0, 5)):
        key = random.choice(("requires-python", "dependencies", "tool.atoll.name", "tool.uv", "[tool", "x"))
        lines.append(random.choice(("# ", "#", "")) + f"{key} = {random.choice(TOML_VALUES)}")
    lines += random.choice((["# ///"], [], ["# ///", *lines], ["# /// "]))
    return random.choice(("\n", "\r\n", "\r")).join(lines)


def damage(text: str, random: randomness.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(random.choice((0, 0, 1, 3))):
        place = random.randrange(len(data) + 1)
        data[place : place + random.randint(0, 2)] = random.choice(
            (b"", b"\x00", b"\xff", b"\n", b"\t", b"[", b"'", b": ")
        )
    return bytes(data)


def explained(read) -> None:
    """Read, and let nothing but problems with a message on one line, at a place that can be there, come of it."""
    try:
        found = read()
    except AtollError as error:
        found = list(error.problems)
    for problem in found:
        assert problem.message
        assert "\n" not in problem.message
        assert problem.line is None or problem.line >= 1
        assert problem.column is None or problem.column >= 1


def workspaces_are_read_or_explained(seed):
    random = randomness.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for inner in ("p", "p/one", "two"):
            (folder / inner).mkdir()
            (folder / inner / "pyproject.toml").write_bytes(damage(project_text(random), random))
        (folder / "x.py").write_bytes(damage(script_text(random), random))
        for inner in (".", "two"):
            (folder / inner / "workspace.yaml").write_bytes(damage(workspace_text(random), random))
        variables = {"A": random.choice(VALUES)}

        def problems(workspace):
            return [problem for location in workspace.locations for problem in location.problems]

        explained(lambda: problems(open_workspace(folder, variables=variables)))
        explained(lambda: problems(open_workspace(folder, file=Path("p/pyproject.toml"), variables=variables)))
        files = (Path("workspace.yaml"), Path("two/workspace.yaml"))
        explained(lambda: problems(open_sources(folder, Sources(files), variables=variables)))
        named = Sources(modules=(random.choice(VALUES),), python_files=(Path("x.py"), Path(random.choice(VALUES))))
        explained(lambda: problems(open_sources(folder, named, variables=variables)))


def scripts_are_read_or_explained(seed):
    random = randomness.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "x.py")
        file.write_bytes(damage(script_text(random), random))
        explained(lambda: (script_metadata.read(file), ())[1])


def variables_are_read_or_explained(seed):
    random = randomness.Random(seed)
    parts = ("A", "=", "'", '"', "\n", "export ", "#", " ", "$", "${A}", "${B:-x}", "\\", "\r\n", "é", "\x00", "\ufeff")
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, ".env")
        file.write_bytes(damage("".join(random.choices(parts, k=random.randint(0, 15))), random))

        def read():
            for key, value in read_env_file(file).items():
                assert "\0" not in key + value
                assert key
                assert "=" not in key
            return ()

        explained(read)


PROPERTIES = (workspaces_are_read_or_explained, scripts_are_read_or_explained, variables_are_read_or_explained)


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_whatever_is_in_the_files(holds):
    EVERY_DAY(given(SEEDS)(lambda seed: holds(seed)))()


@pytest.mark.parametrize("seed", [5119, 130780])
def test_what_has_line_ends_in_it_is_said_on_one_line(seed):
    workspaces_are_read_or_explained(seed)


@pytest.mark.soak
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_whatever_is_in_the_files_at_length(holds):
    LONG(given(SEEDS)(lambda seed: holds(seed)))()
