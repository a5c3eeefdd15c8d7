"""Importing the SDK is cheap: counted by the modules it brings, not by the clock."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "inspect", "dataclasses", "typing", "enum", "re", "datetime", "json", "functools", "collections", "pathlib",
    "logging", "ast", "textwrap", "difflib", "pkgutil", "importlib.util", "decimal", "abc_", "copy", "contextlib",
    "pydantic", "zoneinfo", "asyncio", "threading", "subprocess", "tokenize", "dis", "string", "warnings_",
}  # fmt: skip

LIGHT = {
    "__future__", "contextvars", "_contextvars", "os", "stat", "_stat", "posixpath", "genericpath", "os.path",
    "_collections_abc", "abc", "_abc", "encodings.utf_8_sig",
}  # fmt: skip

LOCATION = """
from atoll import (
    AssetKey, AssetSelection, AssetSpec, Config, ConfigurableResource, DailyPartitionsDefinition, Definitions, EnvVar,
    MaterializeResult, MetadataValue, RetryPolicy, RunRequest, ScheduleDefinition, asset, asset_check, define_asset_job,
    job, multi_asset, op, sensor,
)
class Db(ConfigurableResource):
    host: str
class Cfg(Config):
    limit: int = 3
assets = []
for number in range(10):
    @asset(name=f"a{number}", deps=[f"a{number - 1}"] if number else [], metadata={"n": number},
           partitions_def=DailyPartitionsDefinition("2024-01-01"))
    def make(context, db: Db, config: Cfg): ...
    assets.append(make)
j = define_asset_job("j", 'key:"a1"+')
s = ScheduleDefinition(job=j, cron_schedule="0 6 * * *", execution_timezone="Europe/Berlin")
@sensor(job=j)
def watch(context): ...
defs = Definitions(assets=assets, jobs=[j], schedules=[s], sensors=[watch], resources={"db": Db(host=EnvVar("H"))})
"""

PROBE = """
import sys
sys.path.insert(0, {sdk!r})
before = set(sys.modules)
{code}
print(chr(10).join(sorted(set(sys.modules) - before)))
"""


def list_imported(python, sdk, code):
    run = subprocess.run(
        [python, "-I", "-S", "-c", PROBE.format(sdk=str(sdk), code=code)], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


@pytest.fixture
def sdk(samples):
    return samples.parents[2] / "sdk"


def test_importing_the_package_brings_only_itself(each_python, sdk):
    _, python = each_python
    assert list_imported(python, sdk, "import atoll") in (
        ["atoll", "atoll._version"], ["__future__", "atoll", "atoll._version"],
    )  # fmt: skip


def test_a_location_with_ten_assets_loads_without_a_heavy_import(each_python, sdk, tmp_path):
    _, python = each_python
    (tmp_path / "ten.py").write_text(LOCATION)
    code = f"sys.path.insert(0, {str(tmp_path)!r})\nimport ten\nfrom atoll._loading import load\nload(ten)"
    imported = list_imported(python, sdk, code)
    assert [name for name in imported if name in HEAVY] == []
    others = [name for name in imported if name.partition(".")[0] not in ("atoll", "ten")]
    assert set(others) <= LIGHT, others


def test_names_that_are_not_used_are_not_loaded(sdk):
    imported = list_imported(sys.executable, sdk, "from atoll import asset, Definitions")
    assert "atoll._selection" not in imported
    assert "atoll._sensors" not in imported


RUN = """
import atoll
@atoll.asset
def a():
    return 1
@atoll.asset
def b(a):
    return a
from atoll._catalog import Catalog
from atoll._running._entry import execute
assert execute(Catalog(atoll.Definitions(assets=[a, b])), {}, lambda event: None)
"""


def test_a_run_that_needs_nothing_more_imports_nothing_heavy(each_python, sdk):
    _, python = each_python
    imported = list_imported(python, sdk, RUN)
    assert [name for name in imported if name in HEAVY] == []
    others = {name for name in imported if name.partition(".")[0] != "atoll"}
    assert others <= LIGHT | {"heapq", "_heapq", "_thread", "time"}, others


def test_every_public_name_is_found_and_listed(each_python, sdk):
    _, python = each_python
    code = (
        f"import sys, json; sys.path.insert(0, {str(sdk)!r}); import atoll\n"
        "from atoll import *\n"
        "names = [name for name in atoll.__all__ if getattr(atoll, name) is not globals()[name]]\n"
        "print(json.dumps([names, sorted(set(atoll.__all__) - set(dir(atoll))), atoll.__version__, atoll._SDK_MARKER]))"
    )
    run = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [[], [], "0.1.0", "atoll-sdk"]
