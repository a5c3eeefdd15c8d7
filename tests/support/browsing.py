"""What tests in a browser have in common: going to a view, what is in it, and whether it fits and can be used by all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import lxml.html

PHONE = (390, 844)
DESK = (1280, 800)
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIVE = "#live[data-state=live]"


def find_chromium() -> str | None:
    """Find the browser's program: what ATOLL_CHROMIUM names, or Debian's."""
    named = os.environ.get("ATOLL_CHROMIUM")
    return named or next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def module(*names: str) -> str:
    """Give the text of a location with some assets."""
    assets = "".join(f"@atoll.asset\ndef {name}() -> None: ...\n\n\n" for name in names)
    return f"import atoll\n\n\n{assets}defs = atoll.Definitions(assets=[{', '.join(names)}])\n"


def save(file: Path, text: str) -> None:
    """Put a file in place in one step, as editors do."""
    beside = file.with_name(f".{file.name}.saving")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def go(page, url: str) -> None:
    """Open a view, wait until it is live, and mark the page, so that `is_same` tells whether it was loaded again."""
    response = page.goto(url)
    assert response.ok, f"{url} answers {response.status}"
    page.locator(LIVE).wait_for()
    page.evaluate("window.marker = 'mine'")


def is_same(page) -> bool:
    """Tell whether the page is still the one that `go` marked."""
    return page.evaluate("window.marker") == "mine"


def links(html: str, url: str) -> list[str]:
    """Give the addresses of this site that a page links to, absolute and without fragments, in order."""
    tree = lxml.html.document_fromstring(html)
    found = [urljoin(url, link).partition("#")[0] for link in tree.xpath("//a/@href")]
    return [link for link in dict.fromkeys(found) if urlsplit(link)[:2] == urlsplit(url)[:2]]


def crawl(url: str) -> dict[str, httpx.Response]:
    """Follow all links from a page within its site; give the answer of each address, in the order of their finding."""
    answers: dict[str, httpx.Response] = {}
    waiting = [url]
    with httpx.Client(timeout=60, follow_redirects=True, headers={"Accept": "text/html"}) as client:
        while waiting:
            address = waiting.pop(0)
            if address in answers:
                continue
            answers[address] = answer = client.get(address)
            if answer.is_success and answer.headers["content-type"].startswith("text/html"):
                waiting += links(answer.text, address)
    return answers


OVERFLOW = """() => {
    const room = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= room) return [];
    const scrolls = (element) => {
        for (let outer = element.parentElement; outer && outer !== document.body; outer = outer.parentElement)
            if (getComputedStyle(outer).overflowX !== "visible") return true;
        return false;
    };
    const wide = [...document.body.querySelectorAll("*")].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width && box.right > room + 1 && !scrolls(element);
    });
    const told = wide.slice(0, 5).map((element) => {
        const right = Math.round(element.getBoundingClientRect().right);
        return `${element.localName}.${element.className} to ${right}: ${element.textContent.trim().slice(0, 40)}`;
    });
    return [`page of ${document.scrollingElement.scrollWidth} px on ${room} px`, ...told];
}"""


def overflow(page) -> list[str]:
    """Give what makes a page scroll sideways; nothing where it doesn't."""
    return page.evaluate(OVERFLOW)


def inject_axe(page) -> None:
    """Bring axe-core into a page; the debugger's protocol does it, so that the page's policy has no say."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js")
    page.evaluate(script.read_text(encoding="utf-8"))


def axe_findings(page) -> list[str]:
    """Give the serious and critical findings of axe-core on what the page shows."""
    if not page.evaluate("typeof axe === 'object'"):
        inject_axe(page)
    violations = page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations'], elementRef: false}).then((told) => told.violations)"
    )
    return [
        f"{item['impact']} {item['id']}: {item['help']}\n    "
        + "\n    ".join(
            f"{node['target']} {node['html'][:160]} {node['failureSummary'][:300]}" for node in item["nodes"][:4]
        )
        for item in violations
        if item["impact"] in {"serious", "critical"}
    ]
