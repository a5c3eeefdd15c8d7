"""All findings, filtered by what the address says; and the explanation of every code."""

from dataclasses import replace

import lxml.html
import pytest
from live_pages import Client
from reports import definitions, report

from atoll_host.envs.errors import Problem
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LiveWorkspace, LocationState
from atoll_host.workspace.findings.codes import NUMBERS
from atoll_host.workspace.findings.finding import Finding


def finding(location, kind, message, severity="error", **more):
    return Finding.of(location, Problem(kind, message, severity=severity, **more))


FOUND = {
    "sales": (
        finding(
            "sales", "import_error", "No module named 'pandas'", hint="uv add pandas", file="/w/sales/a.py", line=3
        ),
        finding("sales", "unset_variable", "TOKEN is not set", "warning"),
    ),
    "stock": (finding("stock", "empty_selection", "it selects nothing", "warning"),),
}


@pytest.fixture(scope="module")
def hub():
    made = Hub()
    reports = {name: report(name, definitions()) for name in FOUND}
    states = {name: LocationState(one.location, report=one, findings=FOUND[name]) for name, one in reports.items()}
    across = (finding(None, "unknown_upstream", "nobody makes feed"),)
    made.change("findings", lambda _: LiveWorkspace(states=states, across=across))
    return made


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def messages(client, query=""):
    answer = client.get(f"/problems{query}")
    assert answer.status_code == 200
    page = lxml.html.document_fromstring(answer.text)
    return [message.text_content() for message in page.xpath("//p[@class='message']")]


ALL = ["nobody makes feed", "TOKEN is not set", "No module named 'pandas'", "it selects nothing"]


def test_all_are_shown_by_location_those_of_none_first(client):
    assert messages(client) == ALL
    page = lxml.html.document_fromstring(client.get("/problems").text)
    assert page.xpath("//section/@aria-label") == ["The workspace", "sales", "stock"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("?severity=error", [ALL[0], ALL[2]], id="severity"),
        pytest.param("?code=ATL301", [ALL[2]], id="code"),
        pytest.param("?code=atl4", [ALL[1], ALL[3]], id="beginning-of-codes"),
        pytest.param("?location=stock", [ALL[3]], id="location"),
        pytest.param("?location=-", [ALL[0]], id="no-location"),
        pytest.param("?q=PANDAS", [ALL[2]], id="words"),
        pytest.param("?q=sales+a.py", [ALL[2]], id="words-anywhere"),
        pytest.param("?severity=warning&location=sales", [ALL[1]], id="several"),
        pytest.param("?severity=&code=&location=&q=", ALL, id="empty-ones"),
        pytest.param("?location=nowhere", [], id="a-location-that-is-not-there"),
        pytest.param("?q=%00%1b%3Cscript%3E", [], id="odd-characters"),
    ],
)
def test_the_address_says_which(client, query, expected):
    assert messages(client, query) == expected


def test_the_form_keeps_what_was_chosen(client):
    page = lxml.html.document_fromstring(
        client.get("/problems?severity=error&code=ATL301&location=sales&q=pandas").text
    )
    (form,) = page.xpath("//main//form[@role='search']")
    assert dict(form.form_values()) == {
        "severity": "error",
        "code": "ATL301",
        "location": "sales",
        "q": "pandas",
    }
    assert form.method == "GET"


def test_nothing_that_fits_leads_back_to_all(client):
    text = client.get("/problems?q=zzz").text
    assert "None of 4 problems is like this" in text
    assert 'href="/problems">Show all' in text


def test_without_problems_it_says_so():
    hub = Hub()
    one = report("sales", definitions())
    hub.change("loaded", lambda _: LiveWorkspace(states={"sales": LocationState(one.location, report=one)}))
    text = Client(hub).get("/problems").text
    assert "No problem is known" in text
    assert 'data-copy="atoll validate"' in text


def test_what_is_wrong_with_the_workspace_itself_is_a_problem(hub):
    other = Hub()
    other.change("workspace", lambda _: replace(hub.current, problems=(Problem("configuration", "it is no YAML"),)))
    assert messages(Client(other))[0] == "it is no YAML"


def test_what_is_a_finding_too_is_said_and_counted_once(hub):
    other = Hub()
    problem = Problem("configuration", "it is no YAML")
    across = (Finding.of(None, problem), *hub.current.across)
    other.change("workspace", lambda _: replace(hub.current, problems=(problem,), across=across))
    client = Client(other)
    assert messages(client).count("it is no YAML") == 1
    page = lxml.html.document_fromstring(client.get("/").text)
    assert page.xpath("//nav[@id='side']//*[contains(@class, 'tally')]")[0].text_content().strip(": ") == "5"
    assert page.text_content().count("it is no YAML") == 1


def test_a_code_leads_to_its_explanation(client):
    page = lxml.html.document_fromstring(client.get("/problems").text)
    assert "/problems/ATL301" in page.xpath("//article//a/@href")
    text = client.get("/problems/ATL301").text
    assert "What it means" in text
    assert "No module named &#39;pandas&#39;" in text


@pytest.mark.parametrize("number", NUMBERS)
def test_every_code_has_its_page(client, number):
    answer = client.get(f"/problems/{number.lower()}")
    assert answer.status_code == 200
    page = lxml.html.document_fromstring(answer.text)
    (heading,) = page.xpath("//h1")
    assert heading.text_content() == f"{number}: {NUMBERS[number].title}"


def test_a_code_that_there_is_not_is_not_found(client):
    answer = client.get("/problems/ATL999")
    assert answer.status_code == 404
    assert 'data-copy="atoll explain"' in answer.text


def test_thousands_of_problems_are_pages_of_a_hundred():
    hub = Hub()
    one = report("sales", definitions())
    found = tuple(finding("sales", "exception", f"no {number}") for number in range(3000))
    states = {"sales": LocationState(one.location, report=one, findings=found)}
    hub.change("findings", lambda _: LiveWorkspace(states=states))
    client = Client(hub)
    assert len(messages(client)) == 100
    last = messages(client, "?page=30")
    assert len(last) == 100
    assert last[0] not in messages(client)
    assert "3000 errors" in client.get("/problems").text


def test_keys_tell_the_problems_apart(client):
    page = lxml.html.document_fromstring(client.get("/problems").text)
    keys = page.xpath("//article/@data-key")
    assert len(keys) == len(set(keys)) == 4
