"""Loading of modules that a test wrote, and recording of the calls that a sample makes."""

import importlib.util
import inspect
import sys
import textwrap

SAMPLE_NAME = "everything"


def import_file(path, name):
    """Import a file as a module of this name, leaving nothing behind in sys.modules."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


def load_module(folder, text, attribute=None, name="location"):
    """The snapshot of a module with this text, or the problems as a list where it does not load."""
    from atoll._errors import LoadError
    from atoll._loading import load

    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    try:
        return load(import_file(path, name), attribute)
    except LoadError as error:
        return error.problems


class Built:
    """A call of a public constructor: its name and the arguments it was given."""

    def __init__(self, name, arguments):
        self.name = name
        self.arguments = arguments

    def __repr__(self):
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})"


class Recorder:
    """Stands in for the names of `atoll` while a sample is imported, and keeps what each was called with.

    `calls` has (name, arguments, result); of a decorator, the result is what became of the function.
    """

    PLAIN = (
        "AssetsDefinition", "AssetChecksDefinition", "Config", "ConfigurableResource", "ConfigurableIOManager",
        "IOManager", "Nothing",
    )  # fmt: skip

    def __init__(self, sdk):
        self.calls = []
        self._sdk = sdk
        self._kept = []

    def wrap(self, name, function):
        signature = inspect.signature(function)

        def call(*positional, **named):
            arguments = dict(signature.bind(*positional, **named).arguments)
            result = function(*positional, **named)
            if inspect.isfunction(result) and not arguments.get("function"):
                return self._decorate(name, arguments, result)
            self._keep(name, arguments, result)
            return result

        return call

    def _decorate(self, name, arguments, decorator):
        def declare(function):
            result = decorator(function)
            self._keep(name, arguments, result)
            return result

        return declare

    def _keep(self, name, arguments, result):
        self._kept.append(result)  # so that no two objects share an id
        self.calls.append((name, arguments, result))

    def record(self, path, name):
        """Import a sample with every public name recorded."""
        sdk, originals = self._sdk, {}
        for public in sdk.__all__:
            value = getattr(sdk, public)
            originals[public] = value
            if public in self.PLAIN or public.endswith("Context"):
                continue
            if inspect.isclass(value) and hasattr(value, "_members"):
                continue
            if inspect.isfunction(value) or inspect.isclass(value) or public == "multiprocess_executor":
                setattr(sdk, public, self._stand_in(public, value))
        try:
            return import_file(path, name)
        finally:
            for public, value in originals.items():
                setattr(sdk, public, value)

    def _stand_in(self, name, value):
        recorder = self

        class StandIn:
            def __call__(self, *positional, **named):
                return recorder.wrap(name, value)(*positional, **named)

            def __getattr__(self, method):
                inner = getattr(value, method)
                return recorder.wrap(f"{name}.{method}", inner) if callable(inner) else inner

        return StandIn()

    def as_built(self):
        """By id of the object: how it was made."""
        return {id(result): Built(name, arguments) for name, arguments, result in self.calls}


def list_public_arguments(sdk):
    """Every (callable, argument) that a user can write, as text `callable.argument`."""
    found = []
    for name in sdk.__all__:
        value = getattr(sdk, name)
        if not callable(value) or (inspect.isclass(value) and hasattr(value, "_members")):
            continue
        found += [(name, parameter) for parameter in _get_parameters(value)]
        if inspect.isclass(value):
            for method, inner in vars(value).items():
                is_maker = isinstance(inner, (staticmethod, classmethod)) and not method.startswith("_")
                if is_maker or (name, method) in METHODS:
                    found += [(f"{name}.{method}", parameter) for parameter in _get_parameters(getattr(value, method))]
    return found


METHODS = {
    ("GraphDefinition", "to_job"), ("AssetSelection", "upstream"), ("AssetSelection", "downstream"),
    ("ExecutorDefinition", "configured"), ("Definitions", "map_asset_specs"), ("AssetSpec", "replace_attributes"),
    ("AssetSpec", "merge_attributes"),
}  # fmt: skip


def _get_parameters(function):
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind not in kinds and p.name not in ("self", "function")]
