"""Descriptions are shown as Markdown, and nothing in them can do anything."""

import time

import lxml.html
import pytest

from atoll_host.server.web.markdown import render_markdown, summarise

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param("<img src=x onerror=alert(1)>", id="handler"),
    pytest.param("<style>body{display:none}</style><b style='x'>", id="style"),
    pytest.param("[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) <javascript:alert(1)>", id="javascript-link"),
    pytest.param(
        "[a](java\tscript:alert(1)) [b](&#106;avascript:alert(1)) [c](\x01javascript:a)", id="hidden-javascript"
    ),
    pytest.param("[a](data:text/html;base64,PHNjcmlwdD4=)", id="data-link"),
    pytest.param("[a](//evil.example/x) [b](/api/reload) [c](?x) [d](#y)", id="links-into-the-page"),
    pytest.param("![a](https://evil.example/pixel.png) ![b](data:image/svg+xml,x)", id="image"),
    pytest.param("[a]: javascript:alert(1)\n\n[a]", id="reference"),
    pytest.param('```" onclick=alert(1) x="\ncode\n```', id="language-of-code"),
    pytest.param('[a](https://x "\\" onclick=alert(1)")', id="title"),
    pytest.param("<svg><a xlink:href='javascript:alert(1)'>x</a></svg><math><mi//xlink:href='data:x'>", id="svg"),
    pytest.param("<iframe srcdoc='<script>'></iframe><form action=/api/reload>", id="frame-and-form"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text):
    tree = lxml.html.fragment_fromstring(render_markdown(text), create_parent="div")
    tags = {element.tag for element in tree.iter()}
    assert tags <= {"div", "p", "a", "pre", "code"}
    for element in tree.iter():
        assert set(element.attrib) <= {"href", "rel", "title", "tabindex"}
        if "href" in element.attrib:
            assert element.attrib["href"].startswith("https://x")


def test_ordinary_markdown_is_rendered():
    html = render_markdown(
        "# Title\n\nSome *words* and `code`.\n\n- a\n- b\n\n|x|y|\n|-|-|\n|1|2|\n\n[site](https://example.com)"
    )
    assert "<h3>Title</h3>" in html
    assert "<em>words</em> and <code>code</code>" in html
    assert "<li>a</li>" in html
    assert "<td>1</td>" in html
    assert '<a href="https://example.com" rel="noopener noreferrer">site</a>' in html


def test_headings_are_below_those_of_the_page():
    html = render_markdown("# a\n\n## b\n\n##### c\n\n###### d")
    assert "<h1" not in html
    assert "<h2" not in html
    assert "<h4>b</h4>" in html
    assert "<h6>c</h6>" in html
    assert "<h6>d</h6>" in html


def test_characters_that_turn_text_around_are_shown():
    assert "\\u202eabc\\u2066" in render_markdown("\u202eabc\u2066")
    assert "\\x1b[31m" in render_markdown("\x1b[31m")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="brackets"),
        pytest.param(">" * 100_000, id="quotes"),
        pytest.param("![" * 9_000, id="images"),
        pytest.param("*a " * 6_600, id="stars"),
        pytest.param("- " * 9_900, id="lists"),
        pytest.param("`a" * 9_900, id="ticks"),
        pytest.param("[a](" * 5_000, id="open-links"),
        pytest.param("<a " * 6_600, id="open-tags"),
    ],
)
def test_nesting_without_end_takes_no_time(text):
    start = time.process_time()
    render_markdown(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        pytest.param(None, "", id="none"),
        pytest.param("Orders of the shop. More of them.", "Orders of the shop.", id="first-sentence"),
        pytest.param("Version 1.5 of it", "Version 1.5 of it", id="numbers"),
        pytest.param("\n# Orders\nof *the* `shop`", "Orders of the shop", id="markup"),
        pytest.param("See [the wiki](https://x) for snake_case.", "See the wiki for snake_case.", id="links"),
        pytest.param("一行目。 二行目。", "一行目。", id="japanese"),
        pytest.param("a\u202eb\x07", "a\\u202eb\\x07", id="controls"),
        pytest.param("x" * 500, "x" * 160 + "…", id="long"),
    ],
)
def test_a_summary_is_the_first_sentence_on_one_line(text, summary):
    assert summarise(text) == summary
