"""What modules with schedules and sensors have in common."""

ASSETS = """
class Table(Config):
    rows: int = 1

@asset
def orders(config: Table): return 1

@asset(deps=[orders])
def totals(): return 1

@asset_check(asset=orders)
def plausible(): return AssetCheckResult(passed=True)

both = define_asset_job("both", [orders, totals])
ASSETS = dict(assets=[orders, totals], asset_checks=[plausible], jobs=[both])
def configure(rows): return {"ops": {"orders": {"config": {"rows": rows}}}}
"""
