"""What a run reports: plain JSON, numbered, without secrets; and what becomes of it where nobody listens."""

import json
import os
import signal
import threading

from helping import LOG, Watched, kinds, raises, taken

import atoll
from atoll._catalog import Catalog
from atoll._running._entry import execute
from atoll._running._interrupts import Interrupts


def _execute(plan=None, **definitions):
    events = []
    execute(Catalog(atoll.Definitions(**definitions)), plan or {}, events.append)
    return events


def events_are_json_and_numbered_without_gaps():
    @atoll.asset
    def a(context):
        context.log.info("hello")
        context.add_output_metadata({"when": object(), "nan": float("nan"), "bad \udcff": "\udcff"})
        return 1

    events = _execute({"run_id": "r", "tags": {"x": "y"}}, assets=[a])
    assert json.loads(json.dumps(events, allow_nan=False)) == events
    json.dumps(events, ensure_ascii=False).encode()
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert {event["run"] for event in events} == {"r"}
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
    assert [event["type"] for event in events] == [
        "run_started", "step_started", "log", "output", "materialization", "step_succeeded", "run_succeeded",
    ]  # fmt: skip
    assert events[0]["steps"][0]["name"] == "a"


def logs_have_level_place_and_exception():
    @atoll.asset
    def a(context):
        context.log.debug("low")
        context.log.warning("%s of %d", "part", 2)
        context.log.info("wrong %d", "arguments")
        try:
            raise ValueError("oops")  # noqa: TRY301 -- it has to come from here
        except ValueError:
            context.log.exception("caught")

    events = [event for event in _execute(assets=[a]) if event["type"] == "log"]
    assert [(event["level"], event["message"]) for event in events] == [
        ("debug", "low"), ("warning", "part of 2"), ("info", "wrong %d ('arguments',)"), ("error", "caught"),
    ]  # fmt: skip
    assert events[0]["file"] == __file__
    assert events[0]["step"] == "a"
    assert events[3]["problem"]["message"] == "ValueError: oops"


def logs_of_unit_tests_reach_the_usual_handlers():
    import logging

    messages = []
    handler = type("H", (logging.Handler,), {"emit": lambda _, record: messages.append(record.getMessage())})()
    logging.getLogger().addHandler(handler)
    try:

        @atoll.asset
        def a(context):
            context.log.info("hi")

        atoll.materialize([a])
        assert messages == ["hi"]
        _execute(assets=[a])
        assert messages == ["hi"]
    finally:
        logging.getLogger().removeHandler(handler)


