"""A pydantic model in the place of `Config` or of a resource, version 1 and 2, where the location has pydantic."""

import json
import os
import subprocess
import sys

import pytest

LOCATION = """
import sys
import atoll
assert "pydantic" not in sys.modules
import pydantic

class Settings(pydantic.BaseModel):
    limit: int = 3
    label: str
    api_key: str = "unsafe"

class Client(pydantic.BaseModel):
    host: str
    password: str = "unsafe"

class Row(pydantic.BaseModel):
    n: int

@atoll.asset
def row() -> Row:
    return Row(n=1)

@atoll.asset
def total(context, row: Row, client: Client, config: Settings):
    return row.n + config.limit, client.host

defs = atoll.Definitions(
    assets=[row, total],
    jobs=[atoll.define_asset_job("j", config=atoll.RunConfig(ops={"total": Settings(label="x")}))],
    resources={"client": Client(host="h")},
)
"""

SCRIPT = """
import json, sys
sys.path[:0] = [{sdk!r}, {folder!r}]
import location, atoll
from atoll._loading import load
context = atoll.build_asset_context(resources={{"client": location.Client(host="c")}})
values = [
    location.total(context, location.Row(n=2), config={{"label": "a"}}),
    location.total(atoll.build_asset_context(), location.Row(n=2), location.Client(host="d"),
                   location.Settings(label="a", limit=5)),
]
print(json.dumps([values, load(location), location.pydantic.VERSION]))
"""


@pytest.fixture(scope="module", params=["pydantic<2", "pydantic>=2"], ids=["version-1", "version-2"])
def loaded(request, tmp_path_factory, samples):
    """The location's values and snapshot, with the real library of this version installed beside it."""
    folder = tmp_path_factory.mktemp("pydantic")
    (folder / "location.py").write_text(LOCATION)
    install = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder),
         request.param],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert install.returncode == 0, install.stderr
    code = SCRIPT.format(sdk=str(samples.parents[2] / "sdk"), folder=str(folder))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert run.returncode == 0, run.stderr
    values, snapshot, version = json.loads(run.stdout)
    assert version.startswith("1." if "<2" in request.param else "2.")
    return values, snapshot


def test_a_model_is_config_in_a_direct_call(loaded):
    assert loaded[0] == [[5, "c"], [7, "d"]]


def test_a_model_is_described_as_json_schema_without_secrets(loaded):
    computation = loaded[1]["computations"][1]
    schema = computation["config_schema"]
    assert schema["required"] == ["label"]
    assert schema["properties"]["limit"]["default"] == 3
    assert schema["properties"]["api_key"]["default"] == {"redacted": True}
    assert "unsafe" not in json.dumps(loaded[1])


def test_a_model_that_is_given_as_resource_is_one_and_another_is_an_upstream_value(loaded):
    computation = loaded[1]["computations"][1]
    assert [parameter["role"] for parameter in computation["parameters"]] == [
        "context", "upstream", "resource", "config",
    ]  # fmt: skip
    (resource,) = loaded[1]["resources"]
    assert resource["config"] == {"host": "h", "password": {"redacted": True}}
    assert resource["used_by"] == ["total"]


def test_a_model_in_run_config_becomes_plain_json(loaded):
    config = loaded[1]["jobs"][0]["config"]["ops"]["total"]["config"]
    assert config == {"limit": 3, "label": "x", "api_key": {"redacted": True}}


RUN = """
import json, os, sys
sys.path[:0] = [{sdk!r}, {folder!r}]
import location, atoll
good = atoll.RunConfig(ops={{"total": location.Settings(label="x", limit=4)}})
wrong = {{"ops": {{"total": {{"config": {{"limit": "many", "label": ["y"]}}}}}}}}
resources = {{"client": location.Client(host="h")}}
assets = [location.row, location.total]
values = [atoll.materialize(assets, good, resources=resources).asset_value("total")]
os.environ["ATOLL_CASE_LABEL"] = "from outside"
config = {{"total": {{"config": {{"label": {{"env": "ATOLL_CASE_LABEL"}}}}}}}}
changed = {{"ops": config, "resources": {{"client": {{"config": {{"host": "other"}}}}}}}}
values.append(atoll.materialize(assets, changed, resources=resources).asset_value("total"))
try:
    atoll.materialize(assets, wrong, resources=resources)
except atoll.InvalidConfigError as error:
    values.append(sorted(problem["path"] for problem in error.problems))
print(json.dumps(values))
"""


@pytest.mark.parametrize("version", ["pydantic<2", "pydantic>=2"])
def test_a_run_takes_models_as_config_and_resources(version, tmp_path, samples):
    (tmp_path / "location.py").write_text(LOCATION)
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, "--target"]
    subprocess.run([*command, str(tmp_path), version], check=True)
    code = RUN.format(sdk=str(samples.parents[2] / "sdk"), folder=str(tmp_path))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    paths = ["ops.total.config.label", "ops.total.config.limit"]
    assert json.loads(run.stdout) == [[5, "h"], [4, "other"], paths]
