"""Assets are functions: call them."""

import pytest
from pydantic import ValidationError

from registry.assets import codes_are_unique, countries, island_countries
from registry.models import Country


@pytest.fixture(scope="module")
def islands():
    return island_countries(countries()).value


def test_islands_have_no_land_border(islands):
    names = [country["name"] for country in islands]
    assert {"Iceland", "Madagascar", "Mauritius", "Bahamas, The"} <= set(names)
    assert not {"Haiti", "Ireland", "Switzerland"} & set(names)


def test_what_is_no_country_of_its_own_is_refused():
    metadata = island_countries(countries()).metadata
    assert "Scotland" in metadata["refused"]
    assert metadata["accepted"] > 60


def test_a_record_without_a_position_is_refused():
    record = {"name": "Atlantis", "ISO": {"alpha2": "XA"}, "capital": "Poseidonis", "region": "Atlantic", "population": 1}
    with pytest.raises(ValidationError, match="latitude"):
        Country.read(record)


def test_a_code_that_appears_twice_fails_the_check(islands):
    assert codes_are_unique(islands).passed
    assert codes_are_unique([*islands, islands[0]]).metadata["twice"] == [islands[0]["code"]]
