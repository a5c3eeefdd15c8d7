"""The documentation says what is true now."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_commands_page_is_what_the_commands_say():
    subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], check=True, cwd=ROOT)


def kinds():
    """Find the kinds of problems that the code makes."""
    found = set()
    for room in ("envs", "workspace", "runs", "server", "cli", "sdk/atoll"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Problem":
                    found |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
                    found |= {
                        k.value.value for k in node.keywords if k.arg == "kind" and isinstance(k.value, ast.Constant)
                    }
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
                    found |= {
                        k.value.value for k in node.keywords if k.arg == "kind" and isinstance(k.value, ast.Constant)
                    }
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "describe_problem":
                    found |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
    return found - {"error"}


def test_every_kind_of_problem_is_explained():
    explained = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")))
    assert len(kinds()) > 30
    assert kinds() <= explained


def test_the_protocol_page_names_the_kinds_that_a_worker_sends():
    page = (ROOT / "envs" / "protocol.md").read_text(encoding="utf-8")
    shim = (ROOT / "envs" / "loading" / "shim.py").read_text(encoding="utf-8")
    sent = set(re.findall(r'kind(?:"\s*:|=)\s*"([a-z_]+)"', shim))
    assert sent
    assert sent <= set(re.findall(r"`([a-z_]+)`", page))


def links():
    """List the links between pages of the project."""
    for page in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "bench").glob("*.md"),
        ROOT / "envs" / "protocol.md",
    ]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            yield pytest.param(page, target, id=f"{page.name}-{target}")


@pytest.mark.parametrize(("page", "target"), [*links()])
def test_links_between_pages_lead_somewhere(page, target):
    assert (page.parent / target).exists()


def test_commands_in_the_readme_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = set(
        re.findall(r"^## `atoll ([a-z]+)", (ROOT / "docs" / "commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    used = set(re.findall(r"`(?:\S*/)?atoll ([a-z]+)", text))
    assert used <= known


def blocks():
    """List the Python blocks of the page on declaring."""
    text = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("number", range(len(blocks())))
def test_the_code_on_the_page_about_declaring_runs_and_loads(number, tmp_path):
    block = blocks()[number]
    (tmp_path / "page.py").write_text(block, encoding="utf-8")
    script = "import sys; sys.path[:0] = [sys.argv[1], sys.argv[2]]; import page; from atoll import _loading; "
    script += "defs = getattr(page, 'defs', None); print(defs is None or len(_loading.load(page)['assets']))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(ROOT / "sdk")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
