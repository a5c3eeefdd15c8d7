"""The table of locations, and the page of one: definitions, environment, configuration, variables, output, loads."""

import sys
from dataclasses import replace

import lxml.html
import pytest
from file_workspaces import BROKEN, SALES, write_workspace
from live_pages import Client, hub_of, load_hub
from reports import asset, definitions, report

from atoll_host.envs.environments.results import Inspection, PackageChange
from atoll_host.envs.errors import Problem
from atoll_host.envs.loading.target import Output
from atoll_host.server.live.hub import Hub
from atoll_host.server.live.states import LoadRecord
from atoll_host.server.web.environments import Packages, describe_environment
from atoll_host.server.web.variables import describe_variables
from atoll_host.workspace.findings.finding import Finding


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    path = tmp_path_factory.mktemp("locations") / "demo"
    loud = "import atoll, os\nprint('hello \\x1b[31m<b>red</b>')\ndefs = atoll.Definitions()\n"
    folder = write_workspace(path, sales=SALES, broken=BROKEN, loud=loud)
    folder.write({"shared.env": "WAREHOUSE_URL=sqlite://secret-place\n"})
    text = (path / "workspace.yaml").read_text()
    (path / "workspace.yaml").write_text(text.replace('{"load_from"', '{"env_file": "shared.env", "load_from"'))
    return load_hub(path)


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub)


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return lxml.html.document_fromstring(answer.text)


def facts(page):
    return {
        " ".join(fact.findtext("dt").split()): " ".join(fact.find("dd").text_content().split())
        for fact in page.xpath("//dl[@class='facts']/div")
    }


def test_the_table_has_every_location_with_its_environment(client):
    page = page_of(client, "/locations")
    assert page.xpath("//table/tbody/tr/@data-key") == ["sales", "broken", "loud"]
    (row,) = page.xpath("//tr[@data-key='sales']")
    version = ".".join(map(str, sys.version_info[:3]))
    assert version in row.text_content()
    assert "workspace.yaml" in row.text_content()


def test_every_definition_is_linked(hub, client):
    page = page_of(client, "/locations/sales")
    links = page.xpath("//*[@class='kinds']//a/@href")
    assert "/assets/sales/sales/orders" in links
    assert "/checks/sales/sales/orders:no_duplicates" in links
    shown = hub.current.states["sales"].shown.definitions
    kinds = ("assets", "checks", "jobs", "schedules", "sensors", "resources")
    assert len(links) == sum(len(shown[kind]) for kind in kinds)


def test_a_location_says_how_it_is_configured_and_where(client):
    told = facts(page_of(client, "/locations/sales"))
    assert told["Declared at"].startswith("workspace.yaml:")
    assert told["Target"] == "file sales.py"
    assert told["Timeout"] == "60 s"
    assert told["Env files"] == "shared.env"
    assert told["Interpreter"] == sys.executable


def test_packages_are_listed_with_their_versions(client):
    page = page_of(client, "/locations/sales")
    (table,) = page.xpath("//details[@data-key='packages']")
    assert "jinja2" in table.text_content().lower()


def test_variables_are_named_with_their_origin_and_never_shown(client):
    page = page_of(client, "/locations/sales")
    text = page.text_content()
    assert "secret-place" not in text
    assert "hunter2" not in text
    (row,) = page.xpath("//tr[td[1]='WAREHOUSE_URL'][contains(., 'workspace')]")
    assert "shared.env" in row.text_content()
    (needed,) = page.xpath("//tr[td[1]='WAREHOUSE_URL'][contains(., 'warehouse')]")
    assert needed.xpath("td[3]")[0].text_content().endswith("set")


def test_a_variable_that_nobody_sets_is_said(hub):
    state = hub.current.states["sales"]
    live = replace(hub.current, workspace=replace(hub.current.workspace, env_files=()))
    told = describe_variables(live, state, state.report.environment, caller={"PATH": "/bin", "PYTHONPATH": "/x"})
    assert told.needed == [("WAREHOUSE_URL", ["warehouse"], False)]
    assert [one.name for one in told.dropped] == ["PYTHONPATH"]
    assert told.dropped[0].note


def test_output_is_shown_as_it_is_and_does_no_harm(client):
    page = page_of(client, "/locations/loud")
    assert page.xpath("//pre[@class='output']")[0].text_content().strip() == "hello \\x1b[31m<b>red</b>"


