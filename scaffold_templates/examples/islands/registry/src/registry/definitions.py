"""What this location offers: one `Definitions` object at module scope."""

import atoll

from .assets import codes_are_unique, countries, island_countries

defs = atoll.Definitions(
    assets=[countries, island_countries],
    asset_checks=[codes_are_unique],
    jobs=[atoll.define_asset_job("renew_registry", selection='group:"registry"')],
)
