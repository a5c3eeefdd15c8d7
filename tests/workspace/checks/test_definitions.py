"""What only the whole snapshot of a location shows."""

from __future__ import annotations

import pytest
from reports import asset, definitions, report, schedule

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.definitions import check_definitions
from atoll_host.workspace.checks.reports import check_report
from atoll_host.workspace.checks.variables import check_variables
from atoll_host.workspace.location import Workspace

PLACE = {"file": "/data/demo/jobs.py", "line": 3, "function": None}


def job(name, **more):
    return {"name": name, "type": "asset", "assets": ["x"], "checks": [], "source": PLACE, **more}


def function(name, *resources, **more):
    return {"name": name, "type": "asset", "resources": list(resources), "source": PLACE, **more}


FINE = {
    "a-job-of-checks-only": {"jobs": [job("j", assets=[], checks=[{"asset": "x", "name": "c"}])]},
    "a-job-of-ops": {"jobs": [job("j", type="op", assets=[], nodes=[{"name": "n"}])]},
    "a-schedule-of-a-job": {"jobs": [job("refresh")], "schedules": [schedule("s")]},
    "a-schedule-of-assets": {"schedules": [schedule("s", target={"selection": "*", "assets": ["x"]})]},
    "a-sensor-of-nothing": {"sensors": [{"name": "s", "targets": []}]},
    "a-resource-that-is-given": {"computations": [function("f", "db")], "resources": [{"name": "db"}]},
    "a-resource-of-the-job": {
        "computations": [function("f", "db", type="op")],
        "jobs": [job("j", type="op", nodes=[{}], resources=["db"], resource_defs={"db": {}})],
    },
    "the-manager-that-is-always-there": {"assets": [asset("x")]},
}


@pytest.mark.parametrize("case", FINE)
def test_what_is_well_has_no_finding(case):
    assert check_definitions(definitions(**FINE[case])) == ()


WRONG = {
    "a-job-without-ops": (
        {"jobs": [job("j", type="op", nodes=[])]},
        "empty_selection",
        "Job 'j' runs no op",
        "call an op",
    ),
    "a-job-of-nothing": (
        {"jobs": [job("j", assets=[], selection="group:x")]},
        "empty_selection",
        "Job 'j' selects nothing: group:x",
        "atoll list assets",
    ),
    "a-schedule-of-a-job-that-is-not-there": (
        {"jobs": [job("refreshed")], "schedules": [schedule("s")]},
        "unknown_target",
        "Schedule 's' starts job 'refresh', which this location does not have",
        "did you mean 'refreshed'?",
    ),
    "a-sensor-of-a-job-that-is-not-there": (
        {"jobs": [job("a"), job("b")], "sensors": [{"name": "s", "targets": [{"job": "zzz"}], "source": PLACE}]},
        "unknown_target",
        "Sensor 's' starts job 'zzz', which this location does not have",
        "there are: 'a' and 'b'",
    ),
    "a-resource-that-is-not-given": (
        {"computations": [function("f", "warehouse")], "resources": [{"name": "warehose"}]},
        "unmet_resource",
        "Function 'f' needs the resource 'warehouse', which is not given",
        "did you mean 'warehose'?",
    ),
    "a-manager-that-is-not-given": (
        {"assets": [asset("x", io_manager="lake")]},
        "unmet_resource",
        "Asset 'x' needs the resource 'lake', which is not given",
        "add it: Definitions(resources={'lake': ...})",
    ),
    "a-resource-that-no-job-brings": (
        {"jobs": [job("j", type="op", nodes=[{}], resources=["db"], resource_defs={"other": {}})]},
        "unmet_resource",
        "Job 'j' needs the resource 'db', which is not given",
        "add it",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_a_way_out(case):
    described, kind, message, hint = WRONG[case]
    (problem,) = check_definitions(definitions(**described))
    assert (problem.kind, problem.message) == (kind, message)
    assert hint in problem.hint
    assert problem.line is not None


def test_what_the_sdk_said_is_not_said_again():
    described = definitions(jobs=[job("j", assets=[]), job("k", assets=[], source={**PLACE, "line": 9})])
    known = Problem("empty_selection", "job 'j' selects no asset: x", None, PLACE["file"], 7)
    assert [problem.line for problem in check_definitions(described, [known])] == [9]


def variable(name, *users, default=False):
    return {"name": name, "required_by": list(users), "default": default}


def resource(name, *variables):
    return {"name": name, "environment_variables": list(variables), "source": PLACE}


NEEDED = {
    "resources": [resource("db", "URL"), resource("other", "URL")],
    "jobs": [job("db", config={"ops": {"f": {"config": {"region": {"env": "REGION"}}}}})],
    "schedules": [schedule("nightly", config={"env": "DAY"})],
    "computations": [function("f")],
    "environment_variables": [
        variable("URL", "db", "other"),
        variable("REGION", "db"),
        variable("DAY", "nightly"),
        variable("LIMIT", "f"),
        variable("WITH_DEFAULT", "f", default=True),
        variable("STRAY", "nobody"),
    ],
}


def test_each_variable_is_missed_once_with_what_needs_it():
    found = check_variables(definitions(**NEEDED), {"PATH"})
    assert [problem.message for problem in found] == [
        "Resource 'db' (and 1 more) needs the environment variable 'URL', which is not set",
        "Job 'db' needs the environment variable 'REGION', which is not set",
        "Schedule 'nightly' needs the environment variable 'DAY', which is not set",
        "Function 'f' needs the environment variable 'LIMIT', which is not set",
        "Something here needs the environment variable 'STRAY', which is not set",
    ]
    assert {(problem.kind, problem.severity) for problem in found} == {("unset_variable", "warning")}


def test_variables_that_are_set_are_not_missed():
    assert check_variables(definitions(**NEEDED), {"URL", "REGION", "DAY", "LIMIT", "STRAY"}) == ()


@pytest.mark.parametrize(
    ("names", "dropped", "files", "hint"),
    [
        ((), (), (), "write WAREHOUSE_URL=… in a file and name that as its env-file, or set it where atoll runs"),
        ((), (), ("all.env", "own.env"), "write WAREHOUSE_URL=… in own.env, or set it where atoll runs"),
        ((), ("WAREHOUSE_URL",), ("own.env",), "write WAREHOUSE_URL=… in own.env"),
        (("WAREHOUSE_URLS",), (), (), "did you mean 'WAREHOUSE_URLS', which is set?"),
        (("WAREHOUSE_HOST",), (), ("own.env",), "write WAREHOUSE_URL=… in own.env, or set it where atoll runs"),
    ],
)
def test_the_hint_says_where_to_set_it(names, dropped, files, hint):
    described = definitions(environment_variables=[variable("WAREHOUSE_URL")])
    (problem,) = check_variables(described, names, dropped=dropped, files=files)
    assert problem.hint == hint


def test_a_variable_that_locations_are_not_given_is_said_as_such():
    needs = report("a", definitions(environment_variables=[variable("UV_INDEX"), variable("OTHER")]))
    workspace = Workspace(needs.location.root, None, (needs.location,))
    found = check_report(workspace, needs, {"UV_INDEX": "x", "OTHER": "y"})
    assert [problem.message for problem in found] == [
        "Something here needs the environment variable 'UV_INDEX', which locations are not given"
    ]


def test_a_variables_file_that_went_away_meanwhile_is_no_finding(tmp_path):
    needs = report("a", definitions(environment_variables=[variable("X")]))
    workspace = Workspace(needs.location.root, None, (needs.location,), (tmp_path / "gone.env",))
    assert check_report(workspace, needs, {}) == ()
