import pytest

from colony.assets import colonies, measure, sightings, way_to_the_penguins


def test_every_penguin_is_in_one_of_the_two_assets():
    penguins, incomplete = sightings()
    assert len(penguins) == 333
    assert len(incomplete) == 11


def test_colonies_are_counted_and_checked():
    penguins, _ = sightings()
    result = colonies(penguins)
    assert {"island": "Torgersen", "species": "Adelie", "penguins": 47, "mean_grams": 3708.5} in result.value
    assert result.check_results[0].passed
    assert not colonies(penguins[penguins["island"] == "Dream"]).check_results[0].passed


def test_the_nearest_airport_comes_first():
    airports = [
        {"name": "Ushuaia", "country": "AR", "latitude": -54.843, "longitude": -68.296},
        {"name": "Keflavik", "country": "IS", "latitude": 63.985, "longitude": -22.606},
    ]
    assert [airport["name"] for airport in way_to_the_penguins(airports)] == ["Ushuaia", "Keflavik"]


def test_a_quarter_of_the_way_around_the_earth():
    assert measure((0, 0), (0, 90)) == pytest.approx(10_007, abs=1)
