"""Where one can land on an island."""

import atoll

from .assets import airports, island_airports, lowest_is_near_the_sea

# `airports` and all that follows from it, with what the run sets in `Choice`.
every_airfield = atoll.define_asset_job(
    "every_airfield",
    selection='key:"airports"+',
    config={"ops": {"airports": {"config": {"bookable_only": False}}}},
)

defs = atoll.Definitions(
    assets=[airports, island_airports],
    asset_checks=[lowest_is_near_the_sea],
    jobs=[every_airfield],
)
