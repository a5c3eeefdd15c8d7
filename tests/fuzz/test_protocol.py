"""Whatever a worker writes, the host takes it for a message, or for output, or makes a problem of it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shaped import damaged, shaped, text

from atoll_host.envs.errors import Problem
from atoll_host.envs.loading import hints, protocol
from atoll_host.envs.loading.target import LoadRequest, LoadTarget

EVERY_DAY = settings(max_examples=150, deadline=None, derandomize=True)
LONG = settings(max_examples=20_000, deadline=None)
SEEDS = st.integers(0, 2**48)
REQUEST = LoadRequest(
    executable=Path("/usr/bin/python3"),
    isolated=True,
    directory=Path("/data/demo"),
    search_paths=(),
    variables={},
    sdk=Path("/sdk"),
    target=LoadTarget("module", "a"),
    timeout=1.0,
)


def take(line: bytes) -> None:
    """Do what the host does with a line."""
    message = protocol.message(line)
    if message is None:
        return
    if message.get("method") == "progress":
        assert isinstance(message.get("params", {}).get("module", ""), str)
    if message.get("id") == 1 and "result" in message:
        message["result"].get("python", {}).get("version")
    if "error" in message:
        problems = protocol.problems(message["error"])
        assert problems
        for sent in problems:
            check(hints.problem(sent, REQUEST))
    result = message.get("result")
    if isinstance(result, dict):
        assert all(number >= 0 for number in protocol.numbers(result.get("seconds")).values())
        definitions = result.get("definitions")
        for sent in protocol.readable(definitions.get("warnings") if isinstance(definitions, dict) else None):
            check(Problem.from_json({**sent, "severity": "warning"}))


def check(problem: Problem) -> None:
    assert isinstance(problem.message, str)
    assert problem.line is None or problem.line >= 1
    assert problem.severity in {"error", "warning"}
    json.dumps(problem.to_json())


def conversation(random: Random) -> list[dict]:
    """Give the messages that a worker may send."""
    frame = {"file": text(random), "line": 3, "function": text(random), "source": None}
    problem = {
        "kind": "import_error", "message": text(random), "hint": text(random), "file": text(random), "line": 2, "column": 1,
        "frames": [frame], "detail": None, "severity": "error", "missing_module": text(random), "missing_target": True,
    }  # fmt: skip
    definitions = {**shaped("definitions", random), "warnings": [problem]}
    return [
        {"method": "progress", "params": {"module": text(random)}},
        {"id": 1, "result": {"pid": 3, "python": {"version": "3.12"}, "sdk": {}}},
        {"id": 2, "result": {"definitions": definitions, "seconds": {"import": 0.1}, "trace": {}}},
        {"id": 2, "error": {"code": 1, "message": "m", "data": {"problems": [problem]}}},
    ]


def damaged_messages_are_taken(seed):
    random = Random(seed)
    for message in conversation(random):
        whole = {"jsonrpc": "2.0", **message}
        take(json.dumps(whole).encode() + b"\n")
        take(json.dumps({"jsonrpc": "2.0", **damaged(message, random)}).encode() + b"\n")
        broken = bytearray(json.dumps(whole).encode() + b"\n")
        for _ in range(random.randint(1, 4)):
            broken[random.randrange(len(broken))] = random.randrange(256)
        take(bytes(broken))


@pytest.mark.parametrize("long", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["short", "long"])
def test_damaged_messages_are_taken(long):
    (LONG if long else EVERY_DAY)(given(SEEDS)(lambda seed: damaged_messages_are_taken(seed)))()


@EVERY_DAY
@given(st.binary(max_size=80))
def test_lines_that_are_no_messages_are_output(line):
    take(line)
    take(b'{"jsonrpc": "2.0", ' + line + b"}\n")


def test_a_problem_that_was_sent_whole_arrives_whole():
    frame = {"file": "/a.py", "line": 3, "function": "f", "source": "x"}
    sent = {"kind": "k", "message": "m", "hint": "h", "file": "/a.py", "line": 2, "column": 1, "frames": [frame]}
    (read,) = protocol.problems({"data": {"problems": [{**sent, "missing_module": "pandas"}]}})
    assert read["missing_module"] == "pandas"
    found = SimpleNamespace(**Problem.from_json(read).to_json())
    assert (found.kind, found.hint, found.line, found.column, found.frames) == ("k", "h", 2, 1, [frame])
