"""The check __NAME__."""

from atoll import AssetCheckResult, asset_check


@asset_check(asset=__ASSET__)
def __NAME__(__ARGUMENT__):
    """There is at least one row."""
    rows = len(__ARGUMENT__)
    return AssetCheckResult(passed=rows > 0, metadata={"rows": rows})
