"""Who lives on the islands where nobody lives."""

import atoll

from .assets import colonies, sightings, way_to_the_penguins

defs = atoll.Definitions(
    assets=[sightings, colonies, way_to_the_penguins],
    jobs=[atoll.define_asset_job("count_penguins", selection='+key:"colonies" or key:"incomplete_penguins"')],
    schedules=[
        # Penguins are counted in the southern summer.
        atoll.ScheduleDefinition(
            name="every_summer_morning",
            cron_schedule="0 6 * 12,1,2 *",
            execution_timezone="Antarctica/Palmer",
            target=atoll.AssetSelection.groups("colony"),
        )
    ],
)
