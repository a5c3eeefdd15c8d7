"""Texts of locations are texts: none runs, none breaks the page, wherever it comes from."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from browsing import DESK, LIVE, PHONE, crawl, go, is_same, overflow, save
from file_workspaces import write_workspace

ATTACK = "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'><svg onload=window.pwned=3>"
SAYS = "مرحبا \u202edlrow\u202c 🏝️👩‍👩‍👧 \u200e{{ 7 * 7 }} {% raise %} ${7*7} '\"></title></script></textarea><!--"
LOCATION = f"""
import sys
import atoll

ATTACK = {ATTACK!r}
TEXT = ATTACK + {SAYS!r} + " [x](javascript:window.pwned=4) ![x](x)<a href='javascript:window.pwned=5'>y</a>"
LONG = "n" * 80
print(TEXT)
print(TEXT, file=sys.stderr)

told = {{
    TEXT: TEXT,
    "markdown": atoll.MetadataValue.md(data=TEXT + "\\n\\n# " + TEXT + "\\n\\n```" + TEXT + "\\n" + TEXT + "\\n```"),
    "url": atoll.MetadataValue.url(url="javascript:window.pwned=6"),
    "path": atoll.MetadataValue.path(path=TEXT),
    "json": atoll.MetadataValue.json(data={{TEXT: [TEXT]}}),
    "long": "w" * 2000,
}}


class Place(atoll.ConfigurableResource):
    __doc__ = TEXT

    path: str


@atoll.asset(name=LONG, description=TEXT, metadata=told, owners=["team:" + "t" * 60], tags={{"tag": "v" * 60}}, kinds={{"k" * 30}})
def long(): ...


@atoll.asset_check(asset=long, name=LONG, description=TEXT, metadata=told)
def looks(): ...


@atoll.op(name=LONG, description=TEXT)
def work(): ...


@atoll.job(name=LONG, description=TEXT, metadata=told, run_tags={{"t": TEXT}})
def chore():
    work()


@atoll.sensor(job=chore, name="s" * 80, description=TEXT, metadata=told)
def feel(): ...


rtl = atoll.AssetSpec("rtl", description="שלום עולם " * 40, deps=[long])
emoji = atoll.AssetSpec("emoji", description="🏝️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍👩‍👧 " * 40, group_name="g" * 80)
nightly = atoll.ScheduleDefinition("h" * 80, cron_schedule="0 0 * * *", job=chore, description=TEXT, metadata=told)
defs = atoll.Definitions(
    assets=[long, rtl, emoji], asset_checks=[looks], jobs=[chore], schedules=[nightly], sensors=[feel], resources={{"place": Place(path=TEXT)}}
)
"""
BREAKS = f"""
class {"E" * 80}(Exception): ...


def work(text={ATTACK!r}):
    raise {"E" * 80}(text + {SAYS!r} + "x" * 3_000)


print({ATTACK + SAYS!r})
work()
"""
NAME = "l" * 80
WATCH = "window.pwned = undefined; window.asked = []; for (const name of ['alert', 'confirm', 'prompt']) window[name] = (text) => window.asked.push(text);"
"""Notes what runs; dialogs would end up there too."""
RAN = "[window.pwned ?? null, window.asked, document.querySelectorAll('main script, main img').length]"
NOTHING = [None, [], 0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "<b>שלום & 🏝️"
    path.parent.mkdir(exist_ok=True)
    return write_workspace(path, **{NAME: LOCATION, "breaks": BREAKS, "<i>&amp;": LOCATION})


@pytest.fixture(scope="module")
def server(serve, folder):
    return serve(folder)


def test_nothing_runs_and_everything_fits_in_any_view(server, new_page):
    page = new_page()
    page.add_init_script(WATCH)
    ran, wide = {}, {}
    for address, answer in crawl(f"{server.url}/").items():
        assert answer.status_code == 200, address
        if "/graph?" in address or "select=" in address:
            continue
        page.goto(address)
        page.locator(LIVE).wait_for()
        for width, height in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            if found := overflow(page):
                wide[address, width] = found
        if (told := page.evaluate(RAN)) != NOTHING:
            ran[address] = told
        links = page.evaluate(
            "[...document.links].map((link) => link.href).filter((href) => /^(javascript|data):/i.test(href))"
        )
        assert not links, address
    assert not ran
    assert not wide


def test_nothing_runs_when_it_comes_while_the_page_is_open(server, folder, new_page):
    from playwright.sync_api import expect

    page = new_page()
    page.add_init_script(WATCH)
    go(page, f"{server.url}/")
    expect(page.locator(".problem .message").first).to_contain_text("<script>window.pwned=1</script>")
    save(folder.path / "breaks.py", BREAKS.replace("(text + ", "('anew' + text + "))
    expect(page.locator(".problem .message").first).to_contain_text("anew")
    expect(page.locator(".problem .message").first).to_contain_text("<script>window.pwned=1</script>")
    assert page.evaluate(RAN) == NOTHING
    assert is_same(page)


def test_nothing_runs_in_the_palette_the_search_and_the_graph(server, new_page):
    from playwright.sync_api import expect

    page = new_page(expected=["404"])
    page.add_init_script(WATCH)
    go(page, f"{server.url}/")
    for text in ("nnnn", "ssss", ATTACK):
        page.keyboard.press("Control+k")
        page.keyboard.type(text)
        if text == ATTACK:
            expect(page.locator(".palette .none")).to_contain_text(text)
        else:
            expect(page.get_by_role("option").filter(has_text=text).first).to_be_visible()
        assert page.locator(".palette").locator("img, script, svg[onload], li i").count() == 0
        page.keyboard.press("Escape")
    for path in (
        "/search?q=",
        "/assets?q=",
        "/assets?select=",
        "/problems?q=",
        "/graph?select=",
        "/locations/",
        "/jobs/",
    ):
        page.goto(server.url + path + quote(ATTACK))
        page.locator(LIVE).wait_for()
        assert page.evaluate(RAN) == NOTHING
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    go(page, f"{server.url}/graph")
    assert not overflow(page)
