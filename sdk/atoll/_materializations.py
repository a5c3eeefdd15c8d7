"""That an asset was made or looked at, as user code tells it and as results give it back."""

from __future__ import annotations

from ._arguments import check_mapping, check_tags, check_text, refuse_unknown
from ._keys import read_key
from ._metadata import MetadataValue
from ._values import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping

    from ._keys import CoercibleToAssetKey
    from ._results import AssetCheckSeverity


class AssetMaterialization(Record):
    """That an asset was made. An op yields it, or records it with `context.log_event`."""

    @refuse_unknown
    def __init__(
        self,
        asset_key: CoercibleToAssetKey,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        what = type(self).__name__
        self.asset_key = read_key(asset_key, f"{what}: asset_key")
        self.description = check_text(description, f"{what}: description")
        given = check_mapping(metadata, f"{what}: metadata")
        self.metadata = {name: MetadataValue.from_raw(value) for name, value in given.items()}
        self.partition = check_text(partition, f"{what}: partition")
        self.tags = check_tags(tags, f"{what}: tags")


class AssetObservation(AssetMaterialization):
    """That an asset was looked at, with what was seen."""


class AssetCheckEvaluation(Record):
    """What a check found, as a result gives it back."""

    def __init__(  # noqa: PLR0917 -- made in one place
        self,
        asset_key: CoercibleToAssetKey,
        check_name: str,
        passed: bool,
        severity: AssetCheckSeverity,
        metadata: Mapping[str, MetadataValue],
        description: str | None,
        blocking: bool,
    ) -> None:
        self.asset_key = read_key(asset_key, "AssetCheckEvaluation: asset_key")
        self.check_name = check_name
        self.passed = passed
        self.severity = severity
        self.metadata = dict(metadata)
        self.description = description
        self.blocking = blocking
