"""How long people live on islands."""

import atoll

from .assets import life_expectancy, longest_lives
from .jobs import housekeeping
from .resources import Database

defs = atoll.Definitions(
    assets=[life_expectancy, longest_lives],
    jobs=[housekeeping],
    schedules=[atoll.ScheduleDefinition(job=housekeeping, cron_schedule="30 3 * * 0", execution_timezone="UTC")],
    resources={"database": Database(url=atoll.EnvVar("CENSUS_DATABASE"))},
)
