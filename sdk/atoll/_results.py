"""What a computation may return besides plain values."""

from __future__ import annotations

from ._arguments import (
    check_bool,
    check_choice,
    check_list,
    check_mapping,
    check_name,
    check_tags,
    check_text,
    check_type,
    refuse_unknown,
)
from ._keys import read_key
from ._values import Choice, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Generic, Mapping, Sequence, TypeVar

    from ._keys import CoercibleToAssetKey

    T = TypeVar("T")

    class _Generic(Record, Generic[T]):
        pass
else:
    T = "T"

    class _Generic(Record):
        def __class_getitem__(cls, _item: Any) -> Any:
            return cls


class Output(_Generic[T]):
    """A returned value with metadata; `output_name` says which of several outputs it is."""

    @refuse_unknown
    def __init__(
        self,
        value: T,
        output_name: str = "result",
        metadata: Mapping[str, Any] | None = None,
        data_version: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.value = value
        self.output_name = check_name(output_name, "Output: output_name")
        self.metadata = check_mapping(metadata, "Output: metadata")
        self.data_version = check_text(data_version, "Output: data_version")
        self.tags = check_tags(tags, "Output: tags")


class MaterializeResult(_Generic[T]):
    """That an asset was made, with what is to be recorded of it."""

    @refuse_unknown
    def __init__(
        self,
        *,
        asset_key: CoercibleToAssetKey | None = None,
        metadata: Mapping[str, Any] | None = None,
        check_results: Sequence[AssetCheckResult] | None = None,
        data_version: str | None = None,
        tags: Mapping[str, str] | None = None,
        value: T | None = None,
    ) -> None:
        self.asset_key = None if asset_key is None else read_key(asset_key, "MaterializeResult: asset_key")
        self.metadata = check_mapping(metadata, "MaterializeResult: metadata")
        self.check_results = check_list(check_results, "MaterializeResult: check_results")
        for result in self.check_results:
            check_type(result, AssetCheckResult, "MaterializeResult: check_results", "a list of AssetCheckResult")
        self.data_version = check_text(data_version, "MaterializeResult: data_version")
        self.tags = check_tags(tags, "MaterializeResult: tags")
        self.value = value


class AssetCheckSeverity(Choice):
    """How bad a failed check is: of a blocking one, ERROR stops what is downstream; WARN stops nothing."""

    WARN: ClassVar[AssetCheckSeverity]
    ERROR: ClassVar[AssetCheckSeverity]


AssetCheckSeverity._add_members("WARN", "ERROR")  # noqa: SLF001 -- ours


class AssetCheckResult(Record):
    """What a check found."""

    @refuse_unknown
    def __init__(
        self,
        *,
        passed: bool,
        asset_key: CoercibleToAssetKey | None = None,
        check_name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        severity: AssetCheckSeverity | None = None,
        description: str | None = None,
    ) -> None:
        self.passed = check_bool(passed, "AssetCheckResult: passed")
        self.asset_key = None if asset_key is None else read_key(asset_key, "AssetCheckResult: asset_key")
        self.check_name = check_text(check_name, "AssetCheckResult: check_name")
        self.metadata = check_mapping(metadata, "AssetCheckResult: metadata")
        chosen = AssetCheckSeverity.ERROR if severity is None else severity
        self.severity = check_choice(chosen, AssetCheckSeverity, "AssetCheckResult: severity")
        self.description = check_text(description, "AssetCheckResult: description")
