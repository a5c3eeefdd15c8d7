"""What people see, kept in files: healthy, broken and 200 rows; narrow and wide, with and without colour."""

from __future__ import annotations

import pytest
from golden import check_golden
from reports import asset, definitions, drawn, external, report, schedule, source

from atoll_host.cli.reading import problems_beside
from atoll_host.cli.views.graphs.tree import draw_tree
from atoll_host.cli.views.listings import LISTINGS, draw_listing
from atoll_host.cli.views.locations import draw_locations
from atoll_host.cli.views.problems import draw_problems
from atoll_host.cli.views.showing.sheets import draw
from atoll_host.envs.errors import Frame, Problem
from atoll_host.workspace.describing.details import describe, describe_location
from atoll_host.workspace.describing.finding import find
from atoll_host.workspace.describing.locations import row
from atoll_host.workspace.describing.rows import rows
from atoll_host.workspace.graph.merging import merge_reports
from atoll_host.workspace.graph.part import choose_part

LOOKS = [
    pytest.param({"width": 80}, "80", id="80"),
    pytest.param({"width": 200}, "200", id="200"),
    pytest.param({"width": 80, "colour": True}, "80-colour", id="80-colour"),
    pytest.param({"width": 200, "colour": True}, "200-colour", id="200-colour"),
]
look = pytest.mark.parametrize(("console", "name"), LOOKS)

SALES = definitions(
    assets=[
        asset("raw_orders", group="raw", kinds=["csv"], owners=["team:sales"], tags={"domain": "sales", "core": ""}),
        asset(
            "sales/orders",
            "raw_orders",
            description="Orders, each once, with the currency of the day.\n\nEverybody should read these.",
            kinds=["parquet", "polars"],
            partitions={"type": "daily", "start": "2024-01-01", "end": None, "timezone": "Europe/Berlin"},
            metadata={
                "rows": {"type": "int", "value": 12},
                "docs": {"type": "url", "value": "https://example.org/orders"},
            },
        ),
        asset("sales/availability", "stock/levels", "sales/orders", "weather", description="売上 and stock 🎉"),
    ],
    checks=[
        {
            "name": "no_duplicates",
            "asset": "sales/orders",
            "description": "No order is there twice.",
            "blocking": True,
            "metadata": {},
            "computation": "no_duplicates",
            "dependencies": [],
            "source": source(30),
        }
    ],
    jobs=[
        {
            "name": "refresh",
            "type": "asset",
            "description": "Everything, every night.",
            "selection": "*",
            "assets": ["raw_orders", "sales/orders", "sales/availability"],
            "checks": [{"asset": "sales/orders", "name": "no_duplicates"}],
            "nodes": [],
            "partitions": None,
            "config": None,
            "tags": {"team": "sales"},
            "resources": ["warehouse"],
            "source": source(40),
        }
    ],
    schedules=[schedule("nightly", "30 4 * * 1-5", timezone="Europe/Berlin", default_status="RUNNING")],
    sensors=[
        {
            "name": "files_arrived",
            "type": "asset_sensor",
            "targets": [{"job": "refresh"}],
            "asset": "raw_orders",
            "minimum_interval_seconds": 120,
            "default_status": "STOPPED",
            "description": None,
            "source": source(50),
        }
    ],
    resources=[
        {
            "name": "warehouse",
            "type": "sales.resources.Warehouse",
            "description": "Where tables are kept.",
            "config_schema": {
                "type": "object",
                "properties": {
                    "url": {"type": "string", "description": "where it is"},
                    "password": {"type": "string"},
                    "mode": {"enum": ["read", "write"], "default": "read"},
                },
                "required": ["url", "password"],
            },
            "config": {"url": {"env": "WAREHOUSE_URL"}, "password": {"redacted": True}, "mode": "write"},
            "environment_variables": ["WAREHOUSE_URL"],
            "used_by": ["sales__orders"],
            "source": source(60),
        }
    ],
    computations=[
        {
            "name": "sales__orders",
            "type": "asset",
            "keys": ["sales/orders"],
            "signature": "(context, raw_orders: pl.DataFrame, warehouse: Warehouse, config: Orders) -> pl.DataFrame",
            "parameters": [],
            "config_schema": {
                "type": "object",
                "properties": {"limit": {"type": "integer", "default": 100}, "region": {"type": "string"}},
                "required": ["region"],
            },
            "resources": ["warehouse"],
            "retry_policy": {"max_retries": 3, "delay": 10, "backoff": "EXPONENTIAL", "jitter": None},
            "source": {**source(20), "function": "orders"},
        }
    ],
    environment_variables=[{"name": "WAREHOUSE_URL", "required_by": ["warehouse"], "default": False}],
)
STOCK = definitions(
    assets=[
        external("sales/orders"),
        external("feed", description="made by a partner"),
        asset("stock/levels", "feed"),
        asset("stock/forecast", "sales/orders", "stock/levels", "sales/availability"),
    ]
)
IMPORT_ERROR = Problem(
    "import_error",
    "ModuleNotFoundError: No module named 'pandas', which the location needs before anything of it can be imported",
    "`uv add pandas` in /data/demo/reports, then `atoll sync`",
    "/data/demo/reports/src/reports/tables.py",
    3,
    frames=(
        Frame("/data/demo/reports/src/reports/definitions.py", 1, "<module>", "from .assets import monthly"),
        Frame("/data/demo/reports/src/reports/assets.py", 2, "<module>", "from .tables import read"),
        Frame("/data/demo/reports/src/reports/tables.py", 3, "<module>", "import pandas"),
    ),
)
DUPLICATES = (
    Problem(
        "duplicate_name", "Two jobs are named 'refresh'", "rename one of them", "/data/demo/ops/definitions.py", 12
    ),
    Problem(
        "invalid_definition",
        "Job 'tidy' names the asset 'a/b', which is not there",
        None,
        "/data/demo/ops/definitions.py",
        30,
    ),
    Problem(
        "environment",
        "the environment is out of step: changed since: uv.lock",
        "run: atoll sync ops",
        severity="warning",
    ),
)


