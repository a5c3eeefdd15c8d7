"""The schema that editors use says the same as the reader."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
import yaml

from atoll_host.workspace.configuration.keys import BACKENDS, ENTRY_KEYS, LONGEST_TIMEOUT, MAIN_KEYS, WORKSPACE_KEYS

SCHEMA = json.loads(files("atoll_host.workspace").joinpath("schemas/workspace.schema.json").read_text("utf-8"))


def _options(form):
    return SCHEMA["$defs"][form]["oneOf"][1]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_and_reader_know_the_same_keys():
    assert set(SCHEMA["properties"]) == set(WORKSPACE_KEYS)
    assert set(SCHEMA["$defs"]["entry"]["properties"]) == set(ENTRY_KEYS)
    assert {form: set(_options(form)["properties"]) for form in ENTRY_KEYS} == {
        form: set(keys) for form, keys in ENTRY_KEYS.items()
    }
    assert {form: _options(form)["required"] for form in ENTRY_KEYS} == {
        form: [main] for form, main in MAIN_KEYS.items()
    }


def test_schema_and_reader_know_the_same_kinds_of_values():
    names = {
        "text": {"text", "name", "backend"},
        "path": {"text"},
        "paths": {"texts"},
        "texts": {"texts"},
        "number": {"seconds"},
        "size": {"size"},
        "validate": {"validate"},
    }
    for form, keys in ENTRY_KEYS.items():
        for key, kind in keys.items():
            reference = _options(form)["properties"][key]["$ref"].removeprefix("#/$defs/")
            assert reference in names[kind], (form, key)
    assert tuple(SCHEMA["$defs"]["backend"]["oneOf"][0]["enum"]) == BACKENDS
    assert SCHEMA["$defs"]["seconds"]["oneOf"][0]["maximum"] == LONGEST_TIMEOUT


def test_every_key_has_a_description():
    for form in ENTRY_KEYS:
        assert SCHEMA["$defs"][form]["description"]
        for key, value in _options(form)["properties"].items():
            assert value.get("description") or value["$ref"] == "#/$defs/backend", (form, key)


@pytest.mark.parametrize(
    "text",
    [
        "load_from:\n  - project: locations/*\n",
        "load_from: []\nenv_file: [a.env, {env: MORE}]\ntimeout: 3.5\nbackend: virtualenv\n",
        "load_from:\n  - python_file: {env: FILE}\n  - python_package: pkg\n",
        "load_from:\n  - python_module:\n      module_name: a.b\n      python: 3.9\n      tags: x\n      timeout: {env: T}\n",
        "load_from:\n  - project: {path: a, validate: {ignore: ATL4}}\nvalidate: {select: [ATL3], strict: true}\n",
        "load_from:\n  - project: {path: a, location_name: b-1, executable_path: .venv, module: x.y}\n",
    ],
)
def test_good_files_fit_the_schema(text):
    jsonschema.validate(yaml.safe_load(text), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "load_form: []\n",
        "load_from:\n  - project: a\n    python_file: b\n",
        "load_from:\n  - project: {location_name: a}\n",
        "load_from:\n  - python_file: {relative_path: a, location_name: a b}\n",
        "load_from: []\ntimeout: -1\n",
        "load_from: []\nbackend: pip\n",
        "load_from: []\nvalidate: {selekt: [ATL3]}\n",
    ],
)
def test_bad_files_do_not_fit_the_schema(text):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), SCHEMA)
