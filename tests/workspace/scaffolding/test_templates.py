"""Every template, rendered and compared file by file with what is expected below tests/samples/scaffolds.

With ATOLL_WRITE_EXPECTED=1 in the environment these tests write what is expected anew; the
difference is then read like any other change.
"""

from __future__ import annotations

import ast
import difflib
import os
import shutil
import tomllib
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import pytest
import yaml

from atoll_host.workspace.configuration import open_workspace
from atoll_host.workspace.scaffolding.definitions import FOLDERS, make_class_name, plan_definition
from atoll_host.workspace.scaffolding.locations import list_templates, plan_location, read_request
from atoll_host.workspace.scaffolding.rendering import templates_folder
from atoll_host.workspace.scaffolding.workspaces import SCHEMA_FILE, plan_workspace
from atoll_host.workspace.scaffolding.writing import write_changes, write_tree

EXPECTED = Path(__file__).parents[2] / "samples" / "scaffolds"
DETAILS = {
    "check": {"asset": "raw/orders"},
    "job": {"selection": 'key:"orders"+'},
    "schedule": {"cron": "0 6 * * *", "job": "refresh"},
    "sensor": {"job": "refresh"},
}


def compare(name, files):
    """Fail, naming every file that is missing, too many or different."""
    found = {str(path): text for path, text in files.items()}
    folder = EXPECTED / name
    if os.environ.get("ATOLL_WRITE_EXPECTED"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    wanted = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    differences = [f"missing: {path}" for path in sorted(wanted.keys() - found.keys())]
    differences += [f"too many: {path}" for path in sorted(found.keys() - wanted.keys())]
    for path in sorted(wanted.keys() & found.keys()):
        lines = difflib.unified_diff(wanted[path].splitlines(), found[path].splitlines(), path, path, lineterm="", n=1)
        differences += list(lines)
    assert not differences, "\n".join(differences)


def texts(files):
    return {file.path: file.text for file in files}


def test_a_workspace_is_what_is_expected():
    files = texts(plan_workspace("demo", ci="github"))
    schema = files.pop(PurePosixPath(SCHEMA_FILE))
    assert '"$schema"' in schema
    workflow = PurePosixPath(".github/workflows/validate.yml")
    assert f'"atoll=={version("atoll")}"' in files[workflow]
    files[workflow] = files[workflow].replace(version("atoll"), "VERSION")
    compare("workspace", files)


def test_a_workspace_without_ci_is_the_same_without_the_workflow():
    whole = texts(plan_workspace("demo", ci="github"))
    assert texts(plan_workspace("demo")) == {path: text for path, text in whole.items() if path.parts[0] != ".github"}


@pytest.mark.parametrize("template", list_templates())
def test_a_location_is_what_is_expected(template):
    request = read_request("sales-eu", python="3.12", template=template)
    compare(f"location-{template}", texts(plan_location(request)))


def test_a_script_is_what_is_expected():
    request = read_request("monthly-report", python="3.9", template=None, requirements=["polars>=1", "httpx"])
    compare("script", texts(plan_location(request)))


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_definition_is_what_is_expected(kind, tmp_path):
    location = write_location(tmp_path)
    plan = plan_definition(location, kind, "brand_new", DETAILS.get(kind))
    compare(f"definition-{kind}", {c.path.relative_to(tmp_path).as_posix(): c.text for c in plan.changes})


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_definition_in_a_single_file_is_what_is_expected(kind, tmp_path):
    (tmp_path / "report.py").write_text("from atoll import Definitions\n\ndefs = Definitions()\n", encoding="utf-8")
    (tmp_path / "workspace.yaml").write_text("load_from:\n  - python_file: report.py\n", encoding="utf-8")
    [location] = open_workspace(tmp_path, variables=dict(os.environ)).locations
    [change] = plan_definition(location, kind, "brand_new", DETAILS.get(kind)).changes
    compare(f"spliced-{kind}", {change.path.name: change.text})


def write_location(folder):
    """Write a workspace with the location that the default template makes."""
    write_tree(folder / "locations", plan_location(read_request("sales", python="3.12")))
    (folder / "workspace.yaml").write_text("load_from:\n  - project: locations/*\n", encoding="utf-8")
    [location] = open_workspace(folder, variables=dict(os.environ)).locations
    return location


def test_requirements_are_added_in_order_and_nothing_else_changes():
    plain = texts(plan_location(read_request("sales", python="3.12")))
    added = texts(plan_location(read_request("sales", python="3.12", requirements=["b>=1", "a[x]; os_name == 'nt'"])))
    project = PurePosixPath("sales/pyproject.toml")
    assert tomllib.loads(added[project])["project"]["dependencies"] == ["b>=1", "a[x]; os_name == 'nt'"]
    rest = added[project].replace('[\n    "b>=1",\n    "a[x]; os_name == \'nt\'",\n]', "[]")
    assert {**added, project: rest} == plain


@pytest.mark.parametrize(
    ("python", "script", "says"),
    [("3.12", False, ">=3.12"), ("3.12.4", False, ">=3.12"), ("3.12", True, "==3.12.*"), ("3.12.4", True, "==3.12.4")],
)
def test_the_version_asked_for_is_the_one_that_its_files_ask_for(python, script, says):
    files = plan_location(read_request("sales", python=python, template=None if script else "default"))
    assert any(f'requires-python = "{says}"' in file.text for file in files)
    pinned = [file.text for file in files if file.path.name == ".python-version"]
    assert pinned == ([] if script else [f"{python}\n"])


def test_every_python_file_of_every_template_is_python_3_8():
    for path in templates_folder().rglob("*.py"):
        if "examples" not in path.parts:
            ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_every_template_is_listed_with_a_line_that_fits_a_terminal():
    folders = {path.name for path in (templates_folder() / "location").iterdir() if path.is_dir()} - {"__pycache__"}
    templates = list_templates()
    assert set(templates) == folders
    assert all(0 < len(line) <= 75 and "\n" not in line for line in templates.values())


def test_the_workflow_is_yaml_that_locks_nothing_and_checks_everything():
    files = texts(plan_workspace("demo", ci="github"))
    workflow = yaml.safe_load(files[PurePosixPath(".github/workflows/validate.yml")])
    commands = [step["run"] for step in workflow["jobs"]["validate"]["steps"] if "run" in step]
    assert commands[1:] == ["atoll validate --sync --locked --format github --output sarif=atoll.sarif"]
    assert workflow["permissions"] == {"contents": "read"}


def test_only_the_job_that_nobody_has_to_want_may_write_and_only_what_was_found():
    files = texts(plan_workspace("demo", ci="github"))
    jobs = yaml.safe_load(files[PurePosixPath(".github/workflows/validate.yml")])["jobs"]
    assert "permissions" not in jobs["validate"]
    assert jobs["code-scanning"]["permissions"] == {"contents": "read", "security-events": "write"}
    assert "vars.ATOLL_CODE_SCANNING == 'true'" in jobs["code-scanning"]["if"]


@pytest.mark.parametrize(
    ("name", "class_name"),
    [("warehouse", "Warehouse"), ("my_db", "MyDb"), ("Bank", "BankResource"), ("configurable_resource", None)],
)
def test_the_class_of_a_resource_is_called_otherwise_than_the_resource(name, class_name):
    assert make_class_name(name) == (class_name or "ConfigurableResourceResource")


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_second_one_goes_beside_the_first(kind, tmp_path):
    location = write_location(tmp_path)
    write_changes(plan_definition(location, kind, "first", DETAILS.get(kind)).changes)
    plan = plan_definition(location, kind, "second", DETAILS.get(kind))
    assert [change.path.stem for change in plan.changes if change.before is None] == ["second", f"test_{kind}_second"]


@pytest.mark.parametrize("kind", FOLDERS)
def test_where_the_package_has_one_module_for_a_kind_the_definition_goes_there(kind, tmp_path):
    location = write_location(tmp_path)
    module = location.root / "src" / "sales" / "defs" / f"{FOLDERS[kind]}.py"
    module.write_text("import atoll\n", encoding="utf-8")
    plan = plan_definition(location, kind, "brand_new", DETAILS.get(kind))
    assert plan.changes[0].path == module
    assert "import atoll\n\n\n" in plan.changes[0].text
    test = next(change for change in plan.changes if change.path.name.startswith("test_"))
    assert f"from sales.defs.{FOLDERS[kind]} import " in test.text
    handed_in = [change.path.name for change in plan.changes[1:] if change.before is not None]
    assert handed_in == (["definitions.py"] if kind == "resource" else [])
