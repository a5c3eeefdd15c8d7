"""The engine with real processes: locations are imported once, runs are carried out, and kills lose and double nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engine_process import read_clock
from real_locations import open_workspace
from run_workspaces import LEDGER, ledger, write_locations

from atoll_host.runs.automation.engine import Automation
from atoll_host.runs.automation.preview import preview
from atoll_host.runs.automation.times import Timetable
from atoll_host.runs.launching.launcher import LocalLauncher
from atoll_host.runs.storage.records import Origin
from tests_support import until

SENSORS = (
    LEDGER
    + """
from atoll import DefaultSensorStatus, Definitions, RunRequest, SkipReason, job, op, sensor, schedule

note("import")

@op
def work(): note("work")

@job
def nightly(): work()

def make(number):
    @sensor(name="s%d" % number, job=nightly, default_status=DefaultSensorStatus.RUNNING)
    def function(context):
        note("s%d" % number)
        context.log.info("looked")
        print("printed")
        context.update_cursor(str(int(context.cursor or 0) + 1))
        if number:
            return SkipReason("nothing")
        return RunRequest(run_key="once", tags={"a": "b"})
    return function

@schedule(cron_schedule="0 6 * * *", job=nightly, execution_timezone="Europe/Berlin")
def daily(context):
    return RunRequest(run_key=context.scheduled_execution_time.isoformat())

defs = Definitions(jobs=[nightly], sensors=[make(number) for number in range(10)], schedules=[daily])
"""
)


@pytest.fixture
def opened(tmp_path):
    folder = write_locations(tmp_path, {"main.py": SENSORS}, {"main.py": sys.executable})
    with open_workspace(folder.path) as found:
        (tmp_path / "ledger.jsonl").unlink()
        yield found


def read_ledger(path):
    return [json.loads(line) for line in (path / "ledger.jsonl").read_text().splitlines()]


def test_ten_sensors_import_their_location_once_and_evaluate_in_one_process(tmp_path, opened):
    launched = []
    with opened.instance.open_storage() as storage:
        engine = Automation(storage, opened.source, launched.append, opened.instance, opened.runner)
        engine.start()
        try:
            assert until(lambda: len(storage.ticks.latest()) == 10, seconds=120)
            assert until(lambda: all(tick.outcome != "started" for tick in storage.ticks.latest()))
        finally:
            engine.stop(60)
        lines = read_ledger(tmp_path)
        assert Counter(what for what, _, _ in lines) == {"import": 1, **{f"s{number}": 1 for number in range(10)}}
        assert len({pid for _, pid, _ in lines}) == 1
        (run,) = storage.runs.list().runs
        assert (run.job, run.location, run.run_key, run.tags) == ("nightly", "main", "once", {"a": "b"})
        states = {state.name: state.cursor for state in storage.sensors.list()}
        assert states == {f"s{number}": "1" for number in range(10)}
        ticks = {tick.name: tick for tick in storage.ticks.latest()}
        assert (ticks["s1"].outcome, ticks["s1"].reason) == ("skipped", "nothing")
        assert all(tick.cpu is not None for tick in ticks.values())
        assert {(tick.logs[0]["message"], tick.output) for tick in ticks.values()} == {("looked", "printed\n")}


def test_a_preview_tells_the_moment_the_log_and_the_output(opened):
    args = (None, opened.source, opened.instance, opened.runner)
    moment = 1_711_861_200.0  # 31 March 2024, 7:00 in Berlin, on the day on which the clock is changed
    found = preview(*args, "schedule", "main", "daily", at=moment)
    assert [request["run_key"] for request in found.requests] == ["2024-03-31T07:00:00+02:00"]
    found = preview(*args, "sensor", "main", "s1", cursor="7")
    assert (found.cursor, found.skip_reason, found.output) == ("8", "nothing", "printed\n")
    assert [record["message"] for record in found.logs] == ["looked"]


HANGING = (
    LEDGER
    + """
import os, signal, time
from atoll import DefaultSensorStatus, Definitions, SkipReason, job, op, sensor

note("import")

@op
def work(): pass

@job
def nightly(): work()

@sensor(job=nightly, default_status=DefaultSensorStatus.RUNNING)
def hangs(context):
    note("hangs")
    time.sleep(600)

@sensor(job=nightly, default_status=DefaultSensorStatus.RUNNING)
def killed(context):
    note("killed")
    os.kill(os.getpid(), signal.SIGKILL)

