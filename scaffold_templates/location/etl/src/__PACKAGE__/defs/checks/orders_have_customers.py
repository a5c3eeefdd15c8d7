"""The check orders_have_customers."""

from atoll import AssetCheckResult, asset_check

from __PACKAGE__.defs.assets.orders import orders
from __PACKAGE__.defs.resources.warehouse import Warehouse


@asset_check(asset=orders, blocking=True)
def orders_have_customers(warehouse: Warehouse) -> AssetCheckResult:
    """Every order says whose it is."""
    [(count,)] = warehouse.query("SELECT COUNT(*) FROM orders WHERE customer = ''")
    return AssetCheckResult(passed=count == 0, metadata={"without a customer": count})
