"""Metadata: named values of a definition or a result, each with the type it is shown as."""

from __future__ import annotations

from ._arguments import check_list, check_mapping, check_type
from ._keys import AssetKey, read_key
from ._plain import describe_object, get_fields, to_plain
from ._text import clean_text
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping, Sequence


class TableColumn(Record):
    """A column of a table: its name, the name of its type, what it holds."""

    def __init__(self, name: str, type: str = "string", description: str | None = None) -> None:  # noqa: A002 -- the field's own word
        self.name = check_type(name, str, "TableColumn: name", "a string")
        self.type = check_type(type, str, "TableColumn: type", "a string")
        self.description = description


class TableSchema(Record):
    """The columns of a table, in order."""

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        self.columns = check_list(columns, "TableSchema: columns")
        for column in self.columns:
            check_type(column, TableColumn, "TableSchema: columns", "a list of TableColumn")


class TableRecord(Record):
    """A row of a table: values by column name."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = check_mapping(data, "TableRecord: data")


class MetadataValue(Record):
    """A metadata value of a chosen type; plain Python values are given theirs by `from_raw`."""

    def __init__(self, type: str, value: Any) -> None:  # noqa: A002 -- as above
        self.type = type
        self.value = value

    @staticmethod
    def text(text: str) -> MetadataValue:
        return MetadataValue("text", check_type(text, str, "MetadataValue.text", "a string"))

    @staticmethod
    def md(data: str) -> MetadataValue:
        return MetadataValue("markdown", check_type(data, str, "MetadataValue.md", "a string"))

    @staticmethod
    def url(url: str) -> MetadataValue:
        return MetadataValue("url", check_type(url, str, "MetadataValue.url", "a string"))

    @staticmethod
    def path(path: Any) -> MetadataValue:
        return MetadataValue("path", path)

    @staticmethod
    def notebook(path: Any) -> MetadataValue:
        return MetadataValue("notebook", path)

    @staticmethod
    def json(data: Any) -> MetadataValue:
        return MetadataValue("json", data)

    @staticmethod
    def python_artifact(python_artifact: Any) -> MetadataValue:
        return MetadataValue("python_artifact", python_artifact)

    @staticmethod
    def int(value: int) -> MetadataValue:
        return MetadataValue("int", value)

    @staticmethod
    def float(value: float) -> MetadataValue:
        return MetadataValue("float", value)

    @staticmethod
    def bool(value: bool) -> MetadataValue:
        return MetadataValue("bool", value)

    @staticmethod
    def null() -> MetadataValue:
        return MetadataValue("null", None)

    @staticmethod
    def timestamp(value: Any) -> MetadataValue:
        """A moment: a datetime, or seconds since 1970."""
        return MetadataValue("timestamp", value)

    @staticmethod
    def asset(asset_key: Any) -> MetadataValue:
        return MetadataValue("asset", read_key(asset_key, "MetadataValue.asset"))

    @staticmethod
    def job(job_name: str) -> MetadataValue:
        return MetadataValue("job", check_type(job_name, str, "MetadataValue.job", "a string"))

    @staticmethod
    def table(records: Sequence[TableRecord], schema: TableSchema | None = None) -> MetadataValue:
        rows = check_list(records, "MetadataValue.table: records")
        for row in rows:
            check_type(row, (TableRecord, dict), "MetadataValue.table: records", "a list of TableRecord")
        if schema is not None:
            check_type(schema, TableSchema, "MetadataValue.table: schema", "a TableSchema")
        data = [row.data if isinstance(row, TableRecord) else row for row in rows]
        return MetadataValue("table", {"records": data, "schema": schema})

    @staticmethod
    def table_schema(schema: TableSchema) -> MetadataValue:
        return MetadataValue("table_schema", check_type(schema, TableSchema, "MetadataValue.table_schema", "one"))

    @staticmethod
    def from_raw(value: Any) -> MetadataValue:
        """The value under the type that suits it; what has none is shown as the text of its `repr`."""
        if isinstance(value, MetadataValue):
            return value
        for kind, name in _RAW_TYPES:
            if isinstance(value, kind):
                return MetadataValue(name, value)
        if value is None:
            return MetadataValue("null", None)
        if hasattr(type(value), "isoformat"):
            return MetadataValue("timestamp", value)
        if hasattr(type(value), "__fspath__"):
            return MetadataValue("path", value)
        if get_fields(value) is not None:
            return MetadataValue("json", value)
        plain = to_plain(value)
        return MetadataValue("text", plain) if isinstance(plain, str) else MetadataValue.from_raw(plain)


_RAW_TYPES: tuple[tuple[Any, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "text"),
    ((dict, list, tuple, set, frozenset), "json"),
    (AssetKey, "asset"),
    (TableSchema, "table_schema"),
)


def describe_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`{name: {"type", "value"}}` as JSON."""
    return {clean_text(name): _describe(value) for name, value in metadata.items()}


def _describe(raw: Any) -> dict[str, Any]:
    try:
        value = MetadataValue.from_raw(raw)
    except Exception:  # noqa: BLE001 -- user classes may do anything when they are looked at
        return {"type": "text", "value": describe_object(raw)}
    return {"type": value.type, "value": to_plain(value.value)}
