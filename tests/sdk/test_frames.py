"""Data frames between Pythons and libraries: what one location stores, another loads, each with packages of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SDK = Path(__file__).resolve().parents[2] / "sdk"

# name: (Python, packages)
LOCATIONS = {
    "old": ("3.9", ["pandas==1.5.*", "numpy<2", "pyarrow<21"]),
    "new": ("3.13", ["pandas>=3", "pyarrow"]),
    "polars": ("3.13", ["polars"]),
    "arrow": ("3.13", ["pyarrow"]),
    "bare": ("3.9", ["pandas==1.5.*", "numpy<2"]),
}

HEAD = """
import sys, json, datetime
sys.path[:0] = sys.argv[1:3]
folder = sys.argv[3]
import atoll
manager = {"io_manager": atoll.FilesystemIOManager(base_dir=folder)}

def load(annotation=None):
    def below(frame):
        return frame
    if annotation is not None:
        below.__annotations__ = {"frame": annotation}
    frame = atoll.AssetSpec("frame")
    return atoll.materialize([frame, atoll.asset(below)], resources=manager).asset_value("below")

def store(make):
    atoll.materialize([atoll.asset(name="frame")(make)], resources=manager)
"""

STORE_PANDAS = """
import pandas as pd
def make():
    return pd.DataFrame({
        "whole": pd.array([1, 2, None], dtype="Int64"), "real": [1.5, float("nan"), -0.0], "text": ["a", "ü", None],
        "day": [datetime.date(2024, 1, n) for n in (1, 2, 3)],
        "time": pd.to_datetime(["2024-01-01", "2024-06-01", None]).tz_localize("Europe/Berlin"),
        "kind": pd.Categorical(["x", "y", "x"]), "flag": [True, False, True],
    }, index=pd.Index(["i", "j", "k"], name="place"))
store(make)
"""

SHOW_PANDAS = """
import pandas as pd
frame = load(pd.DataFrame) if {annotated} else load()
assert type(frame) is pd.DataFrame, type(frame)
rows = json.loads(frame.reset_index().to_json(orient="records", date_format="iso", date_unit="s"))
print(json.dumps([rows, str(frame.index.name), str(frame["time"].dtype)]))
"""

SHOW_POLARS = """
import polars as pl
frame = load(pl.DataFrame) if {annotated} else load()
assert type(frame) is pl.DataFrame
print(json.dumps([frame["whole"].to_list(), frame["text"].to_list(), frame["place"].to_list(), frame["flag"].to_list()]))
"""

WHOLE = [1, 2, None]
TEXT = ["a", "ü", None]
PLACES = ["i", "j", "k"]


@pytest.fixture(scope="module")
def run(python, tmp_path_factory):
    """Run a script in a location: what it printed as JSON, None where it printed nothing."""
    built = {}

    def build(name):
        version, packages = LOCATIONS[name]
        folder = tmp_path_factory.mktemp(name)
        command = ["uv", "pip", "install", "--quiet", "--python", python(version), "--target", str(folder), *packages]
        installed = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        assert installed.returncode == 0, installed.stderr
        return python(version), folder

    def execute(name, script, folder):
        if name not in built:
            built[name] = build(name)
        interpreter, packages = built[name]
        command = [interpreter, "-I", "-X", "utf8", "-c", HEAD + script, SDK, packages, folder]
        ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.strip() else None

    return execute


pytestmark = pytest.mark.soak


@pytest.mark.parametrize(("writer", "reader"), [("old", "new"), ("new", "old"), ("old", "old")])
def test_a_pandas_frame_arrives_equal_in_another_pandas(run, tmp_path, writer, reader):
    run(writer, STORE_PANDAS, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["frame.parquet"]
    own = run(writer, SHOW_PANDAS.format(annotated=False), tmp_path)
    found = run(reader, SHOW_PANDAS.format(annotated=True), tmp_path)
    assert found[0] == own[0]
    assert found[1] == own[1] == "place"
    assert "Europe/Berlin" in found[2]
    assert [row["whole"] for row in found[0]] == WHOLE
    assert [row["text"] for row in found[0]] == TEXT


@pytest.mark.parametrize("annotated", [True, False])
def test_a_pandas_frame_arrives_in_polars(run, tmp_path, annotated):
    run("old", STORE_PANDAS, tmp_path)
    found = run("polars", SHOW_POLARS.format(annotated=annotated), tmp_path)
    assert found == [WHOLE, TEXT, PLACES, [True, False, True]]


def test_a_polars_frame_arrives_in_pandas_and_in_arrow(run, tmp_path):
    run(
        "polars",
        "import polars as pl\nstore(lambda: pl.DataFrame({'n': [1, 2, None], 't': ['a', 'ü', None]}))",
        tmp_path,
    )
    script = "import pandas as pd\nframe = load(pd.DataFrame)\nprint(frame.to_json(orient='records'))"
    for reader in ("old", "new"):
        assert [row["t"] for row in run(reader, script, tmp_path)] == TEXT
    script = "import pyarrow as pa\ntable = load(pa.Table)\nprint(json.dumps(table.to_pydict()))"
    assert run("arrow", script, tmp_path) == {"n": WHOLE, "t": TEXT}
    assert run("arrow", "print(json.dumps(load().to_pydict()))", tmp_path) == {"n": WHOLE, "t": TEXT}


def test_a_table_of_arrow_stays_one_where_arrow_is(run, tmp_path):
    run("arrow", "import pyarrow as pa\nstore(lambda: pa.table({'n': [1]}, metadata={'own': 'kept'}))", tmp_path)
    script = "table = load()\nprint(json.dumps([type(table).__name__, str(table.schema.metadata)]))"
    assert run("new", script, tmp_path) == ["Table", "{b'own': b'kept'}"]
    assert run("polars", "print(json.dumps(type(load()).__module__.split('.')[0]))", tmp_path) == "polars"


def test_what_parquet_has_no_type_for_is_pickled(run, tmp_path):
    script = "import pandas as pd\nstore(lambda: pd.DataFrame({'x': [1, 'a', object]}))"
    run("new", script, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["frame.pickle"]
    assert run("new", "print(json.dumps(list(load()['x'][:2])))", tmp_path) == [1, "a"]


def test_columns_that_are_no_text_and_rows_without_a_name_come_back(run, tmp_path):
    script = "import pandas as pd\nstore(lambda: pd.DataFrame({1: [1], 2: [2]}, index=[7]))"
    run("new", script, tmp_path)
    shown = "frame = load()\nprint(json.dumps([frame.columns.tolist(), frame.index.tolist()]))"
    assert run("new", shown, tmp_path) == [[1, 2], [7]]


def test_without_a_library_for_parquet_a_frame_is_pickled_and_others_are_told(run, tmp_path):
    run("bare", STORE_PANDAS, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["frame.pickle"]
    assert run("bare", "print(len(load()))", tmp_path) == 3
    script = (
        "try:\n    load()\nexcept atoll.ExecutionError as error:\n    print(json.dumps([error.kind, error.message]))"
    )
    kind, message = run("polars", script, tmp_path)
    assert kind == "not_readable"
    assert "No module named 'pandas'" in message


def test_a_location_that_can_not_read_parquet_is_told_what_to_add(run, tmp_path):
    run("old", STORE_PANDAS, tmp_path)
    script = "try:\n    load()\nexcept atoll.ExecutionError as error:\n    print(json.dumps([error.kind, error.hint]))"
    assert run("bare", script, tmp_path) == ["not_readable", "add polars or pyarrow to the location"]
