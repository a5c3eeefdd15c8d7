"""Descriptions, which are Markdown that others wrote, as HTML that can do nothing but be read."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from atoll_host.workspace.describing.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

_LONGEST = 20_000
"""Characters of a text that is read as Markdown; a longer one is shown as it is."""
_LONGEST_SUMMARY = 160
"""Characters of a summary."""
_HEADING = 2
"""How many levels headings are moved down, below those of the page."""
_LOWEST_HEADING = 6
_SCHEMES = {"http", "https", "mailto"}
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
    *(f"h{level}" for level in range(1, _LOWEST_HEADING + 1)),
}
_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[`*]+|^[#>\s]+|(?<!\w)_+|_+(?!\w)")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s")


@lru_cache(maxsize=1024)
def render_markdown(text: str) -> Markup:
    """Give Markdown (CommonMark and tables) as HTML that is safe to show.

    Images are shown as their text, HTML as its source, links only where they lead to the web or to an address of mail.

    Args:
        text: as someone wrote it; of any length, and hostile.
    """
    cleaned = clean(text)
    if len(cleaned) > _LONGEST:
        return Markup('<pre tabindex="0">{}</pre>').format(cleaned)
    html = _reader().render(cleaned)
    # It was made here, out of escaped text. This holds even if that has a fault.
    safe = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        attribute_filter=_filter,
        # They may scroll, and not everyone has a mouse.
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )
    return Markup(safe)  # noqa: S704 — sanitised in the statement above


@lru_cache(maxsize=16_384)
def summarise(text: str | None) -> str:
    """Give the first sentence of a description as plain text on one line; empty when there is none."""
    paragraph = (text or "").lstrip().partition("\n\n")[0][: 8 * _LONGEST_SUMMARY]
    plain = one_line(_MARKUP.sub(lambda found: found[1] or "", paragraph))
    sentence = _SENTENCE.split(plain, maxsplit=1)[0]
    return sentence if len(sentence) <= _LONGEST_SUMMARY else f"{sentence[:_LONGEST_SUMMARY].rstrip()}…"


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
    reader.core.ruler.push("demote", _demote)
    reader.add_render_rule("image", _show_image)
    return reader


def _demote(state: Any) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + _HEADING, _LOWEST_HEADING)}"


def _show_image(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    environment: MutableMapping[str, Any],
) -> str:
    del renderer, options, environment
    return str(escape(tokens[index].content))


def _filter(tag: str, attribute: str, value: str) -> str | None:
    """Leave out links without a scheme, which would lead into this page; nh3 looks at the others."""
    if tag == "a" and attribute == "href":
        return value if value.partition(":")[0].lower() in _SCHEMES else None
    return value
