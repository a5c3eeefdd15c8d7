"""Whatever a location says it defines, it is refused with a reason, or every view and check can deal with it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from reports import ROOT, drawn, report
from shaped import SCHEMA, WORDS, damaged, shaped, text

from atoll_host.cli.views.graphs.result import draw_graph
from atoll_host.cli.views.listings import listing_result
from atoll_host.cli.views.locations import locations_result
from atoll_host.cli.views.reports.context import Context
from atoll_host.cli.views.reports.github import github
from atoll_host.cli.views.reports.gitlab import gitlab
from atoll_host.cli.views.reports.junit import junit
from atoll_host.cli.views.reports.sarif import sarif
from atoll_host.cli.views.showing.result import location_result, show_result
from atoll_host.cli.views.validation import draw_validation
from atoll_host.envs.errors import UsageError
from atoll_host.envs.layout import StateFolder
from atoll_host.workspace.checks.reports import check_report, check_workspace
from atoll_host.workspace.checks.schedules import check_schedules
from atoll_host.workspace.findings.finding import Finding
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.part import choose_part
from atoll_host.workspace.graph.selection import select
from atoll_host.workspace.location import Workspace
from atoll_host.workspace.shapes import KNOWN_WORDS, find_misshapen
from atoll_host.workspace.snapshots import Snapshot, read_snapshot, write_snapshot
from atoll_host.workspace.validation import Validation

EVERY_DAY = settings(max_examples=16, deadline=None, derandomize=True)
LONG = settings(max_examples=5_000, deadline=None)
SEEDS = st.integers(0, 2**48)
KINDS = ("asset", "check", "job", "schedule", "sensor", "resource")
NAMES = ("one", "two")


def see_everything(described: dict[str, dict]) -> None:
    """Draw every view of some locations and run every check; whatever is wrong with this raises."""
    # A schedule that means nothing keeps its location from loading.
    failed = {name: check_schedules(definitions) for name, definitions in described.items()}
    reports = [
        report(name, definitions, status="failed" if failed[name] else "loaded", problems=failed[name])
        for name, definitions in described.items()
    ]
    results = [locations_result(reports), *(location_result(one, ()) for one in reports)]
    for kind in KINDS:
        results.append(listing_result(f"{kind}s", reports, ()))
        names = {row["name"] for row in results[-1].data}
        results += [show_result(kind, name, reports, ()) for name in sorted(names)[:3]]
        results += [show_result(kind, f"one:{name}", reports, ()) for name in sorted(names)[:1]]
    for result in results:
        json.dumps(result.to_json())
        if result.view is not None:
            drawn(result.view, width=60, colour=True)
    graph = merge_reports(reports)
    for locations in (None, ["one"]):
        part = choose_part(graph, locations, None)
        json.dumps(part.to_json())
        for form in ("tree", "mermaid", "dot"):
            drawn(lambda console, part=part, form=form: draw_graph(console, part, form))
    workspace = Workspace(ROOT, ROOT / "workspace.yaml", tuple(one.location for one in reports))
    found = [(one.location.name, problem) for one in reports for problem in check_report(workspace, one, {})]
    found += check_workspace(workspace, reports)
    validation = Validation(tuple(reports), tuple(Finding.of(name, problem) for name, problem in found))
    drawn(lambda console: draw_validation(console, validation))
    for write in (github, gitlab, junit, sarif):
        write(validation, Context(ROOT, "1"))


def refused_or_seen(described: dict[str, dict]) -> None:
    """Take what the host would take, and see that."""
    taken = {name: one for name, one in described.items() if find_misshapen(one) is None}
    see_everything(taken)


def shaped_is_seen(seed):
    random = Random(seed)
    described = {name: shaped("definitions", random) for name in NAMES}
    assert [find_misshapen(one) for one in described.values()] == [None, None]
    see_everything(described)


def damaged_is_refused_or_seen(seed):
    random = Random(seed)
    refused_or_seen({name: damaged(shaped("definitions", random), random) for name in NAMES})


def shapes_are_told_as_the_schema_tells_them(seed):
    random = Random(seed)
    data = damaged(shaped("definitions", random), random)
    validator = Draft202012Validator({"$ref": "#/$defs/definitions", "$defs": SCHEMA["$defs"]})
    # NaN and numbers such as 2.0 for an integer are JSON Schema's, not ours.
    if "NaN" not in json.dumps(data):
        assert (find_misshapen(data) is None) == validator.is_valid(data), find_misshapen(data)


def selections_are_read_or_explained(seed):
    random = Random(seed)
    graph = merge_reports([report(name, shaped("definitions", random)) for name in NAMES])
    parts = [*WORDS, "and", "or", "not", "(", ")", "+", "*", "key:", "tag:", "=", '"', "roots(", "sinks(", "3", ":"]
    for _ in range(20):
        words = " ".join(random.choice(parts) for _ in range(random.randint(0, 8)))
        for given_text in (words, words.replace(" ", ""), text(random)):
            try:
                assert select(graph, given_text) <= set(graph.nodes)
            except UsageError:
                continue


PROPERTIES = (
    shaped_is_seen,
    damaged_is_refused_or_seen,
    shapes_are_told_as_the_schema_tells_them,
    selections_are_read_or_explained,
)


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_whatever_a_location_says(holds):
    EVERY_DAY(given(SEEDS)(lambda seed: holds(seed)))()


@pytest.mark.soak
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_whatever_a_location_says_at_length(holds):
    LONG(given(SEEDS)(lambda seed: holds(seed)))()


def test_the_schema_has_no_word_that_is_not_checked():
    def words(schema):
        for word, value in schema.items():
            yield word
            if word in {"properties", "$defs"}:
                for inner in value.values():
                    yield from words(inner)
            elif word in {"anyOf", "oneOf"}:
                for inner in value:
                    yield from words(inner)
            elif isinstance(value, dict):
                yield from words(value)

    assert set(words(SCHEMA)) <= KNOWN_WORDS


def test_what_is_misshapen_is_said_with_its_place():
    definitions = shaped("definitions", Random(1))
    definitions["assets"] = [shaped("asset", Random(number)) for number in range(3)]
    definitions["assets"][2]["kinds"] = "x"
    assert find_misshapen(definitions) == "definitions.assets[2].kinds is no array"
    del definitions["assets"]
    assert find_misshapen(definitions) == "definitions.assets is missing"


@settings(max_examples=16, deadline=None, derandomize=True)
@given(SEEDS, st.binary(max_size=60))
def test_a_stored_snapshot_is_read_or_there_is_none(tmp_path_factory, seed, rubbish):
    random = Random(seed)
    state = StateFolder(tmp_path_factory.mktemp("state") / ".atoll")
    write_snapshot(state, Snapshot("one", shaped("definitions", random), {}, {}, {}, 0.0, None))
    file = next(Path(state.snapshots).glob("one*"))
    whole = read_snapshot(state, "one")
    assert whole is not None
    file.write_text(json.dumps(damaged(whole.to_json(), random)))
    found = read_snapshot(state, "one")
    if found is not None:
        see_everything({"one": found.definitions})
    text_of = file.read_bytes()
    for content in (rubbish, text_of[: random.randrange(len(text_of))], b"[" * 100_000):
        file.write_bytes(content)
        assert read_snapshot(state, "one") is None
