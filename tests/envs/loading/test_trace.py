"""The load trace: what shaped a load."""

from __future__ import annotations

import socket
import threading


def test_a_trace_names_sources_files_folders_and_variables(each_python, loading):
    _, python = each_python
    loading.write("helper.py", "value = 1\n")
    loading.write("data/one.csv", "a\n")
    outcome = loading.text(
        "import os, atoll, helper\nopen('data/one.csv').read()\nos.listdir('data')\nos.environ.get('ISLAND')\n"
        "'LAGOON' in os.environ\nos.getenv('REEF', 'none')\ndefs = atoll.Definitions()\n",
        python=python,
    )
    trace = outcome.trace
    assert trace["sources"] == [str(loading.folder / "helper.py"), str(loading.folder / "module.py")]
    assert str(loading.folder / "data" / "one.csv") in trace["files"]
    assert str(loading.folder / "data") in trace["folders"]
    assert {"ISLAND", "LAGOON", "REEF"} <= set(trace["variables"])
    assert trace["search_path"][0] == str(loading.folder)


def test_a_trace_tells_folders_that_are_only_searched_for_modules_from_those_that_are_listed(each_python, loading):
    _, python = each_python
    for name in ("data/one.csv", "inner/__init__.py", "inner/more.py", "both/__init__.py"):
        loading.write(name, "")
    outcome = loading.text(
        "import os, atoll, pkgutil, inner.more, both\nos.listdir('data')\nlist(os.scandir('both'))\n"
        "list(pkgutil.iter_modules(inner.__path__))\ndefs = atoll.Definitions()\n",
        python=python,
    )
    here = str(loading.folder)
    assert {here, *(f"{here}/{name}" for name in ("data", "inner", "both"))} <= set(outcome.trace["folders"])
    searched = set(outcome.trace["searched"])
    assert {here, f"{here}/inner"} <= searched
    assert searched.isdisjoint({f"{here}/data", f"{here}/both"})


def test_a_source_is_traced_when_its_bytecode_is_valid(loading):
    loading.write("helper.py", "value = 1\n")
    text = "import atoll, helper\ndefs = atoll.Definitions()\n"
    loading.text(text)
    again = loading.text(text)
    assert str(loading.folder / "helper.py") in again.trace["sources"]


def test_a_trace_has_no_file_of_the_environment_and_none_of_ours(loading):
    outcome = loading.text("import json, decimal, atoll\ndefs = atoll.Definitions()\n")
    assert outcome.trace["files"] == []
    assert outcome.trace["sources"] == [str(loading.folder / "module.py")]
    assert all(folder.startswith(str(loading.folder)) for folder in outcome.trace["folders"])


def test_a_file_that_is_written_is_no_input(loading):
    outcome = loading.text("import atoll\nopen('out.txt', 'w').write('x')\ndefs = atoll.Definitions()\n")
    assert str(loading.folder / "out.txt") not in outcome.trace["files"]


def test_connections_and_commands_are_traced_without_their_arguments(loading):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        outcome = loading.text(
            f"import socket, subprocess, sys, atoll\nsocket.create_connection(('127.0.0.1', {port})).close()\n"
            "subprocess.run([sys.executable, '-c', 'password = 1'])\ndefs = atoll.Definitions()\n"
        )
    assert outcome.trace["connections"] == [f"127.0.0.1:{port}"]
    assert outcome.trace["commands"]
    assert "password" not in str(outcome.trace["commands"])


def test_reading_all_variables_is_traced_as_a_star(loading):
    outcome = loading.text("import os, atoll\ndict(os.environ)\ndefs = atoll.Definitions()\n")
    assert "*" in outcome.trace["variables"]


def test_variables_are_traced_by_name_and_never_by_value(loading):
    outcome = loading.text(
        "import os, atoll\nos.environ['SECRET']\ndefs = atoll.Definitions()\n", variables={"SECRET": "hunter2"}
    )
    assert "SECRET" in outcome.trace["variables"]
    assert "hunter2" not in str(outcome)


def test_environment_look_ups_are_as_they_were_after_a_load(loading):
    outcome = loading.text(
        "import os, atoll\nbefore = dict(os.environ)\nassert os.environ == before\nassert len(os.environ) == len(before)\n"
        "os.environ['NEW'] = '1'\nassert os.environ['NEW'] == '1'\ndel os.environ['NEW']\nassert 'NEW' not in os.environ\n"
        "try:\n    os.environ['NEW']\nexcept KeyError as error:\n    assert error.args == ('NEW',)\ndefs = atoll.Definitions()\n"
    )
    assert outcome.problems == ()


def test_times_are_measured_for_each_phase(loading):
    outcome = loading.text("import time, atoll\ntime.sleep(0.05)\ndefs = atoll.Definitions()\n")
    assert outcome.seconds["import"] >= 0.05
    assert outcome.seconds["total"] >= outcome.seconds["import"] + outcome.seconds["describe"]
