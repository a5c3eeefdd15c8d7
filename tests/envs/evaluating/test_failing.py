"""What goes wrong in an evaluation is one clear problem at the user's own place, and the worker is used again."""

import os
import threading

import pytest
from ticking_modules import ASSETS

SENSORS = (
    ASSETS
    + """
days = DailyPartitionsDefinition("2024-01-01")

@asset(partitions_def=days)
def daily(): ...

other = define_asset_job("other", [orders])

def declare(name, give, **target):
    @sensor(name=name, **(target or dict(target=[orders])))
    def function(context):
        return give(context)
    return function

sensors = [
    declare("number", lambda context: 5),
    declare("list_of_numbers", lambda context: [RunRequest(), 5]),
    declare("dict", lambda context: {"ops": {}}),
    declare("requests_in_result", lambda context: SensorResult(["x"])),
    declare("both_of_them", lambda context: [RunRequest(), SkipReason("no")]),
    declare("unknown_job", lambda context: RunRequest(job_name="boht"), jobs=[both, other]),
    declare("wrong_job", lambda context: RunRequest(job_name="other"), job=both),
    declare("no_job", lambda context: RunRequest(), jobs=[both, other]),
    declare("unknown_asset", lambda context: RunRequest(asset_selection=["order"])),
    declare("wrong_asset", lambda context: RunRequest(asset_selection=["totals"])),
    declare("unknown_partition", lambda context: RunRequest(partition_key="2020-01-01"), target=[daily]),
    declare("no_partition", lambda context: RunRequest(), target=[daily]),
    declare("needless_partition", lambda context: RunRequest(partition_key="x")),
    declare("same_keys", lambda context: [RunRequest("a"), RunRequest("b"), RunRequest("a")]),
    declare("bad_config", lambda context: RunRequest(run_config=configure("many"))),
    declare("bad_section", lambda context: RunRequest(run_config={"op": {}})),
    declare("numeric_cursor", lambda context: context.update_cursor(5)),
]

@sensor
def no_target(context): return RunRequest()

@sensor(target=[orders])
async def waits(context): return RunRequest()

defs = Definitions(sensors=[*sensors, no_target, waits], **{**ASSETS, "assets": [orders, totals, daily], "jobs": [both, other]})
"""
)
CASES = {
    "number": ("invalid_result", "sensor 'number' returned 5, which is no run request"),
    "list_of_numbers": ("invalid_result", "gave, among others, 5, which is no run request"),
    "dict": ("invalid_result", "which is no run request"),
    "requests_in_result": ("invalid_result", "gave, among others, 'x'"),
    "both_of_them": ("invalid_result", "run requests and a SkipReason"),
    "unknown_job": ("unknown_target", "names job 'boht', which this location does not have"),
    "wrong_job": ("unknown_target", "names job 'other', which is none of its targets"),
    "no_job": ("invalid_result", "names none of its jobs"),
    "unknown_asset": ("unknown_target", "selects asset 'order', which this location does not have"),
    "wrong_asset": ("unknown_target", "selects asset 'totals', which is not among its targets"),
    "unknown_partition": ("unknown_partition", "names partition '2020-01-01'"),
    "no_partition": ("invalid_plan", "no partition is chosen"),
    "needless_partition": ("invalid_plan", "nothing that is made has partitions"),
    "same_keys": ("invalid_result", "two run requests of sensor 'same_keys' have the run key 'a'"),
    "bad_config": ("invalid_config", "ops.orders.config.rows: must be int, not 'many'"),
    "bad_section": ("exception", "unknown section 'op'"),
    "numeric_cursor": ("exception", "cursor must be a string"),
    "no_target": ("unknown_target", "asked for a run, and has no target"),
    "waits": ("invalid_result", "which is no run request"),
}


@pytest.mark.parametrize("version", ["3.8", "3.13"])
def test_what_makes_no_sense_is_one_clear_problem_and_the_worker_goes_on(locate, python, version, tmp_path):
    location = locate(SENSORS, python(version))
    for name, (kind, message) in CASES.items():
        _, problem = location.fail(name, cursor="kept")
        assert message in problem.message, name
        assert (problem.kind, problem.file) == (kind, str(tmp_path / "module.py")), name
    assert location.worker.is_usable


