"""`instance.yaml`: read, held against its schema, explained where it is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest
import yaml

from atoll_host.envs.errors import ConfigurationError
from atoll_host.envs.layout import StateFolder
from atoll_host.runs.instance import (
    CONCURRENCY_KEYS,
    KEYS,
    RETENTION_KEYS,
    Alerts,
    Concurrency,
    Retention,
    read_instance,
)
from atoll_host.runs.storage.records import NewRun

SCHEMA = json.loads(files("atoll_host.runs").joinpath("schemas/instance.schema.json").read_text("utf-8"))
DAY = 86_400.0


def read(folder, text=None, **variables):
    if text is not None:
        (folder / "instance.yaml").write_text(text)
    return read_instance(folder, StateFolder(folder / ".atoll"), variables)


def complain(folder, text, **variables):
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text, **variables)
    return caught.value.problems


def test_without_a_file_there_are_defaults_and_nothing_is_made(tmp_path):
    instance = read(tmp_path)
    assert (instance.url, instance.file) == (None, None)
    assert (instance.concurrency, instance.retention) == (Concurrency(10, None, {}), Retention(None, 0, 30 * DAY, None))
    assert not instance.has_storage()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n"])
def test_an_empty_file_is_the_same_as_none(tmp_path, text):
    assert read(tmp_path, text).concurrency == Concurrency()


def test_all_that_a_file_can_say(tmp_path):
    text = """
storage: {env: DATABASE}
concurrency:
  runs: 4
  workers: {env: WORKERS}
  groups:
    warehouse: 2
    the api: 1
retention:
  runs: 90 days
  keep: 100
  ticks: 12 hours
  history: 2 weeks
alerts:
  on_failure:
    command: [notify, "a run failed"]
    webhook: {env: HOOK}
"""
    instance = read(tmp_path, text, DATABASE="postgresql://me:secret@host/name", WORKERS="3", HOOK="https://x/secret")
    assert instance.url == "postgresql://me:secret@host/name"
    assert instance.concurrency == Concurrency(4, 3, {"warehouse": 2, "the api": 1})
    assert instance.retention == Retention(90 * DAY, 100, DAY / 2, 14 * DAY)
    assert instance.alerts == Alerts(("notify", "a run failed"), "https://x/secret")
    assert "secret" not in repr(instance)
    jsonschema.validate(yaml.safe_load(text), SCHEMA)


def test_forever_is_a_time(tmp_path):
    assert read(tmp_path, "retention: {ticks: forever}\n").retention.ticks is None


def test_storage_is_made_in_the_folder_of_the_workspace_and_kept_out_of_git(tmp_path):
    instance = read(tmp_path)
    with instance.open_storage() as storage:
        storage.runs.create(NewRun())
    assert (tmp_path / ".atoll" / "runs.db").exists()
    assert (tmp_path / ".atoll" / ".gitignore").read_text() == "*\n"
    assert instance.has_storage()


def test_a_path_is_relative_to_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    with read(tmp_path, "storage: sqlite:///data/../other/runs.db\n").open_storage() as storage:
        assert storage.where == str(tmp_path / "other" / "runs.db")
    assert read(tmp_path, f"storage: sqlite:///{tmp_path}/own.db\n").url == f"sqlite:///{tmp_path}/own.db"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("stroage: x\n", 1, "unknown key stroage", "did you mean storage?"),
        (
            "retention:\n  runs: 90 days\n  ticks: 9\n",
            3,
            "ticks of retention must be a time such as 90 days",
            "write 90 days",
        ),
        ("retention: {runs: 0 days}\n", 1, "runs of retention must be a time", "write 90 days"),
        ("retention: {keep: -1}\n", 1, "keep of retention must be a whole number from 0 on", "write 4"),
        ("concurrency: {runs: 0}\n", 1, "runs of concurrency must be a whole number from 1 on", "write 4"),
        ("concurrency: {workers: many}\n", 1, "workers of concurrency must be a whole number", "write 4"),
        ("concurrency: {run: 4}\n", 1, "unknown key run", "did you mean runs?"),
        ("concurrency: 4\n", 1, "concurrency must be a mapping", "write `runs:` below it"),
        ("concurrency:\n  groups: [a]\n", 2, "groups of concurrency must be a mapping", "write `NAME: 2` below it"),
        ("concurrency:\n  groups:\n    a: 1\n    a: 2\n", 4, "a is there twice", "keep one of them"),
        ("concurrency:\n  groups:\n    a: x\n", 3, "the group a must be a whole number", "write 4"),
        ("storage: runs.db\n", 1, "storage is no URL of a database", "write sqlite:///PATH"),
        ("storage: sqlite://runs.db\n", 1, "the URL of a file has three slashes", "write sqlite:///runs.db"),
        ("storage: mysql://me:secret@host/name\n", 1, "runs can't be remembered in 'mysql'", "write sqlite:///PATH"),
        ("storage: {env: NOTHING}\n", 1, "the environment variable 'NOTHING'", "set it"),
        (
            "alerts: {on_failure: {webhook: mailto:me}}\n",
            1,
            "webhook of on_failure of alerts is no URL",
            "write https://",
        ),
        ("alerts: {on_fail: {}}\n", 1, "unknown key on_fail in alerts", "did you mean on_failure?"),
        ("- storage\n", 1, "instance.yaml must be a mapping", "write `key: value`"),
        ("a: b: c\n", 1, "a second `: ` stands on this line", "put text"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(tmp_path, text, line, message, hint):
    (problem,) = complain(tmp_path, text)
    assert (problem.file, problem.line) == (str(tmp_path / "instance.yaml"), line)
    assert message in problem.message
    assert hint in problem.hint
    assert "secret" not in problem.message + problem.hint
    assert problem.column


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    problems = complain(tmp_path, "retention:\n  keep: x\nstorage: y\nconcurrency:\n  runs: z\n")
    assert [problem.line for problem in problems] == [2, 3, 5]


def test_a_folder_in_its_place_is_an_error(tmp_path):
    (tmp_path / "instance.yaml").mkdir()
    with pytest.raises(ConfigurationError, match="is a folder"):
        read(tmp_path)


def test_schema_and_reader_know_the_same_keys():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    assert tuple(properties) == KEYS
    assert tuple(properties["concurrency"]["properties"]) == CONCURRENCY_KEYS
    assert tuple(properties["retention"]["properties"]) == RETENTION_KEYS


@pytest.mark.parametrize(
    "wrong",
    [
        "retention: {ticks: 9}",
        "retention: {runs: 0 days}",
        "concurrency: {runs: 0}",
        "storage: runs.db",
        "x: 1",
        "concurrency: {groups: {a: x}}",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path, wrong):
    complain(tmp_path, wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(wrong), SCHEMA)


def test_reading_it_imports_no_database():
    code = "import sys, atoll_host.runs.instance; sys.exit(any(name.split('.')[0] in {'sqlalchemy', 'alembic', 'psycopg'} for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
