"""What `atoll validate` tells people, kept in files: narrow and wide, with and without colour."""

from __future__ import annotations

import pytest
from golden import check_golden
from reports import asset, definitions, drawn, report
from rich.cells import cell_len

from atoll_host.cli.views.validation import draw_validation
from atoll_host.envs.errors import Frame, Problem
from atoll_host.workspace.findings.finding import Finding
from atoll_host.workspace.validation import Validation

LOOKS = [
    pytest.param({"width": 80}, "80", id="80"),
    pytest.param({"width": 200}, "200", id="200"),
    pytest.param({"width": 80, "colour": True}, "80-colour", id="80-colour"),
    pytest.param({"width": 200, "colour": True}, "200-colour", id="200-colour"),
]
FILES = {
    "reports/definitions.py": "from .assets import monthly\n",
    "reports/assets.py": "import atoll\nfrom .tables import read\n",
    "reports/tables.py": '"""Tables."""\n\nimport pandas as pd\n',
    "ops/definitions.py": "import atoll\n\nnightly = atoll.ScheduleDefinition('nightly', cron_schedule='61 0 * * *', job=refresh)\n"
    "tidy = atoll.define_asset_job('tidy', selection=['a/b'])\n",
    "workspace.yaml": "load_from:\n  - project: reports\n  - projects: ops\n",
}
"""What the findings point at."""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Give a folder with the files, which is where the command is run."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sales():
    return report("sales", definitions(assets=[asset("raw_orders"), asset("orders", "raw_orders")]))


def stock(*problems):
    return report("stock", definitions(assets=[asset("levels")]), python="3.9.18", seconds=1.5, problems=problems)


def broken_import(root):
    library = "/data/demo/.atoll/envs/reports/abc/lib/python3.12/site-packages/lazy_loader"
    frames = (
        Frame(str(root / "reports/definitions.py"), 1, "<module>", "from .assets import monthly"),
        Frame(str(root / "reports/assets.py"), 2, "<module>", "from .tables import read"),
        Frame(str(root / "reports/tables.py"), 3, "<module>", "import pandas as pd"),
        Frame(f"{library}/__init__.py", 80, "load", "return _load(name)"),
        Frame(f"{library}/loading.py", 12, "_load", "return import_module(name)"),
    )
    message = "ModuleNotFoundError: No module named 'pandas', which is imported before anything else is known"
    hint = "`uv add pandas` in reports, then `atoll sync reports`"
    return Problem("import_error", message, hint, str(root / "reports/tables.py"), 3, 1, frames=frames)


def warnings(root):
    return (
        Problem("environment_stale", "Its environment is not in step: uv.lock has changed", "atoll sync stock", severity="warning"),
        Problem("not_handed_in", "job 'tidy' is declared and never handed to Definitions", "hand it in, or take it out",
                str(root / "ops/definitions.py"), 4, severity="warning"),
    )  # fmt: skip


def of(*reports, first=(), strict=False):
    findings = [Finding.of(None, problem) for problem in first]
    findings += [Finding.of(item.location.name, problem) for item in reports for problem in item.problems]
    return Validation(tuple(reports), tuple(findings), strict=strict)


def case(name, root):
    if name == "well":
        return of(sales(), stock())
    if name == "broken":
        return of(sales(), report("reports", None, status="failed", problems=[broken_import(root)]))
    if name in {"warnings", "strict"}:
        return of(sales(), stock(*warnings(root)), strict=name == "strict")
    conflict = (
        "Because pandas==2.2.0 depends on numpy>=1.22.4,<2 and your project depends on numpy>=2, we can conclude that "
        "your project's requirements are unsatisfiable.\n"
    )
    problems = [
        Problem("invalid_cron", "schedule 'nightly' has the cron expression '61 0 * * *', whose minute means nothing",
                "minutes are 0 to 59", str(root / "ops/definitions.py"), 3, 62),
        Problem("unsatisfiable", "No versions of its packages fit one another", detail=conflict),
        *warnings(root)[1:],
    ]  # fmt: skip
    configuration = Problem(
        "configuration",
        "there is no key 'projects' in an entry of load_from",
        "did you mean project?",
        str(root / "workspace.yaml"),
        3,
        5,
    )
    return of(
        sales(),
        report("reports", None, status="failed", problems=[broken_import(root)]),
        report("ops", None, status="failed", problems=problems, python="3.13.0"),
        stock(*warnings(root)[:1]),
        first=[configuration],
    )


@pytest.mark.parametrize(("console", "look"), LOOKS)
@pytest.mark.parametrize("name", ["well", "broken", "many", "warnings", "strict"])
def test_what_validate_says(root, name, console, look):
    text = drawn(lambda out: draw_validation(out, case(name, root)), **console)
    check_golden(f"validate-{name}-{look}.txt", text)
    if not console.get("colour"):
        assert [line for line in text.splitlines() if cell_len(line) > console["width"] and len(line.split()) > 2] == []


def test_a_broken_import_takes_less_than_15_lines_with_everything_around_it(root):
    validation = of(report("reports", None, status="failed", problems=[broken_import(root)]))
    assert drawn(lambda out: draw_validation(out, validation)).count("\n") < 15


@pytest.mark.parametrize(("console", "look"), LOOKS)
def test_with_verbose_every_frame_is_told(root, console, look):
    validation = case("broken", root)
    check_golden(
        f"validate-verbose-{look}.txt", drawn(lambda out: draw_validation(out, validation, verbose=True), **console)
    )
