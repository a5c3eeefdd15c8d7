"""Every view in a browser: there, quiet, fitting, for all."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urlsplit

import pytest
from browsing import DESK, LIVE, PHONE, axe_findings, crawl, module, overflow
from file_workspaces import BROKEN, SALES, STOCK, write_workspace
from live_pages import HOSTILE, SAMPLES

MOST = 4
"""Views of a kind that are looked at, the longest of them; the others are made by the same template."""
KINDS = {
    "",
    "assets",
    "launch",
    "jobs",
    "automation",
    "runs",
    "backfills",
    "resources",
    "problems",
    "locations",
    "checks",
    "graph",
    "search",
}
KINDS |= {
    f"{kind}/" for kind in ("assets", "checks", "jobs", "schedules", "sensors", "resources", "locations", "problems")
}


@pytest.fixture(scope="module")
def served(tmp_path_factory, serve):
    """A server over all kinds of definitions, and locations that are loaded, stale and failed."""
    everything = (SAMPLES / "everything.py").read_text(encoding="utf-8")
    locations = {"sales": SALES, "stock": STOCK, "everything": everything, "hostile": HOSTILE, "reports": BROKEN}
    folder = write_workspace(tmp_path_factory.mktemp("views") / "demo", **locations, gone=module("kept"))
    folder.run("list", "--location", "gone").ended(0)
    folder.write({"gone.py": "raise ValueError('gone')\n"})
    server = serve(folder)
    assert {row["word"] for row in server.get("/api/locations")} == {"loaded", "stale", "failed"}
    return server


@pytest.fixture(scope="module")
def views(served):
    """The addresses of views by kind, the longest first, after every link there is was followed."""
    answers = crawl(f"{served.url}/")
    assert not {address: answer.status_code for address, answer in answers.items() if answer.status_code != 200}
    by_kind = defaultdict(list)
    for address in sorted(answers, key=lambda address: -len(answers[address].text)):
        first, mark, _ = urlsplit(address).path.lstrip("/").partition("/")
        by_kind[first + mark].append(address)
    return by_kind


def test_links_lead_to_every_kind_of_view_and_all_are_there(views):
    assert set(views) == KINDS


@pytest.mark.parametrize("kinds", [sorted(KINDS)[::2], sorted(KINDS)[1::2]], ids=["one-half", "other-half"])
def test_a_view_is_quiet_and_fits_on_a_desk_and_on_a_phone(views, new_page, kinds):
    page = new_page()
    wide, headings = {}, {}
    for address in [address for kind in kinds for address in views[kind][:MOST]]:
        page.goto(address)
        page.locator(LIVE).wait_for()
        for width, height in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            if found := overflow(page):
                wide[address, width] = found
        if (number := page.locator("h1").count()) != 1:
            headings[address] = number
    assert not wide
    assert not headings


@pytest.mark.parametrize("kinds", [sorted(KINDS)[::2], sorted(KINDS)[1::2]], ids=["one-half", "other-half"])
def test_axe_finds_nothing_serious_in_light_and_dark_on_a_desk_and_on_a_phone(views, new_page, kinds):
    page = new_page()
    found = {}
    for address in [views[kind][0] for kind in kinds]:
        page.goto(address)
        page.locator(LIVE).wait_for()
        for (width, height), scheme in ((DESK, "light"), (DESK, "dark"), (PHONE, "light")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            if findings := axe_findings(page):
                found[address, width, scheme] = findings
    assert not found, "\n".join(f"{key}\n  " + "\n  ".join(findings) for key, findings in found.items())
