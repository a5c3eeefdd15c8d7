"""The code of every kind of problem that `atoll validate` reports.

A code never changes its meaning, and its number is never given away again. The first digit is the group: 1
configuration, 2 environments, 3 loading, 4 definitions, 5 across locations. Each code has a page, `pages/ATLnnn.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atoll_host.envs.errors import Severity

GROUPS: Mapping[str, str] = {
    "1": "Configuration",
    "2": "Environments",
    "3": "Loading",
    "4": "Definitions",
    "5": "Across locations",
}
"""What the first digit of a code says."""


@dataclass(frozen=True, slots=True)
class Code:
    """The stable name of a kind of problem.

    Attributes:
        number: such as `ATL301`.
        kind: the kind of problem, such as `import_error`.
        title: what it says, in a few words.
        severity: what it is as a rule; the problem itself says what it is this time.
    """

    number: str
    kind: str
    title: str
    severity: Severity = "error"

    @property
    def group(self) -> str:
        """What it belongs to, such as `Loading`."""
        return GROUPS[self.number[3]]


_ALL = (
    # Configuration
    Code("ATL101", "configuration", "a configuration file says something that cannot be"),
    Code("ATL102", "no_workspace", "there is no workspace here"),
    # Environments
    Code("ATL201", "environment_missing", "the environment was never built"),
    Code("ATL202", "environment_stale", "the environment is older than what it is built from", "warning"),
    Code("ATL203", "environment", "the environment cannot be used"),
    Code("ATL204", "drifted", "packages of the environment were changed by hand", "warning"),
    Code("ATL205", "interpreter_gone", "the interpreter of the environment is gone"),
    Code("ATL206", "no_interpreter", "no Python on this machine fits"),
    Code("ATL207", "python_outside", "the environment's Python is outside requires-python"),
    Code("ATL208", "lock_missing", "there is no lock"),
    Code("ATL209", "lock_stale", "the lock is older than what it locks"),
    Code("ATL210", "unsatisfiable", "the requirements contradict one another"),
    Code("ATL211", "package_not_found", "there is no such package"),
    Code("ATL212", "network", "the package index could not be reached"),
    Code("ATL213", "index_refused", "the package index refuses access"),
    Code("ATL214", "hash_mismatch", "a download is not the file that was locked"),
    Code("ATL215", "build_failed", "a package could not be built"),
    Code("ATL216", "disk_full", "the disk is full"),
    Code("ATL217", "uv_version", "the project asks for another uv"),
    Code("ATL218", "not_editable", "edits of a dependency by path never arrive", "warning"),
    Code("ATL219", "venv_in_the_way", "a .venv that is not ours is in the way", "warning"),
    Code("ATL220", "no_link", "links cannot be made here", "warning"),
    Code("ATL221", "packages_conflict", "installed packages do not fit one another", "warning"),
    Code("ATL222", "installed_changed", "installed files of the environment were written to", "warning"),
    Code("ATL290", "tool", "the system refused something"),
    # Loading
    Code("ATL301", "import_error", "an import failed"),
    Code("ATL302", "syntax_error", "the source does not parse"),
    Code("ATL303", "exception", "the module raised an exception"),
    Code("ATL304", "exited", "the process ended during import"),
    Code("ATL305", "crashed", "the interpreter crashed"),
    Code("ATL306", "timeout", "loading took too long"),
    Code("ATL307", "no_definitions", "there are no Definitions"),
    Code("ATL308", "multiple_definitions", "there is more than one Definitions object"),
    Code("ATL309", "wrong_type", "the attribute is no Definitions object"),
    Code("ATL310", "foreign_sdk", "`import atoll` finds another package"),
    Code("ATL311", "python_too_old", "the Python is too old"),
    Code("ATL312", "not_started", "the interpreter could not be started"),
    Code("ATL313", "protocol", "the answer was lost"),
    Code("ATL314", "snapshot_not_kept", "the snapshot could not be kept", "warning"),
    Code("ATL315", "memory", "loading took too much memory"),
    Code("ATL316", "cpu", "loading took too much processor time"),
    Code("ATL317", "processes", "loading started too many processes"),
    Code("ATL390", "other", "the location reports something that this version does not know"),
    # Definitions
    Code("ATL401", "invalid_definition", "a definition is wrong"),
    Code("ATL402", "duplicate_name", "two definitions have one name"),
    Code("ATL403", "invalid_cron", "a cron expression means nothing"),
    Code("ATL404", "invalid_timezone", "there is no such time zone"),
    Code("ATL405", "empty_selection", "a selection selects nothing", "warning"),
    Code("ATL406", "not_handed_in", "a definition is never handed to Definitions", "warning"),
    Code("ATL407", "unmet_resource", "a resource that is needed is not given"),
    Code("ATL408", "partition_mapping", "a partition mapping can't work"),
    Code("ATL409", "doubtful_partitions", "partitions that depend on each other are hardly meant to", "warning"),
    Code("ATL410", "unset_variable", "an environment variable that is needed is not set", "warning"),
    Code("ATL411", "unknown_target", "what a job, a schedule or a sensor starts is not there"),
    Code("ATL412", "cycle", "assets of a location depend on each other in a circle"),
    # Across locations
    Code("ATL501", "duplicate_asset", "two locations make the same asset"),
    Code("ATL502", "unknown_upstream", "an upstream asset exists nowhere"),
    Code("ATL503", "cycle_across", "assets of several locations depend on each other in a circle"),
    Code("ATL504", "unknown_checked_asset", "a check is of an asset that nobody has"),
    Code("ATL505", "unknown_watched_asset", "a sensor watches an asset that nobody has"),
    Code("ATL506", "partitions_misfit", "partitions of assets in different locations do not fit"),
    Code(
        "ATL507",
        "partitions_differ",
        "partitions of assets in different locations are hardly meant to go together",
        "warning",
    ),
)

CODES: Mapping[str, Code] = {code.kind: code for code in _ALL}
"""The code of each kind of problem."""
NUMBERS: Mapping[str, Code] = {code.number: code for code in _ALL}
"""The same by number, such as `ATL301`."""


def code_of(kind: str) -> Code:
    """Give the code of a kind of problem; what a location's own SDK invents gets the code `other`."""
    return CODES.get(kind) or CODES["other"]
