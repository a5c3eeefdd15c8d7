"""Find the locations that the changes since a revision can affect. Where nothing can be proven, a location counts.

A location is skipped only where all of this holds, so that it reports the same on both revisions:

- it is configured the same on both, and its environment is in step;
- it has the trace of a load, and what that load saw (`witness`) is as it was then;
- that load used nothing that leaves no trace: connections, commands, all variables at once;
- no changed path is one of those that it is made of (`reach`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from atoll_host.envs.errors import AtollError
from atoll_host.envs.loading.variables import location_variables
from atoll_host.workspace.changes.reach import Reaches
from atoll_host.workspace.changes.witness import describe_configuration, find_change
from atoll_host.workspace.graph.merging import merge
from atoll_host.workspace.loading import LoadReport
from atoll_host.workspace.snapshots import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from atoll_host.envs.environments.environments import Environments
    from atoll_host.envs.environments.spec import Environment
    from atoll_host.workspace.changes.git import Changes, Repository, Revision
    from atoll_host.workspace.location import Location, Workspace
    from atoll_host.workspace.snapshots import Snapshot

    OpenThere = Callable[[Path], Workspace]

_HARMLESS_COMMANDS = frozenset({"uname"})
"""Read no file of anybody's; the standard library's `platform` runs it."""
_UNPROVABLE = {
    "connections": "its load connects to {}, which may answer anything",
    "commands": "its load runs {}, which may read anything",
}
_STATES = frozenset({"current", "as_is"})


@dataclass
class Plan:
    """Which locations are to be loaded, and which need not be.

    Attributes:
        changes: what differs.
        affected: why each location of these is to be loaded, by name.
        skipped: why each location of these need not be, by name.
        known: the stored snapshots of those that are skipped, which are as a load would give them.
        stored: the stored snapshots of the affected ones, which may be of earlier loads.
        environments: what the skipped ones would be loaded with.
    """

    changes: Changes
    affected: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    known: dict[str, Snapshot] = field(default_factory=dict)
    stored: dict[str, Snapshot] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)

    def spread(self, workspace: Workspace, reports: Sequence[LoadReport] = ()) -> list[str]:
        """Move the locations that are downstream of affected ones to those, and give their names.

        Args:
            workspace: theirs.
            reports: of the affected ones that were loaded meanwhile; what they define now counts beside what they did.
        """
        now = {report.location.name: report.definitions for report in reports}
        moved: list[str] = []
        for earlier in ({name: snapshot.definitions for name, snapshot in self.stored.items()}, now):
            known = {name: snapshot.definitions for name, snapshot in self.known.items()}
            definitions = {one.name: known.get(one.name, earlier.get(one.name, {})) for one in workspace.locations}
            graph = merge(definitions)
            start = [
                node.id for node in graph.nodes.values() if {node.location, *node.declared_in} & set(self.affected)
            ]
            for node in graph.reach(start, "down"):
                for name in graph.nodes[node].known_in:
                    if name in self.skipped:
                        self._affect(name)
                        moved.append(name)
        return moved

    def _affect(self, name: str) -> None:
        self.affected[name] = "it is downstream of a location that is affected"
        del self.skipped[name]
        self.stored[name] = self.known.pop(name)

    def known_reports(self, workspace: Workspace) -> list[LoadReport]:
        """Give what a load of the skipped locations would report."""
        return [
            LoadReport(one, "loaded", self.known[one.name], one.problems, self.environments.get(one.name))
            for one in workspace.locations
            if one.name in self.known
        ]


def plan_changes(
    repository: Repository,
    revision: Revision,
    workspace: Workspace,
    environments: Environments,
    *,
    variables: Mapping[str, str],
    open_there: OpenThere,
) -> Plan:
    """Find out what a command that is asked for changes since a revision has to load.

    Args:
        repository: that the workspace is in.
        revision: since when.
        workspace: as it is now.
        environments: of the workspace.
        variables: the caller's.
        open_there: opens the workspace as it is in another folder with the repository's files.

    Raises:
        ToolFailedError: git fails.
    """
    changes = repository.changes(revision)
    plan = Plan(changes)
    reaches = Reaches(workspace, repository.top, variables)
    differing = _find_other_configurations(changes, reaches, workspace, open_there)
    for location in workspace.locations:
        snapshot = read_snapshot(environments.state, location.name)
        reason = differing.get(location.name) or _judge(
            location, snapshot, reaches, plan, environments=environments, variables=variables
        )
        if reason is None and snapshot is not None:
            plan.skipped[location.name] = f"nothing that it is made of changed since {revision.name}"
            plan.known[location.name] = snapshot
        else:
            plan.affected[location.name] = reason or ""
            if snapshot is not None:
                plan.stored[location.name] = snapshot
    plan.spread(workspace)
    return plan


def _judge(
    location: Location,
    snapshot: Snapshot | None,
    reaches: Reaches,
    plan: Plan,
    *,
    environments: Environments,
    variables: Mapping[str, str],
) -> str | None:
    """Say why a location has to be loaded; None where it need not be."""
    if location.problems:
        return "there is something wrong with its configuration"
    reach = reaches.of(location, {} if snapshot is None else snapshot.trace)
    touched = reach.find(plan.changes)
    if touched is not None:
        return touched
    if snapshot is None:
        return "it has never been loaded here"
    unprovable = _find_unprovable(snapshot)
    if unprovable is not None:
        return unprovable
    try:
        inspection = environments.inspect(location.environment)
        environment = inspection.environment
        if environment is None or inspection.state not in _STATES or inspection.problems:
            return "its environment is not in step"
        given = location_variables(
            variables,
            prefix=environment.prefix,
            executable=environment.executable,
            env_files=(*reaches.workspace.env_files, *location.env_files),
        )
    except AtollError as error:
        return str(error)
    plan.environments[location.name] = environment
    spared = [os.path.normpath(reaches.top / folder) for folder in reach.spared]
    return find_change(snapshot.trace, location, environment, given, spared=spared)


def _find_unprovable(snapshot: Snapshot) -> str | None:
    trace = snapshot.trace
    for name, words in _UNPROVABLE.items():
        seen = [item for item in trace.get(name, ("something",)) if str(item) not in _HARMLESS_COMMANDS]
        if seen:
            return words.format(", ".join(map(str, seen)))
    if "*" in trace.get("variables", ("*",)):
        return "its load reads all environment variables"
    return None


def _find_other_configurations(
    changes: Changes, reaches: Reaches, workspace: Workspace, open_there: OpenThere
) -> dict[str, str]:
    """Compare how locations are configured on both revisions, where a file that names locations changed."""
    if reaches.compared.isdisjoint(changes.statuses):
        return {}
    try:
        with changes.repository.checked_out(changes.revision.commit) as folder:
            earlier = open_there(folder)
            whole = _describe_workspace(earlier).replace(str(folder), str(changes.repository.top))
            known = {
                location.name: describe_configuration(location).replace(str(folder), str(changes.repository.top))
                for location in earlier.locations
                if not location.problems
            }
    except AtollError:
        why = f"the workspace cannot be read as it was at {changes.revision.name}"
        return dict.fromkeys((location.name for location in workspace.locations), why)
    if whole != _describe_workspace(workspace):
        why = f"what the workspace says of all locations is other than at {changes.revision.name}"
        return dict.fromkeys((location.name for location in workspace.locations), why)
    return {
        location.name: f"it is configured otherwise than at {changes.revision.name}"
        if location.name in known
        else f"it is not configured at {changes.revision.name}"
        for location in workspace.locations
        if known.get(location.name) != describe_configuration(location)
    }


def _describe_workspace(workspace: Workspace) -> str:
    return repr(replace(workspace, locations=()))
