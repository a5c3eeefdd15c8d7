"""Workspaces that load in a moment: their locations are single files, loaded by the interpreter that runs the tests."""

from __future__ import annotations

import json
import sys

from command_line import Folder

SALES = '''
"""What is sold."""
import atoll


class Warehouse(atoll.ConfigurableResource):
    """Where tables are kept."""

    url: str
    password: str
    pool: int = 4


class Limits(atoll.Config):
    limit: int = 100
    region: str


@atoll.asset(group_name="raw", kinds={"csv"}, owners=["team:sales"], tags={"domain": "sales"}, metadata={"rows": 12})
def raw_orders(config: Limits, warehouse: Warehouse) -> int:
    """Orders as the shop exports them."""
    return 1


@atoll.asset(
    key=["sales", "orders"],
    partitions_def=atoll.DailyPartitionsDefinition(start_date="2024-01-01", timezone="Europe/Berlin"),
    retry_policy=atoll.RetryPolicy(max_retries=3, delay=10),
    code_version="2",
)
def orders(raw_orders: int) -> int:
    return 1


@atoll.asset(deps=["stock/levels", "nowhere"])
def availability() -> None:
    """売上 \\x1b[31mred."""


@atoll.asset_check(asset="sales/orders", blocking=True)
def no_duplicates() -> atoll.AssetCheckResult:
    """No order is there twice."""
    return atoll.AssetCheckResult(passed=True)


@atoll.op
def first() -> int:
    return 1


@atoll.op
def second(value: int) -> None: ...


@atoll.job
def tidy():
    second(first())


ZONE = "Europe/Berlin"
refresh = atoll.define_asset_job("refresh", selection="*", tags={"team": "sales"})
nightly = atoll.ScheduleDefinition("nightly", job=refresh, cron_schedule="30 4 * * 1-5", execution_timezone=ZONE)


@atoll.schedule("@hourly", target=["raw_orders"])
def hourly():
    return atoll.RunRequest()


@atoll.sensor(job=refresh, minimum_interval_seconds=120)
def files_arrived():
    """Files arrived."""
    yield atoll.SkipReason("none")


@atoll.asset_sensor("stock/levels", job=refresh)
def levels_changed(event):
    return atoll.RunRequest()


defs = atoll.Definitions(
    assets=[raw_orders, orders, availability],
    asset_checks=[no_duplicates],
    jobs=[refresh, tidy],
    schedules=[nightly, hourly],
    sensors=[files_arrived, levels_changed],
    resources={
        "warehouse": Warehouse(url=atoll.EnvVar("WAREHOUSE_URL"), password="hunter2"),
        "plain": {"token": "s3cret", "size": 3},
    },
)
'''
STOCK = """
import atoll

region = atoll.StaticPartitionsDefinition(["north", "south"])
days = atoll.DailyPartitionsDefinition(start_date="2024-01-01")
both = atoll.MultiPartitionsDefinition({"region": region, "day": days})


@atoll.asset(key="stock/levels", deps=["feed"], partitions_def=both)
def levels() -> None: ...


@atoll.asset(key="stock/forecast", deps=["sales/orders", levels, "availability"])
def forecast() -> None: ...


@atoll.asset_check(asset="stock/levels")
def no_duplicates() -> atoll.AssetCheckResult:
    return atoll.AssetCheckResult(passed=True)


orders = atoll.AssetSpec("sales/orders")
feed = atoll.AssetSpec("feed", description="made by a partner")
defs = atoll.Definitions(
    assets=[orders, feed, levels, forecast],
    asset_checks=[no_duplicates],
)
"""
BROKEN = "import surely_not_there\n"


def write_workspace(path, **locations):
    """Write a workspace of single files, each loaded by the interpreter that runs the tests."""
    entries = [
        {"python_file": {"relative_path": f"{name}.py", "location_name": name, "executable_path": sys.executable}}
        for name in locations
    ]
    files = {f"{name}.py": text for name, text in locations.items()}
    return Folder(path).write({"workspace.yaml": json.dumps({"load_from": entries}), **files})
