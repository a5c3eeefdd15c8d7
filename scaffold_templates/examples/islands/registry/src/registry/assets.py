"""Two assets, the second made from the first, and a check of what came out."""

from typing import Any, Dict, List

import atoll
from countryinfo import CountryInfo
from pydantic import ValidationError

from .models import Country


@atoll.asset(group_name="registry", kinds={"json"})
def countries() -> List[Dict[str, Any]]:
    """Every country and territory, as countryinfo has it."""
    return list(CountryInfo().all().values())


# A parameter names the asset that it receives.
@atoll.asset(group_name="registry", owners=["team:registry"])
def island_countries(countries: List[Dict[str, Any]]) -> atoll.Output[List[Dict[str, Any]]]:
    """Those without a land border whose record is in order."""
    accepted: List[Dict[str, Any]] = []
    refused: List[str] = []
    for record in countries:
        if record.get("borders"):
            continue
        try:
            accepted.append(Country.read(record).dict())
        except ValidationError:
            refused.append(record["name"])
    accepted.sort(key=lambda country: country["name"])
    return atoll.Output(accepted, metadata={"accepted": len(accepted), "refused": sorted(refused)})


@atoll.asset_check(asset="island_countries", blocking=True)
def codes_are_unique(island_countries: List[Dict[str, Any]]) -> atoll.AssetCheckResult:
    """Everybody downstream looks countries up by their code."""
    codes = [country["code"] for country in island_countries]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return atoll.AssetCheckResult(passed=not twice, metadata={"twice": twice})
