import atoll

from festivals.assets import public_holidays, shared_holidays, when_the_registry_changes
from festivals.resources import Calendar

ICELAND = {"code": "IS", "name": "Iceland"}
MALTA = {"code": "MT", "name": "Malta"}


def test_holidays_come_from_the_calendar():
    holidays = public_holidays(island_countries=[ICELAND, MALTA], calendar=Calendar(year=2026))
    assert {"country": "Iceland", "date": "2026-06-17", "name": "National Day"} in holidays
    assert {holiday["country"] for holiday in holidays} == {"Iceland", "Malta"}


def test_a_country_that_is_not_in_the_calendar_has_no_holidays():
    assert Calendar(year=2026).list_holidays("XA") == {}


def test_a_fake_will_do_for_the_resource():
    class Lazy(Calendar):
        def list_holidays(self, country):
            return {"2026-01-01": "Rest", "2026-01-02": "More rest"} if country == "IS" else {"2026-01-02": "Rest"}

    days = shared_holidays(public_holidays([ICELAND, MALTA], calendar=Lazy(year=2026)))
    assert days == [{"date": "2026-01-02", "countries": 2}, {"date": "2026-01-01", "countries": 1}]


def test_the_year_comes_from_the_environment(monkeypatch):
    calendar = Calendar(year=atoll.EnvVar.int("FESTIVALS_YEAR"))
    monkeypatch.setenv("FESTIVALS_YEAR", "2027")
    assert calendar.year == 2027


def test_the_sensor_asks_for_a_run():
    run = when_the_registry_changes(atoll.build_sensor_context(), None)
    assert run.tags == {"because": "island_countries"}
