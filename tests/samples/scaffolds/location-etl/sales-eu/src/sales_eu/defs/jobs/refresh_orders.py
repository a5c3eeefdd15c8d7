"""The job refresh_orders."""

from atoll import define_asset_job

from sales_eu.defs.assets.orders import days, orders

refresh_orders = define_asset_job(
    "refresh_orders",
    selection=[orders],
    partitions_def=days,
    description="Read the orders of a day, and check them",
)
