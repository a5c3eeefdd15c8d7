"""The asset order_totals."""

from atoll import MaterializeResult, asset

from sales_eu.defs.assets.orders import orders
from sales_eu.defs.resources.warehouse import Warehouse

TOTALS = "SELECT customer, SUM(cents) FROM orders GROUP BY customer ORDER BY customer"


@asset(
    key_prefix="sales_eu",
    deps=[orders],
    kinds={"sqlite"},
    group_name="orders",
)
def order_totals(warehouse: Warehouse) -> MaterializeResult:
    """What each customer ordered in all, in cents."""
    totals = dict(warehouse.query(TOTALS))
    return MaterializeResult(metadata={"customers": len(totals), "totals": totals})
