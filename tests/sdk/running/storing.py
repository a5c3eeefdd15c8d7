"""Values in IO managers: the user's own, memory, and files that are whole or not there."""

import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

from helping import failed, raises

import atoll


def _files(folder):
    return {"io_manager": atoll.FilesystemIOManager(base_dir=str(folder))}


def _list(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _store(folder, value, key="a"):
    a = atoll.asset(key=key)(lambda: value)
    return atoll.materialize([a], resources=_files(folder))


def _load(folder, annotation=None):
    def b(a):
        return a

    b.__annotations__ = {} if annotation is None else {"a": annotation}
    a = atoll.asset(name="a")(lambda: None)
    return atoll.materialize([a, atoll.asset(b)], selection=["b"], resources=_files(folder)).asset_value("b")


def values_come_back_equal_and_of_the_same_types(folder):
    values = [
        None, True, 0, 1.5, -0.0, "text \udcff", [], [1, [2.5, {"a": None}]], {"a": {"b": []}}, (1, 2), {1: "a"}, {1, 2},
        b"bytes", float("inf"), 10**5000, [(1, 2)], {"a": {"b": (1,)}}, 1 + 2j,
    ]  # fmt: skip
    for value in values:
        _store(folder, value)
        found = _load(folder)
        assert found == value
        assert type(found) is type(value)
        assert len([name for name in _list(folder) if name.startswith("a.")]) == 1


def json_types_are_json_and_the_rest_is_pickled(folder):
    made = _store(folder, {"a": [1]}).asset_materializations_for_node("a")[0]
    assert made.metadata["path"].value == str(folder / "a.json")
    assert json.loads((folder / "a.json").read_text()) == {"a": [1]}
    _store(folder, (1, 2))
    assert _list(folder) == ["a.pickle"]
    assert pickle.loads((folder / "a.pickle").read_bytes()) == (1, 2)


def other_pythons_read_pickles(folder):
    _store(folder, (1, {"a"}))
    assert (folder / "a.pickle").read_bytes()[:2] == b"\x80\x04"


def keys_partitions_runs_and_steps_have_files_of_their_own(folder):
    regions = atoll.StaticPartitionsDefinition(["b", "a/b", "..", "north west", "é", "x" * 300])
    a = atoll.asset(name="a", partitions_def=regions)(lambda context: context.partition_key)
    b = atoll.asset(key="a/b")(lambda: "plain")
    dots = atoll.asset(key="../..")(lambda: "dots")
    for key in regions.get_partition_keys():
        atoll.materialize([a], partition_key=key, resources=_files(folder))
    atoll.materialize([b, dots], resources=_files(folder))

    @atoll.op
    def step():
        return 1

    @atoll.job(resource_defs=_files(folder))
    def work():
        step()

    work.execute_in_process(run_id="r")
    found = _list(folder)
    long = [name for name in found if "~" in name]
    assert len(long) == 1
    assert all(len(part) < 220 for part in Path(long[0]).parts)
    assert sorted(set(found) - set(long)) == sorted(
        [
            ".%2E/.%2E.json", "a/b.json", "a/partition=%C3%A9.json", "a/partition=..json".replace("..json", ".%2E.json"),
            "a/partition=a%2Fb.json", "a/partition=b.json", "a/partition=north west.json", "run=r/step/result.json",
        ]
    )  # fmt: skip
    assert [path.name for path in folder.parent.glob("*.json")] == []
    for key in regions.get_partition_keys():
        c = atoll.asset(name="c", partitions_def=regions)(lambda a: a)
        result = atoll.materialize([a, c], selection=["c"], partition_key=key, resources=_files(folder))
        assert result.asset_value("c") == key


def a_value_that_can_not_be_stored_leaves_the_old_one(folder):
    _store(folder, 1)
    problem = failed([atoll.asset(name="a")(lambda: [lambda: 1])], resources=_files(folder))
    assert problem["message"].startswith("output 'result' could not be stored by 'io_manager': [<function ")
    assert "IO manager of your own" in problem["hint"]
    assert _list(folder) == ["a.json"]
    assert _load(folder) == 1


def a_failed_step_leaves_the_old_value(folder):
    _store(folder, 1)
    failed([atoll.asset(name="a")(lambda: 1 / 0)], resources=_files(folder))
    assert _load(folder) == 1


def a_value_that_is_not_stored_says_where_it_would_be(folder):
    with raises(atoll.ExecutionError, f"make it first; it would be at {folder / 'a'}.*"):
        _load(folder)


def a_pickle_that_can_not_be_read_says_so(folder):
    (folder / "a.pickle").write_bytes(b"\x80\x04cnowhere\nThing\n.")
    with raises(atoll.ExecutionError, "can't be read here: ModuleNotFoundError"):
        _load(folder)


def of_two_forms_that_a_kill_left_the_newer_counts(folder):
    _store(folder, 1)
    old = folder / "a.json"
    future = old.stat().st_mtime_ns + 10**12
    os.utime(str(old), ns=(future, future))
    kept = old.read_bytes()
    _store(folder, (2,))
    old.write_bytes(kept)
    os.utime(str(old), ns=(future, future))
    assert _load(folder) == (2,)


def a_folder_that_can_not_be_written_fails_the_step(folder):
    (folder / "file").write_text("x")
    problem = failed([atoll.asset(key="file/a")(lambda: 1)], resources=_files(folder))
    assert "could not be stored by 'io_manager'" in problem["message"]


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
import atoll

@atoll.asset
def a():
    return {"filling": "x" * 3_000_000, "number": number}

number = 0
manager = {"io_manager": atoll.FilesystemIOManager(base_dir=sys.argv[2])}
while True:
    number += 1
    atoll.materialize([a], resources=manager)
    print(number, flush=True)
"""


def a_writer_that_is_killed_leaves_a_whole_value(folder):
    sdk = str(Path(atoll.__file__).parents[1])
    last = 0
    for turn in range(8):
        command = [sys.executable, "-I", "-c", WRITER, sdk, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(1 + turn % 3):
                last = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        found = _load(folder)
        assert len(found["filling"]) == 3_000_000
        assert found["number"] >= last


# --- the user's own ---


class Table(atoll.ConfigurableIOManager):
    folder: str

    def handle_output(self, context, obj):
        CALLS.append(("store", context.asset_key, context.get_identifier(), context.metadata, context.step_key, obj))
        context.add_output_metadata({"rows": len(obj)})

    def load_input(self, context):
        upstream = context.upstream_output
        CALLS.append(("load", context.asset_key, context.name, context.metadata, upstream.asset_key, upstream.metadata))
        return "loaded"


CALLS = []


def an_own_io_manager_is_told_what_it_needs():
    CALLS.clear()

    @atoll.asset(io_manager_key="table", metadata={"schema": "s"})
    def a():
        return [1, 2]

    @atoll.asset(ins={"a": atoll.AssetIn(metadata={"columns": ["x"]})})
    def b(a):
        return a

    result = atoll.materialize([a, b], resources={"table": Table(folder="f")})
    key = atoll.AssetKey("a")
    assert [
        ("store", key, ["a"], {"schema": "s"}, "a", [1, 2]),
        ("load", key, "a", {"columns": ["x"]}, key, {"schema": "s"}),
    ] == CALLS
    assert result.asset_value("b") == "loaded"
    assert result.asset_materializations_for_node("a")[0].metadata["rows"].value == 2


def an_input_may_have_a_manager_of_its_own():
    class Frame(atoll.IOManager):
        def load_input(self, context):
            return f"frame of {context.asset_key}"

    a = atoll.asset(name="a")(lambda: 1)
    b = atoll.asset(name="b", ins={"a": atoll.AssetIn(input_manager_key="frame")})(lambda a: a)
    assert atoll.materialize([a, b], resources={"frame": Frame()}).asset_value("b") == "frame of a"


def contexts_tell_partitions():
    seen = []

    class Manager(atoll.IOManager):
        def handle_output(self, context, obj):
            seen.append((context.partition_key, context.has_asset_partitions, list(context.asset_partition_keys)))
            seen.append(context.asset_partitions_time_window.start.day)

        def load_input(self, context):
            seen.append((context.asset_partition_key, context.asset_partition_key_range.end))

    days = atoll.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")
    a = atoll.asset(name="a", partitions_def=days)(lambda: None)
    b = atoll.asset(name="b", partitions_def=days)(lambda a: None)
    atoll.materialize([a, b], partition_key="2024-01-03", resources={"io_manager": Manager()})
    assert seen[:3] == [("2024-01-03", True, ["2024-01-03"]), 3, ("2024-01-03", "2024-01-03")]


def functions_make_io_managers():
    @atoll.io_manager
    def memory():
        return atoll.InMemoryIOManager()

    a = atoll.asset(name="a")(lambda: 1)
    b = atoll.asset(name="b")(lambda a: a)
    assert atoll.materialize([a, b], resources={"io_manager": memory}).asset_value("b") == 1


def what_is_no_io_manager_is_said():
    problem = failed([atoll.asset(name="a")(lambda: 1)], resources={"io_manager": 5})
    assert problem["message"].endswith("'io_manager' is no IO manager: 5 has no handle_output")


def io_managers_can_be_tested_alone(folder):
    manager = atoll.FilesystemIOManager(base_dir=str(folder))
    output = atoll.build_output_context(asset_key="a/b", partition_key="p", metadata={"x": 1})
    manager.handle_output(output, [1])
    assert "path" in output.get_logged_metadata()
    assert manager.load_input(atoll.build_input_context(asset_key="a/b", partition_key="p")) == [1]
    assert manager.load_input(atoll.build_input_context(upstream_output=output, partition_key="p")) == [1]
    step = atoll.build_output_context(step_key="s", name="out", run_id="r")
    manager.handle_output(step, 2)
    assert manager.load_input(atoll.build_input_context(upstream_output=step)) == 2
    assert _list(folder) == ["a/b/partition=p.json", "run=r/s/out.json"]