def healthy():
    return [report("sales", SALES), report("stock", STOCK, python="3.9.18", seconds=1.5)]


def broken():
    return [
        *healthy(),
        report("reports", None, status="failed", problems=[IMPORT_ERROR]),
        report("ops", STOCK, status="failed", problems=DUPLICATES, python="3.13.0"),
    ]


@look
def test_locations_of_a_healthy_workspace(console, name):
    check_golden(
        f"locations-{name}.txt", drawn(lambda out: draw_locations(out, [row(item) for item in healthy()]), **console)
    )


@look
def test_locations_beside_broken_ones_with_what_is_wrong(console, name):
    reports = broken()
    data = [row(item) for item in reports]
    for item in data:
        item["loaded_at"] = None if item["loaded_at"] is None else 10_000_000_000_000

    def both(out):
        draw_locations(out, data)
        draw_problems(out, problems_beside(reports, whole=False))

    check_golden(f"broken-{name}.txt", drawn(both, **console))


@look
@pytest.mark.parametrize("kind", LISTINGS)
def test_the_listing_of_every_kind(kind, console, name):
    check_golden(f"{kind}-{name}.txt", drawn(lambda out: draw_listing(out, kind, rows(kind, broken())), **console))


@look
def test_two_hundred_rows(console, name):
    groups = ("raw", "staging", "marts", "reports")
    assets = [
        asset(
            f"warehouse/{groups[number % 4]}/table_{number:03}",
            *[f"warehouse/{groups[(number - 1) % 4]}/table_{number - 1:03}"][: number % 4],
            group=groups[number % 4],
            kinds=["table"] if number % 3 else ["view", "sql"],
            owners=["team:data"] if number % 5 == 0 else [],
            description=f"Table number {number}, of which there is much to say" if number % 2 else None,
        )
        for number in range(200)
    ]
    reports = [report("warehouse", definitions(assets=assets))]
    check_golden(f"many-{name}.txt", drawn(lambda out: draw_listing(out, "assets", rows("assets", reports)), **console))


@look
@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("asset", "sales/orders"),
        ("asset", "sales/availability"),
        ("check", "no_duplicates"),
        ("job", "refresh"),
        ("schedule", "nightly"),
        ("sensor", "files_arrived"),
        ("resource", "warehouse"),
    ],
)
def test_everything_about_one_definition(kind, thing, console, name):
    reports = healthy()
    data = describe(find(kind, thing, reports), merge_reports(reports))
    check_golden(f"show-{kind}-{thing.replace('/', '-')}-{name}.txt", drawn(lambda out: draw(out, data), **console))


@look
def test_everything_about_one_location(console, name):
    check_golden(f"show-location-{name}.txt", drawn(lambda out: draw(out, describe_location(healthy()[0])), **console))


@look
def test_the_graph_as_a_tree(console, name):
    graph = merge_reports(broken())
    check_golden(f"tree-{name}.txt", drawn(lambda out: draw_tree(out, choose_part(graph, None, None)), **console))
