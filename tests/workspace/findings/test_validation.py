"""A whole validation: what it comes to, what is left out, and in which order."""

from __future__ import annotations

import time

import pytest
from finding_bench import PYTHON, example_files, numbers

from atoll_host.envs.errors import Problem, UsageError
from atoll_host.workspace.validation import Options

GOOD = "import atoll\n\ndefs = atoll.Definitions()\n"
BROKEN = "import surely_not_there\n"
UNUSED = "import atoll\n\nspare = atoll.AssetSpec('spare')\ndefs = atoll.Definitions()\n"


def workspace(*names, more="", **options):
    lines = [f"{more}load_from:"]
    for name in names:
        lines += [f"  - python_file:\n      relative_path: {name}.py\n      executable_path: {{env: {PYTHON}}}"]
        lines += [f"      {text}" for text in [options.get(name)] if text]
    return {"workspace.yaml": "\n".join(lines) + "\n"}


def test_all_is_well(bench):
    validation = bench.write({**workspace("a", "b"), "a.py": GOOD, "b.py": GOOD}).validate()
    assert (validation.findings, validation.failed, validation.strict) == ((), False, False)
    assert [report.status for report in validation.reports] == ["loaded", "loaded"]


def test_findings_are_in_the_order_of_the_workspace_and_of_their_places(bench):
    files = {**workspace("late", "early"), "late.py": f"{UNUSED}\nmore = atoll.AssetSpec('more')\n", "early.py": BROKEN}
    validation = bench.write(files).validate()
    found = [(finding.location, finding.code.number, finding.problem.line) for finding in validation.findings]
    assert found == [("late", "ATL406", 3), ("late", "ATL406", 6), ("early", "ATL301", 1)]
    assert validation.failed


def test_each_place_has_its_say(bench):
    files = workspace(
        "a", "b", "c", more="validate: {ignore: [ATL406]}\n", b="validate: {select: ALL}", c="validate: {ignore: ATL3}"
    )
    bench.write({**files, "a.py": UNUSED, "b.py": UNUSED, "c.py": BROKEN})
    assert [finding.location for finding in bench.validate().findings] == ["b"]
    everything = bench.validate(options=Options(select=("ALL",)))
    assert [finding.location for finding in everything.findings] == ["a", "b", "c"]
    assert bench.validate(options=Options(ignore=("ATL4,ATL3",))).findings == ()


def test_a_project_says_what_it_wants_in_its_own_file(bench):
    project = (
        '[project]\nname = "sales"\n\n[tool.atoll]\nmodule = "sales"\n\n[tool.atoll.validate]\nignore = ["ATL406"]\n'
    )
    entry = f"load_from:\n  - project: {{path: ., executable_path: {{env: {PYTHON}}}}}\n"
    bench.write({"pyproject.toml": project, "sales.py": UNUSED, "workspace.yaml": entry})
    assert numbers(bench.validate()) == []
    assert numbers(bench.validate(options=Options(select=("ATL",)))) == ["ATL406"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("validate: [ATL3]\n", 1, 11, "validate must be a mapping, not a list"),
        ("validate: {ignore: [ATL3, ATL9]}\n", 1, 27, "ignore of validate: 'ATL9' is no code, and no code begins so"),
        ("validate: {selekt: ATL3}\n", 1, 12, "unknown key selekt in validate"),
        ("validate: {strict: often}\n", 1, 20, "strict of validate must be true or false, not 'often'"),
    ],
)
def test_what_a_workspace_cannot_want_is_a_finding_at_its_place(bench, text, line, column, message):
    (finding,) = bench.write({**workspace("a", more=text), "a.py": GOOD}).validate().findings
    problem = finding.problem
    assert (finding.code.number, problem.line, problem.column, problem.message) == ("ATL101", line, column, message)
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("validate = 3", "validate in [tool.atoll] must be a table"),
        ('validate = {ignore = "ATL3"}', "ignore in [tool.atoll.validate] must be a list of codes"),
        (
            'validate = {ignore = ["ATL3", "x"]}',
            "ignore in [tool.atoll.validate]: 'x' is no code, and no code begins so",
        ),
        ("validate = {selct = []}", "unknown key selct in [tool.atoll.validate]"),
        ('validate = {strict = "yes"}', "strict in [tool.atoll.validate] must be true or false"),
    ],
)
def test_what_a_project_cannot_want_is_a_finding_of_the_location(bench, text, message):
    bench.write(
        {"pyproject.toml": f'[project]\nname = "sales"\n[tool.atoll]\nmodule = "sales"\n{text}\n', "sales.py": GOOD}
    )
    found = bench.validate().findings
    assert [(finding.location, finding.problem.message) for finding in found] == [("sales", message)]
    assert found[0].problem.line == 5


