from datetime import datetime
from zoneinfo import ZoneInfo

import atoll

from clocks.assets import hours_ahead, ocean_clocks, time_zones, zones_can_be_opened
from clocks.definitions import first_of_the_month

COUNTRIES = [{"code": "MU", "name": "Mauritius"}, {"code": "FK", "name": "Falkland Islands"}]


def test_a_partition_holds_one_ocean():
    context = atoll.build_asset_context(partition_key="Indian")
    clocks = ocean_clocks(context, time_zones=time_zones(), island_countries=COUNTRIES)
    assert clocks == [{"zone": "Indian/Mauritius", "country": "Mauritius", "january": 4.0, "july": 4.0}]


def test_summer_is_in_january_on_the_chatham_islands():
    assert hours_ahead("Pacific/Chatham", month=1) == 13.75
    assert hours_ahead("Pacific/Chatham", month=7) == 12.75


def test_every_zone_of_the_table_can_be_opened():
    assert zones_can_be_opened(time_zones()).passed
    assert zones_can_be_opened([{"country": "XA", "zone": "Atlantic/Atlantis"}]).metadata["closed"] == ["Atlantic/Atlantis"]


def test_the_schedule_asks_for_a_run_for_each_ocean():
    moment = datetime(2026, 3, 1, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    runs = list(first_of_the_month(atoll.build_schedule_context(scheduled_execution_time=moment)))
    assert [run.partition_key for run in runs] == ["Atlantic", "Indian", "Pacific"]
    assert runs[0].run_key == "2026-03 Atlantic"
