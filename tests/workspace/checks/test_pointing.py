"""What a location's SDK says of a line is pointed at the word in it."""

from __future__ import annotations

import pytest

from atoll_host.envs.errors import Problem
from atoll_host.workspace.checks.pointing import point_at_word

TEXT = """\
nightly = ScheduleDefinition(
    "nightly",
    job_name="refersh",
)
@asset(
    deps=[AssetDep("raw", partition_mapping=mapping)],
)
def orders(warehouse, other): ...
refresh: Job = define_asset_job("x", "group:nobody")
@asset(deps=["raw"])
def orders(raw): ...
"""
CASES = {
    "unknown-target": ("unknown_target", "schedule 'nightly' starts job 'refersh', which is not there", 1, (3, 14)),
    "resource-by-parameter": ("unmet_resource", "asset 'orders' needs the resource 'warehouse', which", 5, (8, 12)),
    "resource-of-a-job": ("unmet_resource", "op 'a' in job 'orders' needs the resource 'other', which", 5, (8, 23)),
    "mapping": ("partition_mapping", "asset 'orders' can't depend on 'raw' this way: no 'x'", 5, (6, 20)),
    "forgotten-function": ("not_handed_in", "asset 'orders' is declared but not among", 5, (8, 5)),
    "forgotten-variable": ("not_handed_in", "job 'refresh' is declared but not among", 9, (9, 1)),
    "empty": ("empty_selection", "job 'x' selects no asset: group:nobody", 9, (9, 33)),
    "twice": ("duplicate_name", "asset 'orders' is declared twice: at 'a' and 'b'", 10, (11, 5)),
    "no-such-word": ("unknown_target", "schedule 'nightly' starts job 'other', which is not there", 1, (1, None)),
    "no-name": ("unknown_target", "something starts nothing", 1, (1, None)),
    "another-kind": ("import_error", "module 'a' is no 'raw'", 5, (5, None)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_word_is_found_in_the_declaration(tmp_path, case):
    kind, message, line, expected = CASES[case]
    file = tmp_path / "definitions.py"
    file.write_text(TEXT)
    pointed = point_at_word(Problem(kind, message, "a hint", str(file), line, severity="warning"))
    assert (pointed.line, pointed.column) == expected
    assert pointed.replaced(line=line, column=None) == Problem(
        kind, message, "a hint", str(file), line, severity="warning"
    )


@pytest.mark.parametrize("place", [(None, None, None), ("/nowhere/at/all.py", 3, None), ("/nowhere/at/all.py", 3, 4)])
def test_what_has_no_place_or_a_column_stays_as_it_is(place):
    problem = Problem("unknown_target", "schedule 's' starts job 'j'", None, *place)
    assert point_at_word(problem) == problem
