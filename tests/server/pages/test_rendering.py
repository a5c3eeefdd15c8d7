"""What all pages have in common: contrast, no code but ours, text that stays text, the bars."""

import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from live_pages import Client, hub_of
from reports import asset, definitions, report

import atoll_host.server.web
from atoll_host.envs.errors import Frame, Problem
from atoll_host.server.web.panels import describe_hint, describe_problem, read_excerpt
from atoll_host.server.web.rendering import make_environment, short_path
from atoll_host.workspace.findings.finding import Finding

WEB = Path(atoll_host.server.web.__file__).parent
TOKENS = (WEB / "static/tokens.css").read_text("utf-8")
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
}
GROUNDS = ["surface", "surface-raised", "surface-hover", "surface-selected"]
ON_TINTS = [("ok", "ok-tint"), ("warning", "warning-tint"), ("error", "error-tint"), ("busy", "busy-tint")]
TEXT = [
    *((name, ground) for name in ("text", "text-muted", "accent") for ground in (*GROUNDS, "surface-sunken")),
    *((name, ground) for name in ("ok", "warning", "error", "busy") for ground in GROUNDS),
    *ON_TINTS,
    ("on-accent", "accent"),
    *(("text", f"{name}-tint") for name in ("ok", "warning", "error", "busy", "changed")),
]
SHAPES = [(f"hue-{number}", ground) for number in range(8) for ground in ("surface", "surface-raised")]
SHAPES += [("line-strong", "surface"), ("line-strong", "surface-raised")]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """The ratio of WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(scheme):
    ratios = {pair: contrast(COLOURS[pair[0]][scheme], COLOURS[pair[1]][scheme]) for pair in TEXT}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_and_fields_have_the_contrast_that_wcag_aa_asks_for(scheme):
    ratios = {pair: contrast(COLOURS[pair[0]][scheme], COLOURS[pair[1]][scheme]) for pair in SHAPES}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 3} == {}


def test_no_template_has_code_or_style_of_its_own():
    for file in (WEB / "templates").rglob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\bsrc=)|\|\s*safe\b|javascript:", text), (
            file
        )


def test_no_file_asks_another_site_for_anything():
    for file in (WEB / "static").rglob("*"):
        if file.suffix in {".css", ".js"}:
            text = file.read_text("utf-8")
            assert not re.search(r"(?:url\(|@import|from|import\(|fetch\()\s*[\"']?(?:https?:)?//", text), file


def test_no_script_makes_code_or_markup_of_text():
    for file in (WEB / "static").rglob("*.js"):
        text = file.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), (
            file
        )


def test_every_colour_that_is_used_is_a_token():
    used = set()
    for file in (WEB / "static").rglob("*.css"):
        text = file.read_text("utf-8")
        used |= set(re.findall(r"var\(--([a-z0-9-]+)", text))
        if file.name != "tokens.css":
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", text) == [], file
    known = set(
        re.findall(r"--([a-z0-9-]+):", "".join(file.read_text("utf-8") for file in (WEB / "static").rglob("*.css")))
    )
    assert used - known == set()


@pytest.fixture(scope="module")
def client():
    problem = Problem("import_error", "No module named 'x'", severity="error")
    hub = hub_of(
        report("sales", definitions(assets=[asset("orders")])), report("stock", problems=(problem,), status="failed")
    )
    found = Finding.of("stock", problem)
    hub.change(
        "findings",
        lambda live: replace(live, states={**live.states, "stock": replace(live.states["stock"], findings=(found,))}),
    )
    return Client(hub)


@pytest.mark.parametrize("path", ["/", "/locations", "/problems", "/search", "/locations/sales", "/nowhere"])
def test_every_page_has_its_landmarks_one_heading_and_a_way_past_the_bars(client, path):
    page = lxml.html.document_fromstring(client.get(path).text)
    assert len(page.findall(".//main")) == 1
    assert len(page.findall(".//nav[@aria-label]")) >= 1
    assert len(page.findall(".//h1")) == 1
    assert page.get("lang") == "en"
    assert page.xpath("//body/*[1][@class='skip']/@href") == ["#content"]
    assert page.get_element_by_id("announcements").get("aria-live") == "polite"
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Overview"),
        ("/locations/sales", "Locations"),
        ("/problems/ATL301", "Problems"),
        ("/assets/sales/orders", "Assets"),
        ("/checks", "Assets"),
        ("/automation", "Automation"),
    ],
)
def test_the_bar_says_where_one_is(client, path, label):
    page = lxml.html.document_fromstring(client.get(path).text)
    assert [entry.get("title") for entry in page.xpath("//nav[@id='side']//a[@aria-current='page']")] == [label]


def test_the_bar_counts_the_problems(client):
    page = lxml.html.document_fromstring(client.get("/assets").text)
    (tally,) = page.xpath("//nav[@id='side']//*[contains(@class, 'tally')]")
    assert tally.text_content().strip(": ") == "1"
    assert "errors" in tally.get("class")


def test_a_page_that_is_not_there_says_so_and_leads_on(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at /nowhere" in answer.text
    assert 'href="/"' in answer.text


def test_the_page_has_the_revision_that_it_shows(client):
    text = client.get("/").text
    assert int(re.search(r'data-revision="(\d+)"', text)[1]) == 2


def render(source, **context):
    return make_environment().from_string('{% import "parts/macros.html" as ui %}' + source).render(**context)


def test_text_of_others_is_escaped_and_its_control_characters_are_shown():
    made = render("<p>{{ text }}</p>", text="<b>\x1b[31m\x00\u202eabc\ud800")
    assert made == "<p>&lt;b&gt;\\x1b[31m\\x00\\u202eabc\\ud800</p>"


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        pytest.param("atoll sync sales", ["atoll sync sales"], id="a-command-alone"),
        pytest.param("run `uv add x`, then `atoll sync`", ["uv add x", "atoll sync"], id="commands-in-a-sentence"),
        pytest.param(
            "declare it, or run: atoll sync a --rebuild", ["atoll sync a --rebuild"], id="a-command-at-the-end"
        ),
        pytest.param("run: atoll sync a (it takes another)", ["atoll sync a"], id="a-command-with-a-remark"),
        pytest.param("did you mean orders?", [], id="words"),
        pytest.param("atoll sync `x`", ["x"], id="both"),
        pytest.param("a lone ` is no command", [], id="an-unpaired-mark"),
        pytest.param(None, [], id="none"),
    ],
)
def test_what_a_hint_says_to_type_can_be_copied(hint, typed):
    parts = describe_hint(hint)
    assert [part.text for part in parts if part.typed] == typed
    assert "".join(part.text for part in parts) == (hint or "").replace("`", "" if typed else "`")
    made = render("{{ ui.hint(parts) }}", parts=parts)
    assert re.findall(r'data-copy="([^"]*)"', made) == typed


def test_the_excerpt_marks_the_line_and_the_column(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("one\ntwo\n\tthree <b>\nfour\nfive\nsix\n")
    made = render("{{ ui.problem(item) }}", item=Problem("exception", "no", file=str(file), line=3, column=2))
    assert '<span class="line marked"><span class="line-number">3</span> <mark>t</mark>hree &lt;b&gt;</span>' in made
    assert made.count('class="line') - made.count('class="line-number') == 5


@pytest.mark.parametrize("name", [".env", "prod.env", ".env.local"])
def test_no_line_of_a_file_with_variables_is_shown(tmp_path, name):
    file = tmp_path / name
    file.write_text("PASSWORD=hunter2\n")
    if ".env" not in name:
        pytest.skip("it is no such file")
    assert read_excerpt(Problem("configuration", "no", file=str(file), line=1)) == []


def test_a_file_that_was_edited_since_shows_the_line_that_was_loaded(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("now = 1\nother = 2\n")
    frames = (Frame(str(file), 1, "<module>", "before()"),)
    excerpt = read_excerpt(Problem("exception", "no", file=str(file), line=1, frames=frames))
    assert [(line.number, line.text) for line in excerpt] == [(1, "before()")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"\xff\xfe\x00\n" * 5, 2, id="no-text"),
        pytest.param(b"x" * 100_000, 1, id="a-long-line"),
        pytest.param(b"one\n", 7, id="a-line-that-is-not-there"),
        pytest.param(None, 1, id="a-file-that-is-not-there"),
        pytest.param(b"\n\n\n", 2, id="an-empty-line"),
    ],
)
def test_a_file_that_cannot_be_shown_does_no_harm(tmp_path, content, line):
    file = tmp_path / "a.py"
    if content is not None:
        file.write_bytes(content)
    made = render("{{ ui.problem(item) }}", item=Problem("exception", "no", file=str(file), line=line, column=900))
    assert len(made) < 6000
    assert f"{file}:{line}" in made


def test_the_users_frames_are_open_and_those_of_libraries_folded():
    frames = (
        Frame("/home/me/a.py", 1, "<module>", "b.go()"),
        Frame("/env/lib/python3.12/site-packages/b.py", 2, "go", "json.loads(x)"),
        Frame("/usr/lib/python3.12/json/decoder.py", 3, "decode", "raise"),
    )
    panel = describe_problem(Problem("exception", "no", frames=frames))
    assert [(group.library, len(group.frames)) for group in panel.frames] == [(False, 1), (True, 2)]
    page = lxml.html.fragment_fromstring(
        render("{{ ui.problem(item) }}", item=Problem("exception", "no", frames=frames))
    )
    outer, inner = page.findall(".//details")
    assert outer.get("open") is not None
    assert inner.get("open") is None
    assert inner.find("summary").text == "2 library frames"


def test_a_deep_recursion_is_no_long_page():
    frames = tuple(Frame("/home/me/a.py", number, "f", "f()") for number in range(1, 2000))
    assert len(render("{{ ui.problem(item) }}", item=Problem("exception", "no", frames=frames))) < 20_000


def test_a_place_that_is_no_file_is_no_link():
    made = render("{{ ui.place('<string>', 3) }}{{ ui.place('/a b/ü.py', 3, 4) }}")
    assert '<span class="source mono">&lt;string&gt;:3</span>' in made
    assert 'href="vscode://file/a%20b/%C3%BC.py:3:4"' in made


def test_every_macro_of_the_contract_works_alone():
    made = render(
        """{{ ui.state("loaded", "syncing") }}{{ ui.location("a") }}{{ ui.when(0) }}{{ ui.duration(1.5) }}{{ ui.number(3, "kB") }}
        {{ ui.number(none) }}{{ ui.kind("table") }}{{ ui.source({"file": "/a.py", "line": 3}) }}{{ ui.source(none) }}
        {{ ui.empty("Nothing", "atoll x") }}{{ ui.copy("x") }}{{ ui.heading("T", "asset", "a", 1.0) }}{{ ui.facts({"A": 1, "B": none}) }}"""
    )
    assert "loaded" in made
    assert "syncing" in made
    assert "1.5 s" in made
    assert 'data-when="0.000"' in made
    assert "<dt>B</dt>" not in made


def test_paths_below_the_users_own_folder_begin_with_a_tilde(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert short_path(str(tmp_path / ".pyenv/versions")) == "~/.pyenv/versions"
    for path in (str(tmp_path), f"{tmp_path}-other/file", "some/file", "~/file"):
        assert short_path(path) == path
