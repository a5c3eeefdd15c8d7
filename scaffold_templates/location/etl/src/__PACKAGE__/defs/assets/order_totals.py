"""The asset order_totals."""

from atoll import MaterializeResult, asset

from __PACKAGE__.defs.assets.orders import orders
from __PACKAGE__.defs.resources.warehouse import Warehouse

TOTALS = "SELECT customer, SUM(cents) FROM orders GROUP BY customer ORDER BY customer"


@asset(
    key_prefix="__PACKAGE__",
    deps=[orders],
    kinds={"sqlite"},
    group_name="orders",
)
def order_totals(warehouse: Warehouse) -> MaterializeResult:
    """What each customer ordered in all, in cents."""
    totals = dict(warehouse.query(TOTALS))
    return MaterializeResult(metadata={"customers": len(totals), "totals": totals})
