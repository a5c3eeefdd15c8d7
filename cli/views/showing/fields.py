"""Words for the parts of a definition: where it is, its metadata, the fields of its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atoll_host.cli.views.problems import short_path
from atoll_host.cli.views.tables import Column
from atoll_host.workspace.describing.configuration import config_fields, plain
from atoll_host.workspace.describing.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atoll_host.workspace.describing.configuration import ConfigField

CONFIG_COLUMNS = (
    Column("Field"),
    Column("Type", rank=1, least=8),
    Column("Value", rank=2, least=8),
    Column("Description", rank=3, least=16),
)
_WORDS = {"secret": "•••", "required": "required", "none": ""}
_FORMS = {"environment": "${}", "resource": "resource {}"}
METADATA_COLUMNS = (Column("Name"), Column("Type", rank=1), Column("Value", least=16))


def place(source: Mapping[str, Any] | None) -> str | None:
    """Give `file:line` of something that was declared."""
    if not source or not source.get("file"):
        return None
    line = source.get("line")
    return short_path(source["file"]) + (f":{line}" if line is not None else "")


def tags(given: Mapping[str, str] | None) -> str:
    """Give tags as `name=value`, or as the name alone where the value is empty."""
    return ", ".join(f"{name}={value}" if value else name for name, value in (given or {}).items())


def metadata_rows(metadata: Mapping[str, Any] | None) -> list[Sequence[str]]:
    """Give a row for each value of some metadata."""
    return [
        (one_line(name), one_line(str(entry.get("type", ""))), plain(entry.get("value")))
        for name, entry in (metadata or {}).items()
    ]


def config_rows(schema: Mapping[str, Any] | None, given: Mapping[str, Any] | None = None) -> list[Sequence[str]]:
    """Give a row for each field of a JSON Schema: its type, its value or default, its description.

    Args:
        schema: of an object; None for nothing.
        given: values as snapshots have them: plain, or `{"env": …}`, `{"redacted": true}`, `{"resource": …}`.
    """
    return [
        (one_line(field.name), field.type, _value(field), field.description) for field in config_fields(schema, given)
    ]


def _value(field: ConfigField) -> str:
    if field.origin in _WORDS:
        return _WORDS[field.origin]
    if field.origin in _FORMS:
        return _FORMS[field.origin].format(field.value)
    return plain(field.value)
