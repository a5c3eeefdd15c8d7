"""What time it is on the islands of three oceans."""

from collections.abc import Iterator

import atoll

from .assets import ocean_clocks, oceans, time_zones, zones_can_be_opened

set_clocks = atoll.define_asset_job("set_clocks", selection=[ocean_clocks])


# The first of the month begins on Kiritimati, fourteen hours ahead of UTC.
@atoll.schedule("0 0 1 * *", job=set_clocks, execution_timezone="Pacific/Kiritimati")
def first_of_the_month(context: atoll.ScheduleEvaluationContext) -> Iterator[atoll.RunRequest]:
    """A run for each ocean."""
    month = context.scheduled_execution_time.strftime("%Y-%m")
    for ocean in oceans.get_partition_keys():
        yield atoll.RunRequest(run_key=f"{month} {ocean}", partition_key=ocean)


defs = atoll.Definitions(
    assets=[time_zones, ocean_clocks],
    asset_checks=[zones_can_be_opened],
    jobs=[set_clocks],
    schedules=[first_of_the_month],
)
