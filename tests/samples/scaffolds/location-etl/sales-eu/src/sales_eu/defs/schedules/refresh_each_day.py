"""The schedule refresh_each_day."""

from atoll import build_schedule_from_partitioned_job

from sales_eu.defs.jobs.refresh_orders import refresh_orders

refresh_each_day = build_schedule_from_partitioned_job(
    refresh_orders,
    name="refresh_each_day",
    hour_of_day=3,
    description="Refresh the orders of the day that has ended",
)
