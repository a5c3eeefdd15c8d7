"""The check brand_new."""

from atoll import AssetCheckResult, asset_check


@asset_check(asset="raw/orders")
def brand_new(orders):
    """There is at least one row."""
    rows = len(orders)
    return AssetCheckResult(passed=rows > 0, metadata={"rows": rows})
