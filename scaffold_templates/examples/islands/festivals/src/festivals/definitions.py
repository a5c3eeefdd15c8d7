"""When the shops are closed."""

import atoll

from .assets import public_holidays, renew_festivals, shared_holidays, when_the_registry_changes
from .resources import Calendar

defs = atoll.Definitions(
    assets=[public_holidays, shared_holidays],
    jobs=[renew_festivals],
    sensors=[when_the_registry_changes],
    # Read when a run uses it, not now: loading this file needs no variable.
    resources={"calendar": Calendar(year=atoll.EnvVar.int("FESTIVALS_YEAR"))},
)