def threads_may_log():
    @atoll.asset
    def a(context):
        threads = [threading.Thread(target=lambda: [context.log.info("x") for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    events = _execute(assets=[a])
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert sum(event["type"] == "log" for event in events) == 200


class Database(atoll.ConfigurableResource):
    password: str
    url: str = ""
    host: str = ""


def secrets_are_in_no_event():
    os.environ.update(
        ATOLL_CASE_PASSWORD="hunter2!", ATOLL_CASE_URL="postgres://me:s3cr3t@host/db", ATOLL_CASE_HOST="visible"
    )
    db = Database(
        password=atoll.EnvVar("ATOLL_CASE_PASSWORD"), url=atoll.EnvVar("ATOLL_CASE_URL"),
        host=atoll.EnvVar("ATOLL_CASE_HOST"),
    )  # fmt: skip
    try:

        @atoll.asset
        def a(context, db: Database):
            context.log.info("password=%s host=%s", db.password, db.host)
            context.add_output_metadata({"url": db.url, db.password: [db.password]})
            raise ValueError(f"can't connect to {db.url} with {db.password}")

        text = json.dumps(_execute(assets=[a], resources={"db": db}))
    finally:
        for name in ("PASSWORD", "URL", "HOST"):
            del os.environ[f"ATOLL_CASE_{name}"]
    assert "hunter2" not in text
    assert "s3cr3t" not in text
    assert "password=*** host=visible" in text
    assert "postgres://me:***@host/db" in text


def a_sink_that_fails_ends_the_run_and_all_is_torn_down():
    done = []

    @atoll.asset
    def a(one: Watched): ...

    @atoll.asset(deps=[a])
    def b():
        done.append("b")

    def sink(event):
        done.append(event["type"])
        if event["type"] == "step_succeeded":
            raise BrokenPipeError("gone")

    catalog = Catalog(atoll.Definitions(assets=[a, b], resources={"one": Watched(name="one")}))
    with raises(BrokenPipeError, "gone"):
        execute(catalog, {}, sink)
    assert taken() == ["up one", "down one"]
    assert done == ["run_started", "resource_ready", "step_started", "output", "materialization", "step_succeeded"]


def a_sink_that_fails_inside_user_code_is_not_mistaken_for_its_error():
    @atoll.asset
    def a(context):
        try:
            context.log.info("x")
        except Exception:  # noqa: BLE001 -- what users do
            LOG.append("swallowed")
        LOG.append("went on")

    def sink(event):
        if event["type"] == "log":
            raise BrokenPipeError("gone")

    with raises(BrokenPipeError):
        execute(Catalog(atoll.Definitions(assets=[a])), {}, sink)
    assert taken() == []


def an_interrupt_while_an_event_is_handed_over_waits_for_it():
    hold = Interrupts().install()
    events = []

    def sink(event):
        if event["type"] == "output":
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGTERM)
        events.append(event["type"])

    @atoll.asset
    def a(one: Watched): ...

    catalog = Catalog(atoll.Definitions(assets=[a], resources={"one": Watched(name="one")}))
    try:
        with raises(KeyboardInterrupt):
            execute(catalog, {}, sink, hold=hold)
    finally:
        hold.remove()
    assert taken() == ["up one", "down one"]
    assert events == [
        "run_started", "resource_ready", "step_started", "output", "step_canceled", "resource_closed", "run_canceled",
    ]  # fmt: skip


def a_run_that_can_not_begin_sends_no_event():
    @atoll.asset
    def a(one: Watched): ...

    events = []
    with raises(atoll.InvalidConfigError):
        execute(Catalog(atoll.Definitions(assets=[a])), {}, events.append)
    assert events == []


def a_run_tells_the_partitions_and_inputs_of_its_steps():
    @atoll.asset(partitions_def=atoll.StaticPartitionsDefinition(["x"]))
    def a(): ...

    b = atoll.asset(name="b", partitions_def=atoll.StaticPartitionsDefinition(["x"]))(lambda a: None)
    result = atoll.materialize([a, b], partition_key="x")
    assert result.events[0]["partitions"] == ["x"]
    (event,) = result.get_events("input")
    assert (event["input"], event["asset"], event["partitions"]) == ("a", "a", ["x"])
    assert event["source"] == {"step": "a", "output": "result"}
    assert kinds(result).count("materialization") == 2


def a_second_interrupt_does_not_stop_the_tear_down():
    hold = Interrupts().install()

    class Slow(Watched):
        def teardown_after_execution(self, context):
            os.kill(os.getpid(), signal.SIGINT)
            super().teardown_after_execution(context)

    @atoll.asset
    def a(one: Slow, two: Slow):
        os.kill(os.getpid(), signal.SIGTERM)

    resources = {"one": Slow(name="one"), "two": Slow(name="two")}
    try:
        with raises(KeyboardInterrupt):
            execute(Catalog(atoll.Definitions(assets=[a], resources=resources)), {}, lambda event: None, hold=hold)
    finally:
        hold.remove()
    assert taken() == ["up one", "up two", "down two", "down one"]


def threads_that_log_hold_no_interrupt_of_the_main_thread():
    hold = Interrupts().install()
    entered = threading.Event()

    def sink(event):
        if event["type"] == "log":
            entered.set()

    @atoll.asset
    def a(context):
        thread = threading.Thread(target=lambda: context.log.info("x"))
        thread.start()
        thread.join()
        os.kill(os.getpid(), signal.SIGTERM)

    try:
        with raises(KeyboardInterrupt):
            execute(Catalog(atoll.Definitions(assets=[a])), {}, sink, hold=hold)
    finally:
        hold.remove()
    assert entered.is_set()


def an_interrupt_while_a_retry_is_waited_for_cancels():
    hold = Interrupts().install()

    def sink(event):
        events.append(event["type"])
        if event["type"] == "step_retry":
            threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()

    @atoll.asset(retry_policy=atoll.RetryPolicy(max_retries=1, delay=60))
    def a():
        raise ValueError("a")

    events = []
    try:
        with raises(KeyboardInterrupt):
            execute(Catalog(atoll.Definitions(assets=[a])), {}, sink, hold=hold)
    finally:
        hold.remove()
    assert events[-3:] == ["step_retry", "step_canceled", "run_canceled"]