def test_what_failed_is_explained_on_its_page_too(client):
    page = page_of(client, "/locations/broken")
    assert "surely_not_there" in page.xpath("//article")[0].text_content()
    assert "nothing is known" in page.text_content()


def test_findings_stand_beside_what_the_load_said_and_nothing_twice(hub):
    said = hub.current.states["broken"].report.problems
    found = tuple(
        Finding.of("broken", one) for one in (*said, Problem("unset_variable", "X is not set", severity="warning"))
    )
    other = Hub()
    states = {**hub.current.states, "broken": replace(hub.current.states["broken"], findings=found)}
    other.change("findings", lambda _: replace(hub.current, states=states))
    panels = page_of(Client(other), "/locations/broken").xpath("//article")
    assert len(panels) == len(said) + 1
    assert "X is not set" in panels[-1].text_content()


def test_the_history_says_of_each_load_when_why_how_and_how_long(hub):
    records = (
        LoadRecord(2.0, "failed", "saved a.py", "warm", 0.02, {}, 1, 0.05),
        LoadRecord(1.0, "loaded", "start", "fresh", 0.2, {"total": 0.15, "import": 0.1, "describe": 0.01}),
    )
    other = Hub()
    states = {**hub.current.states, "sales": replace(hub.current.states["sales"], history=records, warm=True)}
    other.change("loaded", lambda _: replace(hub.current, states=states))
    page = page_of(Client(other), "/locations/sales")
    lines = [
        " ".join(row.text_content().split()) for row in page.xpath("//table[contains(@class, 'history')]/tbody/tr")
    ]
    assert "saved a.py" in lines[0]
    assert "warm" in lines[0]
    assert "50 ms" in lines[0]
    assert "200 ms" in lines[1]
    assert "kept warm" in page.text_content()


def test_an_environment_that_was_changed_by_hand_is_said(hub, monkeypatch):
    state = replace(hub.current.states["sales"], inspection=Inspection("drifted", None, reason="changed by hand: six"))
    told = describe_environment(hub.current, state, Packages())
    assert (told.health, told.reason) == ("drifted", "changed by hand: six")
    other = Hub()
    other.change("loaded", lambda _: replace(hub.current, states={**hub.current.states, "sales": state}))
    page = page_of(Client(other), "/locations/sales")
    assert "changed by hand: six" in page.text_content()
    assert PackageChange("six", None, "1").to_json()["after"] == "1"


def test_packages_are_read_again_only_when_the_folder_changed(hub, tmp_path):
    environment = replace(hub.current.states["sales"].report.environment, prefix=tmp_path)
    folder = tmp_path / "lib/python3.12/site-packages"
    folder.mkdir(parents=True)
    packages = Packages()
    assert packages.of(environment) == ()
    (folder / "six-1.17.0.dist-info").mkdir()
    (folder / "six-1.17.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n")
    first = packages.of(environment)
    assert [(one.name, one.version) for one in first] == [("six", "1.17.0")]
    assert packages.of(environment) is first


def test_a_location_with_many_definitions_names_some_and_leads_to_all():
    many = definitions(assets=[asset(f"a{number}") for number in range(500)])
    page = page_of(Client(hub_of(report("big", many))), "/locations/big")
    assert len(page.xpath("//*[@class='kinds']//a")) == 61
    assert page.xpath("//*[@class='kinds']//a/@href")[-1].startswith("/assets?q=big")
    assert "440 more" in page.text_content()


def test_a_location_that_is_not_there_is_not_found(client):
    answer = client.get("/locations/nowhere")
    assert answer.status_code == 404
    assert "There is no location &#39;nowhere&#39;" in answer.text
    assert "sales" in answer.text


def test_a_name_with_odd_characters_is_looked_up_as_it_is(client):
    answer = client.get("/locations/%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


def test_a_large_output_says_how_large_it_was():
    output = Output("first\n… 1,000,000 bytes left out …\nlast", 1_048_576)
    one = replace(report("sales", definitions()), output=output)
    page = page_of(Client(hub_of(one)), "/locations/sales")
    assert "1.0 MiB" in page.text_content()
    assert "left out" in page.text_content()


def test_the_view_is_told_only_what_concerns_its_location(client):
    main = page_of(client, "/locations/sales").get_element_by_id("content")
    assert main.get("data-live-location") == "sales"
    assert "loaded" in main.get("data-live").split()
