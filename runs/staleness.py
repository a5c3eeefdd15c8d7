"""Whether what was made of an asset is still what would be made: told by what is remembered, nothing is executed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.runs.storage.asset_records import AssetEvent
    from atoll_host.workspace.graph.graph import AssetGraph, AssetNode

Word = Literal["never", "current", "stale"]
Kind = Literal["never", "upstream", "code"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an asset is not current.

    Attributes:
        kind: it was `never` made, an `upstream` asset was made later, or its `code` has another version.
        text: in words, without the key of the other asset.
        asset: id, in the graph, of the upstream asset.
        key: of that.
    """

    kind: Kind
    text: str
    asset: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Staleness:
    """How what was made of an asset stands.

    Attributes:
        word: `never` (made), `current`, or `stale`.
        reasons: why it is not current.
        compares_code: whether versions of the code could be compared: the code names one.
    """

    word: Word
    reasons: tuple[Reason, ...] = ()
    compares_code: bool = False


def judge(
    node: AssetNode, graph: AssetGraph, latest: Mapping[str, AssetEvent], code_version: str | None = None
) -> Staleness:
    """Tell how what was made of an asset stands.

    Its last materialisation is compared with the last one of each asset directly upstream, whatever the partitions,
    by the order in which they were remembered; and the version of its code with the one it was made by, where the code
    names one. What only the code itself shows is not seen.

    Args:
        node: the asset.
        graph: of the whole workspace.
        latest: the last materialisation of it and of what is upstream, by key; what was never made is left out.
        code_version: that its code names now; None where it names none.
    """
    own = latest.get(node.key)
    if own is None:
        return Staleness("never", (Reason("never", "it was never made"),), code_version is not None)
    reasons = []
    if code_version is not None and own.code_version != code_version:
        before = "none" if own.code_version is None else own.code_version
        reasons.append(Reason("code", f"its code has version {code_version}, and had {before} when it was made"))
    for edge in graph.upstream(node.id):
        other = graph.nodes[edge.upstream]
        made = latest.get(other.key)
        if other.key != node.key and made is not None and made.number > own.number:
            reasons.append(Reason("upstream", "was made later", other.id, other.key))
    return Staleness("stale" if reasons else "current", tuple(reasons), code_version is not None)
