"""Draw the pages of `atoll dev` for the documentation: `python docs/screenshots.py`, or `nox -s screenshots`.

It makes the example workspace, makes its assets, serves it, lets a schedule make up what it missed, breaks one of its
locations, and writes `docs/screenshots/*.png`. With names of views, such as `python docs/screenshots.py runs run`, only
those are drawn.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from browsing import LIVE, find_chromium, save
from dev_server import DevServer
from playwright.sync_api import sync_playwright

from command_line import Folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).with_name("screenshots")
DESK, PHONE = (1280, 800), (390, 844)
LARGEST = 200_000
"""Bytes of a picture."""
VIEWS = {
    "overview": "/",
    "overview-dark": "/",
    "location": "/locations/census",
    "assets": "/assets",
    "asset": "/assets/airfields/island_airports",
    "graph": "/graph",
    "graph-dark": "/graph",
    "job": "/jobs/airfields/every_airfield",
    "automation": "/automation",
    "ticks": "/schedules/clocks/first_of_the_month",
    "launch": "/launch?job=airfields:every_airfield",
    "runs": "/runs",
    "run": "/runs/1",
    "run-dark": "/runs/1",
}
RUNS = ("+almanac", "location:colony", "+shared_holidays", "time_zones")
"""What is made before anything is drawn."""
HEIGHTS = (200, 500, 2_000, 15_000)
"""Feet below which airports are let in, one run after the other: what an asset's plots show."""
SCHEDULE = ("clocks", "first_of_the_month")
MISSED = 110 * 86_400
"""Seconds since the schedule was switched on: three or four first days of a month."""
LEAST = 9
"""Runs that it asks for: one for each of three oceans, each time."""
MISTAKES = {
    "clocks": ("locations/clocks/src/clocks/definitions.py", "job=set_clocks", "jobs=set_clocks"),
    "colony": ("locations/colony/src/colony/definitions.py", "Antarctica/Palmer", "Antarctica/Palmerr"),
    "festivals": ("locations/festivals/settings.env", "FESTIVALS_YEAR=2026", ""),
}
"""What is changed, by location: the file, what is right, what is wrong."""


def main(*wanted: str) -> None:
    """Draw the views of these names; all of them without any."""
    program = find_chromium()
    if program is None:
        sys.exit("There is no Chromium on this machine; ATOLL_CHROMIUM names one")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="atoll-") as name:
        folder = make_example(Path(name))
        with DevServer(folder) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            failed = sorted(row["name"] for row in server.until_settled().values() if row["word"] != "loaded")
            if failed:
                sys.exit(f"These locations of the example were not loaded: {', '.join(failed)}\n{server.output}")
            server.until(lambda: has_made_up(server), "the schedule has made up what it missed", patience=300)
            for view, path in VIEWS.items():
                if not wanted or view in wanted:
                    draw(browser, view, server.url + path)
            if wanted:
                browser.close()
                return
            draw_palette(browser, server.url)
            make_mistake(folder, server, "clocks")
            draw(browser, "failure", f"{server.url}/")
            draw(browser, "phone", f"{server.url}/")
            make_mistake(folder, server, "colony")
            make_mistake(folder, server, "festivals")
            draw(browser, "problems", f"{server.url}/problems")
            browser.close()
    check()


def make_example(parent: Path) -> Path:
    """Make the example workspace; its environments come from the package index or uv's cache."""
    made = Folder(parent).run("create", "workspace", "islands", "--example", "islands")
    if made.status:
        sys.exit(f"The example can't be made here, for which it needs a package index or a filled cache:\n{made.err}")
    folder = Folder(parent / "islands")
    for selection in RUNS:
        if folder.run("materialize", selection).status:
            sys.exit(f"{selection} of the example can't be made")
    for height in HEIGHTS:
        config = json.dumps({"ops": {"airports": {"config": {"highest": height}}}})
        if folder.run("materialize", "airports or island_airports", "--config", config).status:
            sys.exit("The airports of the example can't be made")
    switch_on_long_ago(folder)
    return folder.path


def switch_on_long_ago(folder: Folder) -> None:
    """Switch the schedule on as if that had been months ago, and nothing had evaluated it since."""
    if folder.run("schedule", "on", ":".join(SCHEDULE)).status:
        sys.exit("The schedule of the example can't be switched on")
    with closing(sqlite3.connect(folder.path / ".atoll" / "runs.db")) as database:
        database.execute(
            "UPDATE automations SET last_scheduled = ? WHERE name = ?", [time.time() - MISSED, SCHEDULE[1]]
        )
        database.commit()


def has_made_up(server: DevServer) -> bool:
    """Tell whether the runs that the schedule asked for have ended."""
    runs = server.get("/api/runs?limit=500")
    mine = [run for run in runs if (run.get("origin") or {}).get("name") == SCHEDULE[1]]
    return len(mine) >= LEAST and all(run["status"] == "succeeded" for run in mine)


def make_mistake(folder: Path, server: DevServer, location: str) -> None:
    """Save a mistake, and wait until it is known."""
    name, right, wrong = MISTAKES[location]
    text = (folder / name).read_text(encoding="utf-8")
    if right not in text:
        sys.exit(f"{name} has no {right!r} any more")
    save(folder / name, text.replace(right, wrong))
    server.until(
        lambda: any(finding["location"] == location for finding in server.get("/api/findings")), f"{location} is broken"
    )
    server.until_settled()


def open_view(browser: Browser, view: str, url: str) -> Page:
    """Open a view, and wait until it is as it stays."""
    width, height = PHONE if view == "phone" else DESK
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if view.endswith("-dark") else "light",
        reduced_motion="reduce",
    )
    page.goto(url)
    page.locator(LIVE).wait_for()
    if "/graph" in url:
        page.wait_for_selector(".graph-node", state="attached")
    page.evaluate("document.fonts.ready")
    return page


def draw(browser: Browser, view: str, url: str) -> None:
    """Draw one view."""
    page = open_view(browser, view, url)
    page.screenshot(path=FOLDER / f"{view}.png")
    page.close()


def draw_palette(browser: Browser, url: str) -> None:
    """Draw the palette over the overview, with something found."""
    page = open_view(browser, "palette", f"{url}/")
    page.keyboard.press("Control+k")
    page.keyboard.type("island")
    page.get_by_role("option").filter(has_text="island_countries").first.wait_for()
    page.screenshot(path=FOLDER / "palette.png")
    page.close()


def check() -> None:
    """Say what was drawn, and fail where a picture is too large to be kept."""
    for file in sorted(FOLDER.glob("*.png")):
        size = file.stat().st_size
        sys.stdout.write(
            f"{file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}  {size // 1000} kB\n"
        )
        if size > LARGEST:
            sys.exit(f"{file} is larger than {LARGEST // 1000} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
