"""The graph in a real browser: smooth with 10,000 assets, walked by keys, and found again by its address."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from live_pages import Nothing, hub_of
from reports import asset, definitions, external, report

from atoll_host.server.live.hub import Hub
from atoll_host.server.web.application import make_application
from atoll_host.server.web.settings import Settings

FRAMES = """() => {
  window.frames_taken = [];
  let before = null;
  const note = (now) => {
    if (before !== null) window.frames_taken.push(now - before);
    before = now;
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}"""
"""Notes the time from each frame to the next, in milliseconds: what blocks the page's thread makes one long."""
LONGEST = 100


@contextmanager
def serving(hub):
    """Serve the application on a free port of this machine."""
    app = make_application(hub, Nothing(), Settings(version="test"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://localhost:{listener.getsockname()[1]}"
        app.state.events.close()
        server.should_exit = True
        thread.join(20)


def small():
    sales = definitions(
        assets=[
            asset("raw/orders", group="raw", kinds=["csv"]),
            asset("raw/customers", group="raw"),
            asset("orders", "raw/orders", "raw/customers", group="core", kinds=["table"]),
            asset("customers", "raw/customers", group="core"),
        ]
    )
    stock = definitions(
        assets=[external("feed"), asset("levels", "feed", "nowhere"), asset("forecast", "levels", "orders")]
    )
    return {"sales": sales, "stock": stock}


def large(locations=10, groups=10, size=100):
    chance, described, keys = random.Random(5), {}, []
    for place in range(locations):
        assets = []
        for group in range(groups):
            own = []
            for number in range(size):
                upstream = chance.sample(own, min(len(own), chance.choice([0, 1, 1, 2])))
                if keys and chance.random() < 0.004:
                    upstream.append(chance.choice(keys))
                own.append(f"l{place}/g{group}/a{number}")
                assets.append(asset(own[-1], *dict.fromkeys(upstream), group=f"g{group}", kinds=["table"]))
            keys += own[-20:]
        described[f"location_{place}"] = definitions(assets=assets)
    return described


def filled(described):
    return hub_of(*(report(name, definition) for name, definition in described.items()))


@pytest.fixture(scope="module")
def ten_thousand():
    with serving(filled(large())) as url:
        yield url


@pytest.fixture
def hub():
    return filled(small())


@pytest.fixture
def url(hub):
    with serving(hub) as url:
        yield url


def shown(page, url, path="/graph"):
    """Go to the graph, and wait for its first picture."""
    page.goto(url + path)
    page.wait_for_selector(".graph-node, #graph-empty:not([hidden])", state="attached")
    return page


def node(page, name):
    return page.locator(f'.graph-node[data-id="{name}"]')


def said(page):
    """Give what a screen reader says of the focused element."""
    return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.id")


def address(page):
    return page.evaluate("location.href")


def query(page):
    return parse_qs(urlsplit(address(page)).query)


def until(check, message):
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline, message
        time.sleep(0.02)


def drag(mouse):
    mouse.move(700, 450)
    mouse.down()
    for step in range(40):
        mouse.move(700 - 6 * step, 450 - 4 * step)
    mouse.up()


def test_ten_thousand_assets_are_there_in_two_seconds_and_no_frame_takes_long(ten_thousand, new_page):
    def walk():
        page = new_page()
        page.emulate_media(reduced_motion="no-preference")
        begun = time.monotonic()
        shown(page, ten_thousand)
        taken = time.monotonic() - begun
        assert page.locator("#graph-count").inner_text() == "10,000 assets"
        page.evaluate(FRAMES)
        mouse = page.mouse
        drag(mouse)
        for turn in (*[120] * 12, *[-120] * 16, *[120] * 8):
            mouse.wheel(0, turn)
        node(page, "location_1/g6").press("Enter")
        node(page, "location_1:l1/g6/a0").wait_for(state="attached")
        for _ in range(20):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("0")
        frames = page.evaluate("() => new Promise((done) => setTimeout(() => done(window.frames_taken), 400))")
        assert len(frames) > 30
        page.close()
        return taken < 2 and max(frames) < LONGEST, (taken, sorted(frames)[-5:])

    assert_smooth(walk)


def test_all_ten_thousand_open_at_once_are_moved_smoothly(ten_thousand, new_page):
    def walk():
        page = shown(new_page(), ten_thousand)
        page.get_by_role("button", name="Open locations and groups").click()
        node(page, "location_0:l0/g0/a0").wait_for(state="attached")
        page.evaluate(FRAMES)
        mouse = page.mouse
        mouse.move(700, 450)
        for turn in (*[240] * 10, *[-240] * 6):
            mouse.wheel(0, turn)
        drag(mouse)
        frames = page.evaluate("() => new Promise((done) => setTimeout(() => done(window.frames_taken), 600))")
        page.close()
        return max(frames) < LONGEST, sorted(frames)[-5:]

    assert_smooth(walk)


def assert_smooth(walk, tries=10):
    """Fail unless one of a few walks is smooth: other processes of the machine take frames away, and add none."""
    told = []
    for _ in range(tries):
        smooth, figures = walk()
        if smooth:
            return
        told.append(figures)
    pytest.fail(f"never smooth: {told}")


def test_a_group_opens_under_the_pointer_and_folds_again(ten_thousand, new_page):
    page = shown(new_page(), ten_thousand)
    before = node(page, "location_1/g6").bounding_box()
    page.mouse.click(before["x"] + 20, before["y"] + 6)
    node(page, "location_1:l1/g6/a0").wait_for(state="attached")
    title = node(page, "location_1/g6")
    after = title.bounding_box()
    assert (round(after["x"], 1), round(after["y"], 1)) == pytest.approx((before["x"], before["y"]), abs=6)
    assert title.get_attribute("aria-expanded") == "true"
    assert query(page) == {"open": ["location_1/g6"]}
    page.mouse.click(after["x"] + 20, after["y"] + 6)
    until(lambda: title.get_attribute("aria-expanded") == "false", "it is folded")
    assert query(page) == {"close": ["location_1/g6"]}


def test_keys_walk_along_dependencies_and_enter_opens_the_page(url, new_page):
    page = shown(new_page(), url)
    orders, customers = node(page, "sales:orders"), node(page, "sales:customers")
    customers.focus()
    assert said(page) == "customers, asset in sales, group core, 1 upstream, 0 downstream"
    below = orders.bounding_box()["y"] > customers.bounding_box()["y"]
    page.keyboard.press("ArrowDown" if below else "ArrowUp")
    assert said(page) == "orders, asset in sales, group core, table, 2 upstream, 1 downstream"
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("forecast, asset in stock")
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("forecast")
    assert page.locator("#announcements").inner_text() == "nothing downstream"
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert said(page).split(",")[0] in {"feed", "nowhere", "raw/orders", "raw/customers"}
    assert page.locator("#announcements").inner_text() == "nothing upstream"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/assets/"))


def test_only_one_node_is_in_the_order_of_the_tabulator(url, new_page):
    page = shown(new_page(), url)
    assert page.locator('.graph-node[tabindex="0"]').count() == 1
    page.locator("#graph-list").focus()
    page.keyboard.press("Tab")
    first = said(page)
    assert "sales" in first
    page.keyboard.press("ArrowDown")
    assert page.locator('.graph-node[tabindex="0"]').count() == 1
    page.keyboard.press("Escape")
    assert said(page) == "Selection"


def test_the_graph_is_narrowed_to_one_side_of_a_node_and_back(url, new_page):
    page = shown(new_page(), url)
    node(page, "stock:forecast").focus()
    page.keyboard.press("u")
    until(lambda: query(page).get("way") == ["up"], "upstream is shown")
    until(lambda: page.locator("#graph-count").inner_text() == "7 assets", "six make it")
    assert said(page).startswith("forecast")
    assert page.locator("#graph-focus").inner_text().startswith("What makes forecast")
    page.keyboard.press("f")
    until(lambda: page.locator("#graph-count").inner_text() == "3 assets", "only the neighbours")
    page.get_by_role("button", name="One step more").click()
    until(lambda: page.locator("#graph-count").inner_text() == "7 assets", "one step more")
    page.go_back()
    until(lambda: page.locator("#graph-count").inner_text() == "3 assets", "back leads to what was seen before")
    node(page, "stock:forecast").focus()
    page.keyboard.press("Escape")
    until(lambda: page.locator("#graph-count").inner_text() == "8 assets", "all are shown")
    assert said(page).startswith("forecast")


def test_a_selection_is_highlighted_as_it_is_typed_and_its_error_is_marked(url, new_page):
    page = shown(new_page(), url)
    page.locator("#graph-query").fill('+key:"orders" and not group:raw')
    kinds = page.locator("#graph-highlight span").evaluate_all(
        "(all) => all.map((one) => [one.textContent, one.className])"
    )
    assert ["key", "token-attribute"] in kinds
    assert ['"orders"', "token-quoted"] in kinds
    assert ["not", "token-word"] in kinds
    until(lambda: page.locator("#graph-count").inner_text() == "1 chosen of 8", "it is chosen at once")
    assert page.locator("#graph-list").get_attribute("href").startswith("/assets?select=")
    page.locator("#graph-query").fill("orders or grup:raw")
    page.locator("#graph-told", has_text="did you mean group?").wait_for()
    assert page.locator(".token-wrong").inner_text() == "grup"
    assert page.locator("#graph-query").get_attribute("aria-invalid") == "true"
    page.locator("#graph-query").fill("orders")
    until(lambda: page.locator("#graph-told").is_hidden(), "the error is gone")


def test_only_what_is_chosen_is_shown(url, new_page):
    page = shown(new_page(), url)
    page.locator("#graph-query").fill("location:sales")
    page.keyboard.press("Enter")
    until(lambda: query(page) == {"select": ["location:sales"]}, "the address has it")
    page.get_by_label("Only these").check()
    until(lambda: node(page, "stock:forecast").count() == 0, "the others are gone")
    assert query(page) == {"select": ["location:sales"], "show": ["only"]}
    page.get_by_role("button", name="Clear the selection").click()
    node(page, "stock:forecast").wait_for(state="attached")


def test_the_address_brings_back_what_was_seen(ten_thousand, new_page):
    page = shown(new_page(), ten_thousand)
    node(page, "location_1/g6").press("Enter")
    inside = node(page, "location_1:l1/g6/a0")
    inside.wait_for(state="attached")
    until(lambda: page.locator("#announcements").inner_text() == "g6 is open", "it is told")
    inside.focus()
    page.mouse.move(700, 400)
    page.mouse.wheel(0, -300)
    until(lambda: "node=location_1%3Al1%2Fg6%2Fa0" in address(page), "the address has the node")
    until(lambda: not page.locator("#graph-nodes").evaluate("(layer) => layer.style.transform"), "it has settled")
    before = inside.bounding_box()
    other = shown(new_page(), address(page), "")
    node(other, "location_1:l1/g6/a0").wait_for(state="attached")
    after = node(other, "location_1:l1/g6/a0").bounding_box()
    assert [after[side] for side in ("x", "y", "width")] == pytest.approx(
        [before[side] for side in ("x", "y", "width")], abs=3
    )
    assert node(other, "location_1:l1/g6/a0").get_attribute("tabindex") == "0"


def pixels(page):
    """Give how many colours the canvas has, and the one in its corner."""
    return page.evaluate(
        """() => {
          const canvas = document.getElementById("graph-canvas");
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let at = 0; at < data.length; at += 4 * 7) colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
          return [colours.size, (data[0] + data[1] + data[2]) / 3];
        }"""
    )


def test_both_schemes_are_drawn_and_followed(url, new_page):
    page = shown(new_page(), url)
    until(lambda: pixels(page)[0] > 20, "it is drawn")
    assert pixels(page)[1] > 200
    page.emulate_media(color_scheme="dark")
    until(lambda: pixels(page)[1] < 60, "it is dark")
    assert pixels(page)[0] > 20


def test_news_are_shown_without_moving_anything_else(url, hub, new_page):
    page = shown(new_page(), url)
    page.locator('#live[data-state="live"]').wait_for()
    before = node(page, "sales:raw/orders").bounding_box()
    described = small()["sales"]
    described["assets"].append(asset("refunds", "raw/orders", group="core"))
    state = hub.current.states["sales"]
    changed = replace(state, report=report("sales", described))
    hub.change("loaded", lambda live: replace(live, states={**live.states, "sales": changed}), "sales")
    node(page, "sales:refunds").wait_for(state="attached")
    assert node(page, "sales:raw/orders").bounding_box() == before


def test_an_empty_workspace_says_what_to_type_and_fills_when_something_comes(new_page):
    hub = Hub()
    with serving(hub) as url:
        page = shown(new_page(), url)
        page.locator("#graph-empty", has_text="atoll create asset").wait_for()
        page.locator('#live[data-state="live"]').wait_for()
        hub.change("loaded", lambda live: replace(live, states=filled(small()).current.states))
        node(page, "sales:orders").wait_for(state="attached")
        assert page.locator("#graph-empty").is_hidden()
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desk", "phone"])
def test_it_is_accessible(url, new_page, scheme, size):
    from axe_playwright_python.sync_playwright import Axe

    page = shown(new_page(width=size[0], height=size[1], scheme=scheme, bypass_csp=True), url)
    node(page, "sales:orders").focus()
    page.locator("#graph-query").fill("grup:raw")
    page.locator("#graph-told", has_text="did you mean").wait_for()
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
    assert serious == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_touch_of_two_fingers_zooms_and_of_one_pans(url, new_page):
    page = new_page(width=390, height=844, has_touch=True, is_mobile=True)
    shown(page, url)
    client = page.context.new_cdp_session(page)
    before = node(page, "sales:orders").bounding_box()

    def touch(kind, *points):
        client.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]},
        )

    touch("touchStart", (150, 400), (200, 400))
    for step in range(1, 9):
        touch("touchMove", (150 - 6 * step, 400), (200 + 6 * step, 400))
    touch("touchEnd")
    until(lambda: node(page, "sales:orders").bounding_box()["width"] > before["width"] * 1.5, "it is zoomed")
    zoomed = node(page, "sales:orders").bounding_box()
    touch("touchStart", (200, 300))
    for step in range(1, 9):
        touch("touchMove", (200, 300 + 5 * step))
    touch("touchEnd")
    until(lambda: node(page, "sales:orders").bounding_box()["y"] > zoomed["y"] + 20, "it is panned")


def test_without_scripts_the_list_is_named(url, new_page):
    page = new_page(java_script_enabled=False)
    page.goto(f"{url}/graph")
    assert page.get_by_role("link", name="list of assets").is_visible()
    assert page.locator("canvas").is_hidden()