def test_exceptions_come_with_the_users_own_line_and_what_was_said_before(locate, tmp_path):
    location = locate(
        ASSETS
        + """
import json

def read(text): return json.loads(text)

@sensor(target=[orders])
def reads(context):
    print("about to read")
    context.log.warning("reading")
    return read("{")

@schedule("@daily", target=[orders])
def leaves(context): sys.exit(3)

@schedule("@daily", target=[orders], should_execute=lambda context: "yes")
def unsure(context): ...

@sensor(target=[orders])
def late(context):
    yield RunRequest("1")
    raise RuntimeError("after the first")

defs = Definitions(sensors=[reads, late], schedules=[leaves, unsure], **ASSETS)
"""
    )
    error, problem = location.fail("reads")
    lines = (tmp_path / "module.py").read_text().splitlines()
    assert problem.message.startswith("JSONDecodeError: ")
    assert "def read(text)" in lines[problem.line - 1]
    assert [frame.function for frame in problem.frames][:2] == ["reads", "read"]
    assert error.output == "about to read\n"
    assert [log["message"] for log in error.logs] == ["reading"]
    assert location.fail("leaves", kind="schedule")[1].message == "sys.exit(3) was called"
    assert location.fail("unsure", kind="schedule")[1].message == "should_execute of schedule 'unsure' gave 'yes'"
    assert location.fail("late")[1].message == "RuntimeError: after the first"
    assert location.fail("nobody")[1].kind == "unknown_target"
    assert location.worker.is_usable


def test_what_hangs_is_stopped_with_its_stack_and_its_worker_is_of_no_use_any_more(locate):
    location = locate(
        ASSETS
        + """
@sensor(target=[orders])
def hangs(context):
    print("waiting")
    time.sleep(1000)

defs = Definitions(sensors=[hangs], **ASSETS)
"""
    )
    error, problem = location.fail("hangs", timeout=1.0)
    assert problem.kind == "timeout"
    assert problem.message == "It took more than 1 s and was stopped, in hangs"
    assert [frame.function for frame in problem.frames][-1:] == ["hangs"]
    assert error.output == "waiting\n"
    assert not location.worker.is_usable
    location.fail("hangs")


@pytest.mark.parametrize(
    ("how", "kind"),
    [("os._exit(7)", "exited"), ("os.kill(os.getpid(), 11)", "crashed"), ("os.closerange(3, 9999)", "protocol")],
)
def test_a_process_that_ends_is_told_as_it_ended(locate, how, kind):
    location = locate(
        ASSETS
        + f"""
@sensor(target=[orders])
def ends(context): {how}

defs = Definitions(sensors=[ends], **ASSETS)
"""
    )
    _, problem = location.fail("ends")
    assert problem.kind == kind
    assert not location.worker.is_usable


def test_a_flood_of_output_is_cut_and_each_evaluation_has_its_own(locate):
    location = locate(
        ASSETS
        + """
@sensor(target=[orders])
def floods(context):
    print("first")
    for number in range(200000):
        print("x" * 50)
    for number in range(3000):
        context.log.info("%d", number)
    print("last")

@sensor(target=[orders])
def speaks(context):
    os.write(1, b"straight\\n")

defs = Definitions(sensors=[floods, speaks], **ASSETS)
print("while loading")
"""
    )
    found = location.sensor("floods")
    assert found.output.startswith("first\n")
    assert found.output.endswith("last\n")
    assert "bytes left out" in found.output
    assert len(found.output) < 100_000
    assert len(found.logs) == 1000
    assert location.sensor("speaks").output == "straight\n"


def test_processor_time_is_counted_for_each_evaluation(locate):
    location = locate(
        ASSETS
        + """
@sensor(target=[orders])
def works(context):
    end = time.process_time() + 0.2
    while time.process_time() < end: pass

@sensor(target=[orders])
def rests(context): time.sleep(0.2)

defs = Definitions(sensors=[works, rests], **ASSETS)
"""
    )
    assert location.sensor("works").cpu >= 0.2
    assert location.sensor("rests").cpu < 0.2


def test_a_worker_is_canceled_from_another_thread(locate, tmp_path):
    location = locate(
        ASSETS
        + """
@sensor(target=[orders])
def hangs(context):
    os.mkfifo("gate")
    open("gate").read()

defs = Definitions(sensors=[hangs], **ASSETS)
"""
    )

    def cancel():
        while not (tmp_path / "gate").exists():
            pass
        location.worker.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    _, problem = location.fail("hangs")
    thread.join()
    assert problem.kind == "canceled"
    assert not location.worker.is_usable
    location.worker.__exit__(None, None, None)
    with pytest.raises(ProcessLookupError):
        os.kill(location.loaded.pid, 0)
