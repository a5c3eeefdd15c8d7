r"""Choose assets of the merged graph by what they are, in the language of the SDK's selections.

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | [[N] "+"] atom ["+" [N]]
    atom       = "*" | attribute ":" value ["=" value] | function "(" expression ")" | "(" expression ")" | value
    attribute  = "key" | "group" | "tag" | "kind" | "owner" | "location"
    function   = "roots" | "sinks" | "materializable" | "external"

A value is a word or stands in double quotes; `*` in it stands for any characters; alone it is a key. What is different
here: `location:` chooses by code location, `+` goes across locations, and external and unknown assets are chosen like
all others (`materializable(…)` leaves them out, `external(…)` leaves only them).
"""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from atoll_host.envs.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

_TOKEN = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<mark>[()+:=])|(?P<word>[^\s()+:="]+))')
_FUNCTIONS = ("roots", "sinks", "materializable", "external")
_WORDS = ("and", "or", "not")


class SelectionError(UsageError):
    """A selection does not follow the grammar.

    Attributes:
        start: index of the first character that is wrong; the length of the text where something is missing at its end.
        end: index after the last one.
    """

    def __init__(self, message: str, *, start: int, end: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.start = start
        self.end = end


def select(graph: AssetGraph, text: str) -> set[str]:
    """Give the ids of the assets that a selection chooses.

    Raises:
        SelectionError: the text does not follow the grammar; the message says where.
    """
    return _Reader(graph, text).read()


class _Reader:
    """Reads a selection and chooses at the same time."""

    def __init__(self, graph: AssetGraph, text: str) -> None:
        self._graph = graph
        self._text = text
        self._tokens = _split(text)
        self._position = 0

    def read(self) -> set[str]:
        if len(self._tokens) == 1:
            raise SelectionError("The selection is empty", start=0, end=len(self._text), hint="use '*' for all assets")
        chosen = self._read_or()
        if not self._at_end():
            raise self._fail("a stray")
        return chosen

    def _read_or(self) -> set[str]:
        chosen = self._read_and()
        while self._take("or"):
            chosen = chosen | self._read_and()
        return chosen

    def _read_and(self) -> set[str]:
        chosen = self._read_not()
        while self._take("and"):
            chosen = chosen & self._read_not()
        return chosen

    def _read_not(self) -> set[str]:
        negated = False
        while self._take("not"):
            negated = not negated
        chosen = self._read_traversal()
        return set(self._graph.nodes) - chosen if negated else chosen

    def _read_traversal(self) -> set[str]:
        up: int | None = 0
        word, quoted, _ = self._tokens[self._position]
        if not quoted and _is_number(word) and self._tokens[self._position + 1][:2] == ("+", False):
            up = int(word)
            self._position += 2
        elif self._take("+"):
            up = None
        chosen = self._read_atom()
        down: int | None = 0
        if self._take("+"):
            down = None
            word, quoted, _ = self._tokens[self._position]
            if not quoted and _is_number(word):
                down = int(word)
                self._position += 1
        return self._graph.reach(chosen, "up", up) | self._graph.reach(chosen, "down", down)

    def _read_atom(self) -> set[str]:
        if self._take("("):
            return self._close(self._read_or())
        word, quoted, _ = self._tokens[self._position]
        if self._at_end() or (not quoted and (word in "()+:=" or word.lower() in _WORDS)):
            raise self._fail("an unexpected")
        start = self._tokens[self._position][2]
        self._position += 1
        if quoted:
            return self._choose(lambda node: _matches(word, node.key))
        if self._take("("):
            return self._apply(word, start)
        if self._take(":"):
            return self._choose_by(word, start)
        return self._choose(lambda node: _matches(word, node.key))

    def _apply(self, function: str, start: int) -> set[str]:
        if function not in _FUNCTIONS:
            message = f"Selection {self._text!r} has an unknown function {function}()"
            hint = _similar(function, _FUNCTIONS)
            raise SelectionError(message, start=start, end=start + len(function), hint=hint)
        chosen = self._close(self._read_or())
        graph = self._graph
        if function == "roots":
            return {node for node in chosen if not any(edge.upstream in chosen for edge in graph.upstream(node))}
        if function == "sinks":
            return {node for node in chosen if not any(edge.downstream in chosen for edge in graph.downstream(node))}
        made = {node for node in chosen if graph.nodes[node].type == "materializable"}
        return made if function == "materializable" else chosen - made

    def _choose_by(self, attribute: str, start: int) -> set[str]:
        if attribute not in _ATTRIBUTES:
            message = f"Selection {self._text!r} has an unknown attribute {attribute!r}"
            hint = _similar(attribute, tuple(_ATTRIBUTES))
            raise SelectionError(message, start=start, end=start + len(attribute), hint=hint)
        pattern = self._take_value()
        while attribute in ("owner", "location") and self._take(":"):
            # Owners are written team:data, and locations may have any name.
            pattern += f":{self._take_value()}"
        value = self._take_value() if attribute == "tag" and self._take("=") else None
        if attribute == "tag":
            return self._choose(lambda node: _has_tag(node, pattern, value))
        read = _ATTRIBUTES[attribute]
        return self._choose(lambda node: any(_matches(pattern, text) for text in read(node)))

    def _choose(self, fits: Callable[[AssetNode], bool]) -> set[str]:
        return {name for name, node in self._graph.nodes.items() if fits(node)}

    def _close(self, chosen: set[str]) -> set[str]:
        if not self._take(")"):
            raise self._fail("a ')' is missing before")
        return chosen

    def _take(self, mark: str) -> bool:
        """Step over a mark or a word that stands without quotes, if it is next."""
        word, quoted, _ = self._tokens[self._position]
        if quoted or self._at_end() or word.lower() != mark:
            return False
        self._position += 1
        return True

    def _take_value(self) -> str:
        word, quoted, _ = self._tokens[self._position]
        if self._at_end() or (not quoted and word in "()+:="):
            raise self._fail("a value is missing before")
        self._position += 1
        return word

    def _at_end(self) -> bool:
        return self._position == len(self._tokens) - 1

    def _fail(self, what: str) -> SelectionError:
        word, quoted, start = self._tokens[self._position]
        found = f"{what} the end" if self._at_end() and "missing" in what else "the end" if self._at_end() else None
        found = found or f"{what} {word!r}"
        hint = 'such as: group:raw and not kind:table, or +key:"sales/orders"+1'
        message = f"Selection {self._text!r} can't be read: {found} at character {start + 1}"
        return SelectionError(message, start=start, end=start + len(word) + 2 * quoted, hint=hint)


def _split(text: str) -> list[tuple[str, bool, int]]:
    """Give the tokens as (text, whether it was quoted, where it starts), and an empty one at the end."""
    tokens: list[tuple[str, bool, int]] = []
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            message = f"Selection {text!r} has a quote without an end at character {start + 1}"
            raise SelectionError(message, start=start, end=len(text))
        quoted = found["quoted"] is not None
        word = found["quoted"] if quoted else found["mark"] or found["word"]
        tokens.append((word, quoted, found.start(found.lastgroup or 0) - quoted))
        position = found.end()
    return [*tokens, ("", False, len(text))]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _matches(pattern: str, text: str) -> bool:
    # Of the patterns' marks only the star is one here.
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _group(node: AssetNode) -> tuple[str, ...]:
    return (node.definition.get("group") or "default",) if node.definition else ()


def _has_tag(node: AssetNode, pattern: str, value: str | None) -> bool:
    tags = node.definition.get("tags") or {}
    return any(_matches(pattern, name) and (value is None or _matches(value, tags[name])) for name in tags)


_ATTRIBUTES: dict[str, Callable[[AssetNode], Sequence[str]]] = {
    "key": lambda node: (node.key,),
    "group": _group,
    "kind": lambda node: tuple(node.definition.get("kinds") or ()),
    "owner": lambda node: tuple(node.definition.get("owners") or ()),
    "location": lambda node: node.known_in,
    "tag": lambda node: tuple(node.definition.get("tags") or ()),
}


def _similar(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
