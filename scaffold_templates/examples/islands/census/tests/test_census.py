import logging

import atoll
import pytest

from census.assets import life_expectancy, longest_lives
from census.jobs import compact, count_rows
from census.resources import Database

COUNTRIES = [
    {"code": "IS", "name": "Iceland"},
    {"code": "RE", "name": "Réunion"},
    {"code": "XA", "name": "Atlantis"},
]


@pytest.fixture
def database(tmp_path):
    return Database(url=f"sqlite:///{tmp_path / 'test.db'}")


def test_figures_are_of_island_countries_whatever_their_accents(database):
    result = life_expectancy(island_countries=COUNTRIES, database=database)
    assert result.metadata == {"rows": 24, "countries": 2}


def test_the_second_asset_reads_what_the_first_wrote(database):
    life_expectancy(island_countries=COUNTRIES, database=database)
    lives = longest_lives(database=database)
    assert [row["country"] for row in lives] == ["Reunion", "Iceland"]
    assert lives[0]["gained"] == pytest.approx(lives[0]["last"] - lives[0]["first"], abs=0.1)


def test_housekeeping_counts_and_compacts(database, caplog):
    life_expectancy(island_countries=COUNTRIES, database=database)
    with caplog.at_level(logging.INFO):
        context = atoll.build_op_context(resources={"database": database})
        compact(context, rows=count_rows(database=database))
    assert "24 rows" in caplog.text
