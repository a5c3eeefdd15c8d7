"""The asset orders."""

from atoll import (
    AssetExecutionContext,
    DailyPartitionsDefinition,
    MaterializeResult,
    asset,
)

from __PACKAGE__.defs.resources.inbox import Inbox
from __PACKAGE__.defs.resources.warehouse import Warehouse

days = DailyPartitionsDefinition(start_date="2024-01-01")


@asset(
    key_prefix="__PACKAGE__",
    partitions_def=days,
    kinds={"csv", "sqlite"},
    group_name="orders",
)
def orders(
    context: AssetExecutionContext, inbox: Inbox, warehouse: Warehouse
) -> MaterializeResult:
    """The orders of a day: id, customer, amount in cents."""
    day = context.partition_key
    rows = [
        (int(row["id"]), row["customer"], int(row["cents"])) for row in inbox.read(day)
    ]
    warehouse.replace_day(day, rows)
    cents = sum(cents for _, _, cents in rows)
    return MaterializeResult(metadata={"rows": len(rows), "cents": cents})
