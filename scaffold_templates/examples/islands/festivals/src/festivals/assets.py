"""Assets that use a resource, and a sensor that waits for another location."""

from collections import defaultdict
from typing import Any

import atoll

from .resources import Calendar


@atoll.asset(group_name="festivals")
def public_holidays(island_countries: list[dict[str, Any]], calendar: Calendar) -> list[dict[str, str]]:
    """Every public holiday of every island country in the calendar's year."""
    return [
        {"country": country["name"], "date": date, "name": name}
        for country in island_countries
        for date, name in calendar.list_holidays(country["code"]).items()
    ]


@atoll.asset(group_name="festivals")
def shared_holidays(public_holidays: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The days on which the most countries rest, the most shared first."""
    countries: dict[str, set[str]] = defaultdict(set)
    for holiday in public_holidays:
        countries[holiday["date"]].add(holiday["country"])
    days = [{"date": date, "countries": len(resting)} for date, resting in countries.items()]
    return sorted(days, key=lambda day: (-day["countries"], day["date"]))


renew_festivals = atoll.define_asset_job("renew_festivals", selection=[public_holidays, shared_holidays])


@atoll.asset_sensor(atoll.AssetKey("island_countries"), job=renew_festivals)
def when_the_registry_changes(context: atoll.SensorEvaluationContext, event: Any) -> atoll.RunRequest:
    """The registry made its list anew: so must we."""
    return atoll.RunRequest(tags={"because": "island_countries"})