def test_warnings_fail_where_the_workspace_is_strict_or_the_caller(bench):
    bench.write({**workspace("a"), "a.py": UNUSED})
    assert not bench.validate().failed
    assert bench.validate(options=Options(strict=True)).failed
    bench.write(workspace("a", more="validate: {strict: true}\n"))
    assert bench.validate().failed
    assert not bench.validate(options=Options(strict=False)).failed


def test_a_workspace_that_cannot_be_read_is_findings_like_others(bench):
    bench.write({"workspace.yaml": "load_from:\n  - projct: a\ntimeout: x\n"})
    validation = bench.validate()
    assert numbers(validation) == ["ATL101"]
    assert [finding.problem.line for finding in validation.findings] == [2, 3]
    assert (validation.reports, validation.failed) == ((), True)
    assert bench.validate(options=Options(ignore=("ATL101",))).findings == ()


def test_a_wrong_word_is_wrong_usage(bench):
    bench.write({**workspace("a"), "a.py": GOOD})
    with pytest.raises(UsageError, match=r"--select: 'ATL9' is no code"):
        bench.validate(options=Options(select=("ATL9",)))


def test_locations_that_are_not_asked_for_have_no_findings(bench):
    bench.write({**workspace("a", "b"), "a.py": UNUSED, "b.py": BROKEN})
    assert [finding.location for finding in bench.validate("a").findings] == ["a"]


def test_what_a_build_says_goes_before_that_there_is_no_environment(bench):
    bench.write(example_files("ATL201"))
    problem = Problem("build_failed", "numpy, which report needs, could not be built")
    assert numbers(bench.validate(built=[("report", problem)])) == ["ATL215"]


def test_a_lock_that_is_not_there_is_a_warning_unless_it_may_not_change(bench):
    bench.write(example_files("ATL208"))
    severities = {finding.code.number: finding.severity for finding in bench.validate().findings}
    assert severities == {"ATL201": "error", "ATL208": "warning"}
    severities = {f.code.number: f.severity for f in bench.validate(options=Options(locked=True)).findings}
    assert severities == {"ATL201": "error", "ATL208": "error"}


def test_a_finding_as_json_has_its_code_and_the_whole_problem(bench):
    bench.write({**workspace("a"), "a.py": BROKEN})
    (finding,) = bench.validate().findings
    data = finding.to_json()
    assert list(data)[:3] == ["code", "location", "kind"]
    assert (data["code"], data["location"], data["kind"]) == ("ATL301", "a", "import_error")


def test_reviewing_environments_costs_little_beside_loading(bench):
    names = [f"l{number}" for number in range(10)]
    bench.write({**workspace(*names), **{f"{name}.py": GOOD for name in names}})
    bench.validate()
    started = time.perf_counter()
    assert bench.validate().findings == ()
    # It takes half a second; a machine that does other things as well may take longer.
    assert time.perf_counter() - started < 20


def test_a_location_is_strict_where_it_says_so_or_its_workspace_does(bench):
    (text,) = workspace("a", "b", more="validate: {strict: WHOLE}\n", b="validate: {strict: STRICT}").values()
    bench.write({"a.py": GOOD, "b.py": UNUSED})
    for whole, own, failed in (("false", "true", True), ("true", "false", False), ("true", "true", True)):
        bench.write({"workspace.yaml": text.replace("STRICT", own).replace("WHOLE", whole)})
        validation = bench.validate()
        assert [finding.location for finding in validation.findings] == ["b"]
        assert validation.failed is failed
        assert bench.validate(options=Options(strict=True)).failed
        assert not bench.validate(options=Options(strict=False)).failed


@pytest.mark.parametrize(("value", "failed"), [("true", True), ("false", False)])
def test_a_project_says_whether_it_is_strict(bench, value, failed):
    project = f'[project]\nname = "sales"\n[tool.atoll]\nmodule = "sales"\nvalidate = {{strict = {value}}}\n'
    entry = "load_from:\n  - project: {path: ., executable_path: {env: PYTHON_OF_SALES}}\n"
    bench.write({"pyproject.toml": project, "sales.py": UNUSED, "workspace.yaml": entry})
    assert bench.validate().failed is failed