@sensor(job=nightly, default_status=DefaultSensorStatus.RUNNING)
def raises(context):
    note("raises")
    context.log.warning("about to")
    print("before")
    return {}["missing"]

@sensor(job=nightly, default_status=DefaultSensorStatus.RUNNING)
def fine(context):
    return SkipReason("fine")

defs = Definitions(jobs=[nightly], sensors=[hangs, killed, raises, fine])
"""
)


def test_functions_that_hang_kill_or_raise_are_failed_ticks_with_the_reason_and_the_others_go_on(tmp_path):
    write_locations(tmp_path, {"main.py": HANGING}, {"main.py": sys.executable})
    with open_workspace(tmp_path) as opened, opened.instance.open_storage() as storage:
        (tmp_path / "ledger.jsonl").unlink()
        engine = Automation(storage, opened.source, print, opened.instance, opened.runner, timeout=2.0)
        engine.start()
        try:
            assert until(lambda: len(storage.ticks.latest()) == 4, seconds=120)
            assert until(lambda: all(tick.outcome != "started" for tick in storage.ticks.latest()), seconds=120)
        finally:
            engine.stop(60)
        ticks = {tick.name: tick for tick in storage.ticks.latest()}
    assert {name: tick.outcome for name, tick in ticks.items()} == {
        "hangs": "failed",
        "killed": "failed",
        "raises": "failed",
        "fine": "skipped",
    }
    assert ticks["hangs"].problem["kind"] == "timeout"
    assert "SIGKILL" in ticks["killed"].reason
    assert "KeyError" in ticks["raises"].reason
    assert ticks["raises"].problem["line"]
    assert [record["message"] for record in ticks["raises"].logs] == ["about to"]
    assert (ticks["raises"].output, ticks["fine"].output) == ("before\n", "")
    # Each of the two that ended the process needed another one.
    assert Counter(what for what, _, _ in read_ledger(tmp_path)) == {"import": 3, "hangs": 1, "killed": 1, "raises": 1}


CHAIN = {
    "old.py": LEDGER
    + """
from atoll import DefaultSensorStatus, Definitions, RunRequest, asset, sensor

@asset
def orders():
    note("orders")
    return [1, 2]

@sensor(target=[orders], default_status=DefaultSensorStatus.RUNNING)
def arrival(context):
    return RunRequest(run_key="the first")

defs = Definitions(assets=[orders], sensors=[arrival])
""",
    "new.py": LEDGER
    + """
from atoll import (
    DefaultSensorStatus, Definitions, RunRequest, asset_sensor, job, op, run_failure_sensor, run_status_sensor, RunStatus,
)

@op
def work():
    note("work")
    raise ValueError("on purpose")

@job
def nightly(): work()

@asset_sensor("orders", job=nightly, default_status=DefaultSensorStatus.RUNNING)
def after(context, event):
    note("after " + event.run_id)
    return RunRequest(run_key=event.run_id)

@run_failure_sensor(default_status=DefaultSensorStatus.RUNNING)
def tell(context):
    note("failed " + str(context.job_name))

defs = Definitions(jobs=[nightly], sensors=[after, tell])
""",
}


def test_what_one_location_makes_another_hears_of_and_its_failure_is_told(tmp_path):
    write_locations(tmp_path, CHAIN, dict.fromkeys(CHAIN, sys.executable))
    with (
        open_workspace(tmp_path) as opened,
        opened.instance.open_storage() as storage,
        LocalLauncher(tmp_path, dict(os.environ)) as launcher,
    ):
        engine = Automation(storage, opened.source, launcher, opened.instance, opened.runner)
        engine.start()
        try:
            assert until(lambda: storage.ticks.list(Origin("sensor", "new", "tell"), outcomes=["skipped"]), seconds=240)
        finally:
            engine.stop(60)
        assert engine.trouble is None
        second, first = storage.runs.list().runs
    assert (first.status, first.selection, first.origin) == (
        "succeeded",
        'key:"orders"',
        Origin("sensor", "old", "arrival"),
    )
    assert (second.status, second.job, second.run_key) == ("failed", "nightly", first.id)
    notes = [what for what, _, _ in read_ledger(tmp_path)]
    assert notes == ["orders", f"after {first.id}", "work", "failed nightly"]


KILLED = (
    LEDGER
    + """
from atoll import (
    Config, DefaultScheduleStatus, DefaultSensorStatus, Definitions, RunRequest, TimeWindowPartitionsDefinition, asset, job,
    op, schedule, sensor,
)

