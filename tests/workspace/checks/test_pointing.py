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
import pandas_, pandas as pd
from shop.tables import rows
from .tables import rows
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
    "no-such-word": ("unknown_target", "schedule 'nightly' starts job 'other', which is not there", 1, (1, 1)),
    "no-name": ("unknown_target", "something starts nothing", 1, (1, 1)),
    "cycle": ("cycle", "assets depend on each other in a circle: orders → x → orders", 5, (8, 5)),
    "invalid-function": ("invalid_definition", "asset orders is wrong", 10, (11, 5)),
    "invalid-variable": ("invalid_definition", "job x can't be made", 9, (9, 1)),
    "no-such-line": ("cycle", "assets depend on each other in a circle", 99, (99, None)),
    "two-of-them": ("multiple_definitions", "Cannot have more than one Definitions object", 9, (9, 1)),
    "another-kind": ("exception", "ValueError: 'raw' is no table", 5, (5, None)),
    "module": ("import_error", "ModuleNotFoundError: No module named 'pandas'", 12, (12, 17)),
    "module-in-a-package": ("import_error", "ModuleNotFoundError: No module named 'shop.tables'", 13, (13, 6)),
    "relative-module": ("import_error", "ModuleNotFoundError: No module named 'sales.tables'", 14, (14, 7)),
    "name-of-a-module": ("import_error", "ImportError: cannot import name 'rows' from 'shop'", 14, (14, 21)),
    "import-elsewhere": ("import_error", "ModuleNotFoundError: No module named 'numpy'", 12, (12, None)),
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


@pytest.mark.parametrize(
    "place",
    [
        (None, None, None),
        ("/nowhere/at/all.py", 3, None),
        ("/nowhere/at/all.py", 3, 4),
        (__file__, 10**30, None),
        (__file__, -3, None),
    ],
)
def test_what_has_no_place_or_a_column_stays_as_it_is(place):
    problem = Problem("unknown_target", "schedule 's' starts job 'j'", None, *place)
    assert point_at_word(problem) == problem
