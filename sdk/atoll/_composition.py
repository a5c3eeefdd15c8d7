"""How the body of a graph becomes nodes and edges: calls of ops inside it are written down instead of made."""

from __future__ import annotations

from contextvars import ContextVar

from ._arguments import check_name, check_run_tags, show
from ._computations import check_retry_policy
from ._errors import DefinitionError
from ._execution import read_hooks
from ._sources import Source, find_caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping, Sequence

    from ._hooks import HookDefinition
    from ._policies import RetryPolicy


class Handle:
    """An output of a node (or, with `node` None, an input of the graph) while a graph's body runs."""

    def __init__(self, node: Node | None, output: str) -> None:
        self.node = node
        self.output = output

    def __iter__(self) -> Any:
        raise DefinitionError(f"{self!r} is one value of a run, which a graph's body can't look into")

    __bool__ = __len__ = __iter__

    def __repr__(self) -> str:
        return f"output '{self.output}' of '{self.node.name}'" if self.node else f"input '{self.output}'"


class Node:
    """An op or graph at its place in a graph. `inputs` maps an input's name to the handles that feed it."""

    def __init__(  # noqa: PLR0917 -- made in one place
        self,
        name: str,
        definition: Any,
        inputs: Mapping[str, list[Handle]],
        fans_in: set[str],
        tags: Mapping[str, str],
        retry_policy: RetryPolicy | None,
        source: Source,
        hooks: Sequence[HookDefinition] = (),
    ) -> None:
        self.name = name
        self.definition = definition
        self.inputs = dict(inputs)
        self.fans_in = fans_in
        self.tags = dict(tags)
        self.retry_policy = retry_policy
        self.source = source
        self.hooks = list(hooks)


class Composition:
    """The nodes written down so far."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.nodes: list[Node] = []

    def add(self, call: Invocable, positional: Sequence[Any], named: Mapping[str, Any]) -> Any:
        names = call.input_names
        if len(positional) > len(names):
            raise DefinitionError(f"{call.what} has {len(names)} inputs, and {len(positional)} are given")
        given = dict(zip(names, positional))
        for name, value in named.items():
            if name in given:
                raise DefinitionError(f"{call.what} is given its input {name!r} twice")
            if name not in names:
                raise DefinitionError(f"{call.what} has no input {name!r}", f"its inputs: {', '.join(names) or 'none'}")
            given[name] = value
        inputs = {name: _read_handles(value, f"{call.what}: input {name!r}") for name, value in given.items()}
        fans_in = {name for name, value in given.items() if not isinstance(value, Handle)}
        node = Node(
            self._choose_name(call),
            call.definition,
            inputs,
            fans_in,
            call.node_tags,
            call.node_retry,
            find_caller(),
            call.node_hooks,
        )
        self.nodes.append(node)
        handles = [Handle(node, output) for output in call.output_names]
        if not handles:
            return None
        return handles[0] if len(handles) == 1 else _make_outputs(call.output_names, handles)

    def _choose_name(self, call: Invocable) -> str:
        taken = {node.name for node in self.nodes}
        if call.node_name is not None:
            if call.node_name in taken:
                raise DefinitionError(f"{self.what} has two nodes named '{call.node_name}'")
            return call.node_name
        name, count = call.definition.name, 1
        while name in taken:
            count += 1
            name = f"{call.definition.name}_{count}"
        return str(name)


def _make_outputs(names: Sequence[str], handles: Sequence[Handle]) -> Any:
    from collections import namedtuple

    return namedtuple("Outputs", names)(*handles)  # noqa: PYI024 -- names are known at run time


def _read_handles(value: Any, what: str) -> list[Handle]:
    handles = value if isinstance(value, (list, tuple)) else [value]
    for handle in handles:
        if not isinstance(handle, Handle):
            hint = "a constant belongs in a default or in the job's config"
            raise DefinitionError(f"{what} must be the output of another op, not {show(handle)}", hint)
    return list(handles)


class Invocable:
    """What can be called inside a graph's body."""

    name: str
    node_name: str | None = None
    node_tags: Mapping[str, str] = {}
    node_retry: RetryPolicy | None = None
    node_hooks: Sequence[HookDefinition] = ()

    @property
    def definition(self) -> Any:
        return self

    @property
    def what(self) -> str:
        raise NotImplementedError

    @property
    def input_names(self) -> list[str]:
        raise NotImplementedError

    @property
    def output_names(self) -> list[str]:
        raise NotImplementedError

    def call(self, positional: Any, named: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def __call__(self, *positional: Any, **named: Any) -> Any:
        composition = get_composition()
        return self.call(positional, named) if composition is None else composition.add(self, positional, named)

    def alias(self, name: str) -> AdjustedInvocable:
        """The same under another name, for use in a graph more than once."""
        return AdjustedInvocable(self, node_name=check_name(name, f"{self.what}: alias"))

    def tag(self, tags: Mapping[str, str]) -> AdjustedInvocable:
        """The same with tags of its own at this place."""
        return AdjustedInvocable(self, node_tags=check_run_tags(tags, f"{self.what}: tag"))

    def with_retry_policy(self, retry_policy: RetryPolicy) -> AdjustedInvocable:
        """The same with a retry policy of its own at this place."""
        return AdjustedInvocable(self, node_retry=check_retry_policy(retry_policy, f"{self.what}: with_retry_policy"))

    def with_hooks(self, hook_defs: Iterable[HookDefinition]) -> AdjustedInvocable:
        """The same with hooks of its own at this place."""
        return AdjustedInvocable(self, node_hooks=read_hooks(hook_defs, f"{self.what}: with_hooks"))


class AdjustedInvocable(Invocable):
    """An op or graph with a name, tags, retry policy or hooks for one place in a graph."""

    def __init__(self, inner: Invocable, **changes: Any) -> None:
        self._inner = inner
        self.name = inner.name
        self.node_name = changes.get("node_name", inner.node_name)
        self.node_tags = changes.get("node_tags", inner.node_tags)
        self.node_retry = changes.get("node_retry", inner.node_retry)
        self.node_hooks = changes.get("node_hooks", inner.node_hooks)

    @property
    def definition(self) -> Any:
        return self._inner.definition

    @property
    def what(self) -> str:
        return self._inner.what

    @property
    def input_names(self) -> list[str]:
        return self._inner.input_names

    @property
    def output_names(self) -> list[str]:
        return self._inner.output_names

    def call(self, positional: Any, named: Mapping[str, Any]) -> Any:
        return self._inner.call(positional, named)


def get_composition() -> Composition | None:
    """The composition under way in this thread or task, if there is one."""
    return _CURRENT.get()


def compose(function: Callable[..., Any], what: str, input_names: Sequence[str]) -> tuple[Composition, Any]:
    """Run a graph's body; the nodes it made, and what it returned."""
    composition = Composition(what)
    token = _CURRENT.set(composition)
    try:
        returned = function(**{name: Handle(None, name) for name in input_names})
    finally:
        _CURRENT.reset(token)
    return composition, returned


_CURRENT: ContextVar[Composition | None] = ContextVar("atoll_composition", default=None)