FORMAT = "%Y-%m-%dT%H:%M"
moments = TimeWindowPartitionsDefinition(start="START", fmt=FORMAT, cron_schedule="*/2 * * * *")

@asset(partitions_def=moments)
def made(context):
    note("moment " + context.partition_key)
    return 1

@schedule(cron_schedule="*/2 * * * *", target=[made], default_status=DefaultScheduleStatus.RUNNING)
def often(context):
    return RunRequest(partition_key=context.scheduled_execution_time.strftime(FORMAT))

class Wanted(Config):
    key: str

@op
def work(config: Wanted): note("key " + config.key)

@job
def keyed(): work()

@sensor(job=keyed, default_status=DefaultSensorStatus.RUNNING, minimum_interval_seconds=120)
def twice(context):
    count = int(context.cursor or 0) + 1
    context.update_cursor(str(count))
    key = "%d" % (count // 2)
    return RunRequest(run_key=key, run_config={"ops": {"work": {"config": {"key": key}}}})

defs = Definitions(assets=[made], jobs=[keyed], schedules=[often], sensors=[twice])
"""
)
KILLS = 64
SPEED = 60.0


def start_engine(path, start):
    words = [sys.executable, Path(__file__).parents[2] / "support" / "engine_process.py", path, str(start), str(SPEED)]
    return subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def name_moment(moment):
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M")


def wait_until_ready(engine):
    """Wait for its one line, which may have been read before."""
    if not getattr(engine, "is_ready", False):
        engine.is_ready = engine.stdout.readline() == "ready\n"
        assert engine.is_ready


@pytest.mark.soak
def test_however_often_the_engine_is_killed_each_moment_and_each_run_key_is_one_run(tmp_path):
    start = time.time()
    text = KILLED.replace("START", name_moment(read_clock(start, SPEED) - 3600))
    folder = write_locations(tmp_path, {"main.py": text}, {"main.py": sys.executable})
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    engines = [start_engine(tmp_path, start)]
    with open_workspace(tmp_path) as opened, opened.instance.open_storage() as storage:
        try:
            for number in range(KILLS):
                # Now and then there are two.
                if number % 3 == 0 and len(engines) == 1:
                    engines.append(start_engine(tmp_path, start))
                if number % 4:
                    wait_until_ready(engines[-1])
                time.sleep(chance.uniform(0.0, 2.5))
                victim = engines.pop(chance.randrange(len(engines)))
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                victim.stdout.close()
                if not engines:
                    engines.append(start_engine(tmp_path, start))
            often, twice = Origin("schedule", "main", "often"), Origin("sensor", "main", "twice")
            last = read_clock(start, SPEED)
            assert until(lambda: (storage.schedules.get("main", "often").last_scheduled or 0) >= last, seconds=300), (
                seed
            )
            for engine in engines:
                wait_until_ready(engine)
                engine.terminate()
            for engine in engines:
                assert engine.wait(120) == 0
                engine.stdout.close()
            engines = []
            # Whoever starts next launches what was queued.
            engines.append(start_engine(tmp_path, start))
            # The sensor goes on: those of before are meant.
            wanted = [run.id for run in storage.runs.iterate()]
            assert until(lambda: all(storage.runs.get(run).is_final for run in wanted), seconds=600), seed
        finally:
            for engine in engines:
                engine.kill()
                engine.wait()
                engine.stdout.close()
        for run in storage.runs.iterate():
            if run.status == "queued":
                storage.runs.cancel(run.id)
        assert until(lambda: all(run.is_final for run in storage.runs.iterate()), seconds=300), seed
        runs = list(storage.runs.iterate())
        bad = [(run.status, run.reason) for run in runs if run.id in wanted and run.status != "succeeded"]
        assert bad == [], seed
        notes = Counter(ledger(folder))
        assert set(notes.values()) == {1}, seed
        ticks = storage.ticks.list(often, limit=10_000)
        moments = sorted(tick.scheduled for tick in ticks if tick.scheduled is not None and tick.scheduled <= last)
        timetable = Timetable.of({"cron": ["*/2 * * * *"]})
        assert moments == timetable.list_latest(last, since=moments[0] - 1, limit=10_000), seed
        assert {f"moment {name_moment(moment)}" for moment in moments} <= set(notes), seed
        keys = [run.run_key for run in runs if run.origin == twice and run.id in wanted]
        assert sorted(map(int, keys)) == list(range(len(keys))), seed
        assert {f"key {key}" for key in keys} <= set(notes), seed
        assert len(moments) > 20
        assert len(keys) > 10
