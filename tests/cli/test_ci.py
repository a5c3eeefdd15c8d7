"""What CI systems are given to copy: it parses, and its commands are such as there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from atoll_host.cli.app import app
from atoll_host.cli.validating import FORMATS, read_outputs
from atoll_host.workspace.findings.choosing import find_unknown, split_words

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
WORKFLOW = ROOT / "scaffold_templates" / "workspace" / "github" / ".github" / "workflows" / "validate.yml"


def commands():
    """List the calls of `atoll validate` in the page and in the scaffolded workflow."""
    for text in (PAGE, WORKFLOW.read_text("utf-8")):
        yield from re.findall(r"^(?:.*(?:- |run: ))?(atoll validate --.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_has_options_that_there_are(line, tmp_path):
    command = get_command(app).commands["validate"]
    context = command.make_context("validate", shlex.split(line)[2:])
    assert set(read_outputs(tuple(context.params["outputs"] or ()), tmp_path).values()) <= set(FORMATS)


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_every_snippet_of_the_page_is_yaml(block):
    assert yaml.safe_load(block)


def test_the_page_tells_about_every_format():
    assert [name for name in FORMATS if f"| `{name}` |" not in PAGE] == []


def test_what_gitlab_collects_is_what_the_command_writes():
    (snippet,) = (text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "codequality" in text)
    job = yaml.safe_load(snippet)["validate"]
    written = {word.partition("=")[2] for word in shlex.split(job["script"][-1]) if "=" in word}
    assert set(job["artifacts"]["reports"].values()) == written
    assert job["artifacts"]["when"] == "always"


def test_the_hooks_have_what_pre_commit_requires_and_validate_the_whole_workspace():
    assert [hook["id"] for hook in HOOKS] == ["atoll-validate", "atoll-validate-system"]
    for hook in HOOKS:
        assert {"id", "name", "entry", "language"} <= set(hook)
        assert hook["entry"] == "atoll validate"
        assert hook["pass_filenames"] is False


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("workspace.yaml", True),
        ("sales/uv.lock", True),
        ("report.py.lock", True),
        ("sales/pyproject.toml", True),
        ("sales/.env.local", True),
        ("sales/.python-version", True),
        ("requirements-dev.txt", True),
        ("README.md", False),
        ("data/requirements/notes.txt", False),
    ],
)
def test_the_hooks_run_for_files_that_shape_what_is_loaded(file, runs):
    assert all((re.search(hook["files"], file) is not None) is runs for hook in HOOKS)


def test_the_codes_that_the_page_chooses_are_codes():
    words = re.findall(r"--(?:select|ignore),? \"?([A-Z0-9,]+)", PAGE)
    assert len(words) == 3
    assert [word for word in split_words(words) if find_unknown(word)] == []
