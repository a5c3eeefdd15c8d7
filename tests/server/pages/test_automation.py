"""The list of schedules and sensors, and the page of each: complete, linked, harmless, with the next moments."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from live_pages import Client, harmless, hub_of, load_samples, make_stale, pages_of, said, unsaid
from reports import definitions, report, schedule, source

from atoll_host.envs.errors import Problem
from atoll_host.server.web.definitions import distance
from atoll_host.workspace.findings.finding import Finding

REST = {"should_execute": None, "function": None, "required_resource_keys": []}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    return load_samples(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


@pytest.mark.parametrize("kind", ["schedule", "sensor"])
def test_every_value_is_on_its_page(hub, client, kind):
    missing = {
        url: unsaid(client.get(url).text, described) for url, described in pages_of(hub, kind) if "/hostile/" not in url
    }
    assert len(missing) > 8
    assert {url: what for url, what in missing.items() if what} == {}


@pytest.mark.parametrize("kind", ["schedule", "sensor"])
def test_hostile_texts_are_only_texts(hub, client, kind):
    pages = [url for url, _ in pages_of(hub, kind) if "/hostile/" in url]
    assert pages
    for url in [*pages, "/automation"]:
        answer = client.get(url)
        assert answer.status_code == 200
        assert harmless(answer.text)


def test_the_list_has_both_with_links_to_their_pages(hub, client):
    text = client.get("/automation").text
    for kind in ("schedule", "sensor"):
        for url, _ in pages_of(hub, kind):
            assert f'href="{url}"' in text


def test_what_comes_next_is_first_and_what_never_comes_last():
    described = definitions(
        schedules=[schedule("never", "0 0 30 2 *"), schedule("rare", "0 0 1 1 *"), schedule("often", "* * * * *")]
    )
    text = Client(hub_of(report("one", described))).get("/automation").text
    assert re.findall(r'href="/schedules/one/(\w+)"', text) == ["often", "rare", "never"]


def test_the_page_of_a_schedule_has_its_next_moments_in_its_own_zone(client):
    text = client.get("/schedules/sales/nightly").text
    moments = [datetime.fromisoformat(one) for one in re.findall(r'<time datetime="([^"]+)">', text)]
    assert len(moments) == 5
    assert moments == sorted(moments)
    assert moments[0] > datetime.now(UTC)
    assert all((one.hour, one.minute) == (4, 30) and one.weekday() < 5 for one in moments)
    assert all(one.utcoffset() in (timedelta(hours=1), timedelta(hours=2)) for one in moments)
    assert re.search(r"04:30 CES?T", text)
    assert "Europe/Berlin" in text


def test_a_zone_or_expression_that_means_nothing_has_no_moments():
    described = definitions(schedules=[schedule("a", "nonsense", **REST), schedule("b", timezone="No/Where", **REST)])
    client = Client(hub_of(report("one", described)))
    assert client.get("/automation").text.count("never") == 2
    for name in "ab":
        assert "It never comes" in client.get(f"/schedules/one/{name}").text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "in 0 s"), (59, "in 59 s"), (61, "in 1 min 1 s"), (3600, "in 1 h"), (90000, "in 1 d 1 h"), (-5, "in 0 s")],
)
def test_the_time_until_a_moment_is_said_in_two_units(seconds, words):
    now = datetime(2024, 1, 1, tzinfo=UTC)
    assert distance(now + timedelta(seconds=seconds), now.timestamp()) == words


def test_words_narrow_both_lists(client):
    text = client.get("/automation?q=levels_changed").text
    assert "/sensors/sales/levels_changed" in text
    assert "/schedules/sales/" not in text
    assert "Show all" in client.get("/automation?q=surely+not+there").text


def test_a_sensor_links_to_what_it_watches_wherever_that_is_made(client):
    assert 'href="/assets/sales/stock/levels"' in client.get("/sensors/sales/levels_changed").text
    assert 'href="/sensors/sales/levels_changed"' in client.get("/assets/stock/stock/levels").text


def test_without_any_the_list_says_what_would_be_here():
    text = Client(hub_of()).get("/automation").text
    assert "would be here" in text
    assert "atoll create schedule" in text


def test_what_is_not_there_is_not_found(client):
    for kind in ("schedule", "sensor"):
        answer = client.get(f"/{kind}s/sales/gone")
        assert answer.status_code == 404
        assert 'href="/automation"' in answer.text


def test_a_location_that_failed_has_its_earlier_ones_marked(hub):
    client = Client(make_stale(hub, "sales"))
    assert "as of" in said(client.get("/schedules/sales/nightly").text)
    assert "as of" in said(client.get("/sensors/sales/files_arrived").text)
    assert client.get("/automation?q=sales").text.count("state-stale") == 4


def test_what_is_wrong_with_a_schedule_stands_on_its_page():
    wrong = Problem(
        "invalid_cron", "Schedule 'a' has a wrong day", "use 1 to 31", "/data/demo/sales/definitions.py", 10
    )
    hub = hub_of(
        report(
            "one",
            definitions(
                schedules=[schedule("a", **REST), schedule("b", **REST, source=source(99), cron_source=source(99))]
            ),
        )
    )
    states = {name: replace(state, findings=(Finding.of(name, wrong),)) for name, state in hub.current.states.items()}
    hub.change("findings", lambda live: replace(live, states=states))
    client = Client(hub)
    assert "has a wrong day" in client.get("/schedules/one/a").text
    assert "use 1 to 31" in client.get("/schedules/one/a").text
    assert "has a wrong day" not in client.get("/schedules/one/b").text
