"""Whether what was recovered from the JSON is what the sample gave; defaults may have been left out there."""

import inspect

from recovered_values import variable
from recovery import RECOVER
from support_sdk import Built

import atoll
from atoll._plain import to_plain
from atoll._selection import AssetSelection, read_selection

HIDDEN = {"redacted": True}


class Comparison:
    """Compares recovered values (JSON, or `Built` for an object) with given ones (the sample's own objects)."""

    def __init__(self, built, named_resource):
        self._built = built
        self._named_resource = named_resource

    def compare(self, recovered, given):
        made = self._built.get(id(given))
        if isinstance(given, atoll.JobDefinition):
            return recovered == given.name
        if made is not None and made.name in RECOVER and isinstance(recovered, str):
            return recovered == (getattr(given, "name", None) or str(given.key)) or is_selection(recovered, given)
        if made is not None and isinstance(recovered, Built):
            return self._compare_built(recovered, made)
        if isinstance(given, AssetSelection):
            return recovered == given.write()
        return (
            self._compare_raw(recovered, given)
            if isinstance(recovered, Built)
            else self._compare_plain(recovered, given)
        )

    def _compare_built(self, recovered, made):
        if made.name in ("logger", "LoggerDefinition"):
            return recovered.arguments["description"] == made.arguments["description"]
        if made.name.startswith("EnvVar"):
            return recovered.name == "EnvVar" and recovered.arguments["name"] == made.arguments["name"]
        assert recovered.name == made.name.replace("io_manager", "resource"), (recovered, made)
        for name, value in made.arguments.items():
            found = recovered.arguments[name]
            assert self.compare(found, value), (recovered.name, name, found, value)
        return True

    def _compare_raw(self, recovered, given):
        """A recovered object against a plain value that stands for it."""
        if hasattr(given, "_atoll_values"):
            fields = given._atoll_values.items()
            return all(self._compare_field(recovered.arguments[name], value) for name, value in fields)
        if recovered.name in ("AssetDep", "AssetIn") and isinstance(given, str):
            return recovered.arguments.get("asset", recovered.arguments.get("key")) == given
        if recovered.name == "dict":
            return recovered.arguments["value"] == given
        return self.compare(recovered.arguments["raw"], given)

    def _compare_field(self, recovered, value):
        if recovered == HIDDEN:
            return value == "unsafe"
        if isinstance(recovered, dict) and "resource" in recovered:
            return value is self._named_resource
        if isinstance(recovered, dict) and hasattr(value, "_atoll_values") and "type" in recovered:
            fields = {name: variable(field) for name, field in recovered["config"].items()}
            return self._compare_plain(fields, value._atoll_values)
        return self.compare(recovered, value)

    def _compare_plain(self, recovered, given):
        if isinstance(given, dict):
            may_have_more = all(isinstance(value, Built) and value.name == "AssetIn" for value in recovered.values())
            assert set(given) <= set(recovered) if may_have_more else set(given) == set(recovered), (recovered, given)
            return all(self._compare_field(recovered[name], value) for name, value in given.items())
        if isinstance(given, (list, tuple)) and isinstance(recovered, list):
            return len(recovered) == len(given) and all(map(self.compare, recovered, given))
        if isinstance(given, (set, frozenset)):
            return recovered == sorted(given)
        if hasattr(given, "_atoll_values"):
            return self._compare_plain(recovered, given._atoll_values)
        return recovered in list_forms(given) or is_selection(recovered, given)


def list_forms(given):
    """The forms that a value may have in JSON."""
    forms = [to_plain(given)]
    if isinstance(given, str):
        forms += [given.split("/"), [given]]
    if isinstance(given, list):
        forms.append("/".join(map(str, given)))
    if hasattr(given, "_members"):
        forms.append(given.name)
    if inspect.isfunction(given) or inspect.isclass(given):
        forms.append(given.__name__)
    if isinstance(given, atoll.ExecutorDefinition):
        forms.append(f"{given.name}_executor")
    return forms


def is_selection(recovered, given):
    """Whether a recovered text is the selection that the given value stands for."""
    try:
        return recovered == read_selection(given, "").write()
    except ValueError:
        return False
