"""The selection language.

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = "not" factor | [[N] "+"] atom ["+" [N]]
    atom       = "*" | attribute ":" value ["=" value] | function "(" expression ")" | "(" expression ")" | value
    attribute  = "key" | "group" | "tag" | "kind" | "owner" | "check"

A value is a word or stands in double quotes; alone it is a key. `and`, `or` and `not` may be in capitals.
"""

from __future__ import annotations

from .._arguments import check_list, show, suggest
from .._errors import DefinitionError
from .._keys import AssetKey
from ._graph import has_wildcard
from ._nodes import (
    FUNCTIONS,
    AllSelection,
    AssetSelection,
    AttributeSelection,
    CheckSelection,
    FunctionSelection,
    KeySelection,
    OperatorSelection,
    TraversalSelection,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

_MARKS = '()+:="'
_ATTRIBUTES = ("key", "group", "tag", "kind", "owner", "check")
_END = ""


def read_selection(value: Any, what: str) -> AssetSelection:
    """A selection given as one, as text, or as a list of assets, keys and texts."""
    if isinstance(value, AssetSelection):
        return value
    if isinstance(value, str):
        return parse_selection(value)
    if isinstance(value, AssetKey) or hasattr(value, "specs") or hasattr(value, "_as_key"):
        return AssetSelection.assets(value)
    items = check_list(value, what, "a selection, a selection text or a list of assets")
    if all(isinstance(item, str) for item in items) and items:
        selections = [parse_selection(item) for item in items]
        return selections[0] if len(selections) == 1 else OperatorSelection("or", selections)
    return AssetSelection.assets(*items)


def parse_selection(text: str) -> AssetSelection:
    """Read the selection language.

    Raises:
        DefinitionError: the text does not follow the grammar; the message shows where.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[tuple[str, bool, int]] = list(_split(text))
        self.position = 0

    def parse(self) -> AssetSelection:
        if len(self.words) == 1:
            raise DefinitionError("the selection is empty", "use '*' for all assets")
        selection = self._parse_or()
        if self._peek()[0] != _END:
            raise self._fail("a stray")
        return selection

    def _peek(self) -> tuple[str, bool, int]:
        return self.words[self.position]

    def _take(self, mark: str) -> bool:
        """Step over a mark or word, if it is next."""
        word, quoted, _ = self._peek()
        if quoted or word.lower() != mark or word == _END:
            return False
        self.position += 1
        return True

    def _fail(self, what: str) -> DefinitionError:
        word, _, place = self._peek()
        found = f"{what} {word!r}" if word else f"{what} end"
        return DefinitionError(f"selection {show(self.text)} can't be read: {found} at character {place + 1}")

    def _parse_or(self) -> AssetSelection:
        operands = [self._parse_and()]
        while self._take("or"):
            operands.append(self._parse_and())
        return operands[0] if len(operands) == 1 else OperatorSelection("or", operands)

    def _parse_and(self) -> AssetSelection:
        operands = [self._parse_not()]
        while self._take("and"):
            operands.append(self._parse_not())
        if len(operands) == 1:
            return operands[0]
        last = operands[1]
        if last is operands[-1] and isinstance(last, OperatorSelection) and last.operator == "not":
            return OperatorSelection("-", [operands[0], last.operands[0]])
        return OperatorSelection("and", operands)

    def _parse_not(self) -> AssetSelection:
        if self._take("not"):
            return OperatorSelection("not", [self._parse_not()])
        return self._parse_traversal()

    def _parse_traversal(self) -> AssetSelection:
        up: int | None = 0
        word, quoted, _ = self._peek()
        if not quoted and word.isdigit() and self.words[self.position + 1][0] == "+":
            up = int(word)
            self.position += 2
        elif self._take("+"):
            up = None
        inner = self._parse_atom()
        down: int | None = 0
        if self._take("+"):
            down = None
            word, quoted, _ = self._peek()
            if not quoted and word.isdigit():
                down = int(word)
                self.position += 1
        return inner if up == 0 and down == 0 else TraversalSelection(inner, up, down)

    def _parse_atom(self) -> AssetSelection:
        if self._take("("):
            return self._close(self._parse_or())
        word, quoted, _ = self._peek()
        if word == _END or (not quoted and word in _MARKS):
            raise self._fail("an unexpected")
        if not quoted and word.lower() in ("and", "or", "not"):
            raise self._fail("an unexpected")
        self.position += 1
        if quoted:
            return _make_key(word)
        if self._take("("):
            return self._make_function(word)
        if self._take(":"):
            return self._make_attribute(word)
        return AllSelection() if word == "*" else _make_key(word)

    def _close(self, inner: AssetSelection) -> AssetSelection:
        if not self._take(")"):
            raise self._fail("a ')' is missing before")
        return inner

    def _make_function(self, name: str) -> AssetSelection:
        if name not in FUNCTIONS:
            suggestion = suggest(name, FUNCTIONS)
            hint = f"did you mean {suggestion}()?" if suggestion else f"there are {', '.join(FUNCTIONS)}"
            raise DefinitionError(f"selection {show(self.text)} has an unknown function {name}()", hint)
        return FunctionSelection(name, self._close(self._parse_or()))

    def _make_attribute(self, attribute: str) -> AssetSelection:
        if attribute not in _ATTRIBUTES:
            suggestion = suggest(attribute, _ATTRIBUTES)
            hint = f"did you mean {suggestion!r}?" if suggestion else f"there are {', '.join(_ATTRIBUTES)}"
            raise DefinitionError(f"selection {show(self.text)} has an unknown attribute {attribute!r}", hint)
        value = self._take_value()
        if attribute == "key":
            return _make_key(value)
        if attribute == "check":
            if ":" not in value and self._take(":"):
                value = f"{value}:{self._take_value()}"
            key, _, name = value.rpartition(":")
            return CheckSelection(key, name)
        if attribute == "owner" and self._take(":"):
            value = f"{value}:{self._take_value()}"
        second = self._take_value() if attribute == "tag" and self._take("=") else None
        return AttributeSelection(attribute, value, second)

    def _take_value(self) -> str:
        word, quoted, _ = self._peek()
        if not quoted and (word == _END or word in _MARKS):
            raise self._fail("a value is missing before")
        self.position += 1
        return word


def _make_key(pattern: str) -> AssetSelection:
    if not has_wildcard(pattern):
        return KeySelection(str(AssetKey(pattern)))
    for part in pattern.split("*"):
        if part.strip("/"):
            AssetKey(part.strip("/"))
    return KeySelection(pattern)


def _split(text: str) -> Iterator[tuple[str, bool, int]]:
    """Tokens as (text, whether it was quoted, position), an empty one at the end."""
    position = 0
    while position < len(text):
        character = text[position]
        start = position
        if character == '"':
            end = text.find('"', position + 1)
            if end < 0:
                raise DefinitionError(f"selection {show(text)} has a quote without an end at character {position + 1}")
            yield text[position + 1 : end], True, start
            position = end + 1
        elif character in _MARKS:
            yield character, False, start
            position += 1
        elif character.isspace():
            position += 1
        else:
            while position < len(text) and text[position] not in _MARKS and not text[position].isspace():
                position += 1
            yield text[start:position], False, start
    yield _END, False, len(text)
