import atoll
import pytest

from airfields.assets import airports, island_airports, lowest_is_near_the_sea
from airfields.models import Choice

MAURITIUS = {"code": "MU", "name": "Mauritius"}


@pytest.fixture(scope="module")
def bookable():
    return airports(config=Choice())


def test_configuration_decides_what_is_let_in(bookable):
    everything = airports(config=Choice(bookable_only=False))
    assert len(everything) > len(bookable) > 5000
    assert max(airport["elevation"] for airport in airports(config=Choice(highest=10))) <= 10


def test_island_airports_are_those_of_island_countries(bookable):
    context = atoll.build_asset_context()
    found = island_airports(context, airports=bookable, island_countries=[MAURITIUS])
    assert {"MRU", "RRG"} <= {airport["booking_code"] for airport in found}
    assert {airport["country"] for airport in found} == {"MU"}
    assert context.output_metadata["result"]["airports"] == len(found)


def test_an_airport_deep_below_the_sea_is_worth_a_warning():
    result = lowest_is_near_the_sea([{"elevation": 12.0}, {"elevation": -5000.0}])
    assert not result.passed
    assert result.severity == atoll.AssetCheckSeverity.WARN
