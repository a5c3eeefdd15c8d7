"""Resources: set up before the first step, torn down after the last, in reverse, whatever happens."""

import contextlib
import os
import signal

from helping import LOG, Watched, kinds, raises, taken

import atoll


@atoll.asset
def used(one: Watched, two: Watched):
    LOG.append("use")


def _pair(**options):
    return {"one": Watched(name="one"), "two": Watched(name="two"), **options}


def tear_down_is_in_reverse():
    atoll.materialize([used], resources=_pair())
    assert taken() == ["up one", "up two", "use", "down two", "down one"]


def what_no_step_needs_is_not_set_up():
    @atoll.asset
    def other(): ...

    atoll.materialize([used, other], selection=["other"], resources=_pair())
    assert taken() == []


def a_failed_set_up_fails_the_run_and_tears_down_what_was_up():
    resources = _pair(two=Watched(name="two", fails_at="up"))
    result = atoll.materialize([used], resources=resources, raise_on_error=False)
    assert taken() == ["up one", "up two", "down one"]
    assert not result.success
    assert kinds(result) == ["run_started", "resource_ready", "resource_failed", "resource_closed", "run_failed"]
    problem = result.get_run_failure_event()["problems"][0]
    assert problem["message"] == "resource 'two' could not be set up: ValueError: two fails at up"
    assert problem["file"].endswith("helping.py")
    with raises(ValueError, "two fails at up"):
        atoll.materialize([used], resources=resources)
    taken()


def a_failed_tear_down_fails_the_run_and_stops_no_other():
    resources = _pair(two=Watched(name="two", fails_at="down"))
    result = atoll.materialize([used], resources=resources, raise_on_error=False)
    assert taken() == ["up one", "up two", "use", "down two", "down one"]
    assert not result.success
    assert result.is_node_success("used")
    (problem,) = result.get_run_failure_event()["problems"]
    assert problem["message"] == "resource 'two' could not be torn down: ValueError: two fails at down"
    with raises(ValueError, "two fails at down"):
        atoll.materialize([used], resources=resources)
    taken()


def a_failed_step_is_followed_by_the_tear_down():
    @atoll.asset
    def bad(one: Watched):
        raise KeyError("bad")

    with raises(KeyError, "bad"):
        atoll.materialize([bad], resources=_pair())
    assert taken() == ["up one", "down one"]


def an_exit_is_followed_by_the_tear_down():
    @atoll.asset
    def leaving(one: Watched):
        raise SystemExit(1)

    with raises(SystemExit):
        atoll.materialize([leaving], resources=_pair())
    assert taken() == ["up one", "down one"]


def an_interrupt_in_a_step_tears_down_and_cancels():
    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    @atoll.asset
    def interrupted(one: Watched):
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass

    @atoll.asset(deps=[interrupted])
    def never(): ...

    events = []
    catalog = Catalog(atoll.Definitions(assets=[interrupted, never], resources=_pair()))
    with raises(KeyboardInterrupt):
        execute(catalog, {}, events.append)
    assert taken() == ["up one", "down one"]
    assert [event["type"] for event in events][-3:] == ["step_canceled", "resource_closed", "run_canceled"]
    assert events[-1]["steps"] == ["never"]


def an_interrupt_in_a_tear_down_stops_no_other():
    class Interrupted(Watched):
        def teardown_after_execution(self, context):
            super().teardown_after_execution(context)
            raise KeyboardInterrupt

    with raises(KeyboardInterrupt):
        atoll.materialize([used], resources=_pair(two=Interrupted(name="two")))
    assert taken() == ["up one", "up two", "use", "down two", "down one"]


def an_interrupt_in_a_set_up_tears_down_what_was_up():
    class Interrupted(Watched):
        def setup_for_execution(self, context):
            raise KeyboardInterrupt

    with raises(KeyboardInterrupt):
        atoll.materialize([used], resources=_pair(two=Interrupted(name="two")))
    assert taken() == ["up one", "down one"]


class Outer(Watched):
    inner: Watched


def resources_that_are_held_are_set_up_first():
    inner = Watched(name="inner")

    @atoll.asset
    def a(outer: Outer, inner: Watched):
        assert outer.inner is inner

    atoll.materialize([a], resources={"outer": Outer(name="outer", inner=inner), "inner": inner})
    assert taken() == ["up inner", "up outer", "down outer", "down inner"]


class Yielding(atoll.ConfigurableResource):
    name: str

    @contextlib.contextmanager
    def yield_for_execution(self, context):
        LOG.append(f"open {context.run_id != ''}")
        try:
            yield f"connection to {self.name}"
        finally:
            LOG.append("close")


def a_resource_may_yield_another_object():
    @atoll.asset
    def a(db: atoll.ResourceParam[str]):
        return db

    result = atoll.materialize([a], resources={"db": Yielding(name="x")})
    assert result.asset_value("a") == "connection to x"
    assert taken() == ["open True", "close"]


class Holder(atoll.ConfigurableResource):
    db: atoll.ResourceDependency[Yielding]


def what_holds_a_resource_gets_what_it_yields():
    @atoll.asset
    def a(holder: Holder):
        return holder.db

    holder = Holder(db=Yielding(name="y"))
    assert atoll.materialize([a], resources={"holder": holder}).asset_value("a") == "connection to y"
    assert isinstance(holder.db, Yielding)
    taken()


def functions_make_resources_and_go_on_after_the_run():
    @atoll.resource
    def path():
        return "/data"

    @atoll.resource(required_resource_keys={"path"})
    def db(context):
        context.log.info("opening")
        yield f"db in {context.resources.path} with {context.resource_config}"
        LOG.append("closed")

    @atoll.asset(required_resource_keys={"db"})
    def a(context):
        return context.resources.db

    @atoll.asset
    def bad(db: atoll.ResourceParam[str]):
        raise ValueError("bad")

    config = {"resources": {"db": {"config": {"n": 1}}}}
    result = atoll.materialize([a], config, resources={"db": db, "path": path})
    assert result.asset_value("a") == "db in /data with {'n': 1}"
    assert result.get_events("log")[0]["message"] == "opening"
    assert taken() == ["closed"]
    with raises(ValueError, "bad"):
        atoll.materialize([bad], resources={"db": db, "path": path})
    assert taken() == ["closed"]
    assert next(db(atoll.build_init_resource_context({"n": 2}, {"path": "p"}))) == "db in p with {'n': 2}"


def a_function_that_yields_nothing_or_twice_is_told():
    @atoll.resource
    def never():
        if False:
            yield

    @atoll.resource
    def twice():
        yield 1
        yield 2

    a = atoll.asset(name="a", required_resource_keys={"r"})(lambda: None)
    with raises(RuntimeError, "yielded nothing"):
        atoll.materialize([a], resources={"r": never})
    with raises(RuntimeError, "yielded more than once"):
        atoll.materialize([a], resources={"r": twice})


def context_managers_are_entered_for_each_run():
    @contextlib.contextmanager
    def open_it(name):
        LOG.append(f"enter {name}")
        yield name
        LOG.append("leave")

    @atoll.asset
    def a(db: atoll.ResourceParam[str]):
        return db

    resources = {"db": open_it("x")}
    for _ in range(2):
        assert atoll.materialize([a], resources=resources).asset_value("a") == "x"
    assert taken() == ["enter x", "leave"] * 2


def plain_objects_are_given_as_they_are():
    class Lock:
        def __enter__(self):
            raise AssertionError("nobody asked for this")

        def __exit__(self, *_):
            raise AssertionError("nor this")

    lock = Lock()

    @atoll.asset
    def a(lock: atoll.ResourceParam[Lock], context_free=1):
        return lock

    @atoll.asset(required_resource_keys={"lock"})
    def b(context):
        return context.resources.lock

    result = atoll.materialize([b], resources={"lock": lock})
    assert result.asset_value("b") is lock


def resources_that_need_each_other_in_a_circle_are_told():
    @atoll.resource(required_resource_keys={"y"})
    def x(): ...

    @atoll.resource(required_resource_keys={"x"})
    def y(): ...

    a = atoll.asset(name="a", required_resource_keys={"x"})(lambda: None)
    with raises(RuntimeError, "need each other in a circle"):
        atoll.materialize([a], resources={"x": x, "y": y})


def io_managers_are_set_up_and_torn_down_too():
    class Manager(Watched, atoll.ConfigurableIOManager):
        def handle_output(self, context, obj):
            LOG.append(f"store {obj}")

    a = atoll.asset(name="a")(lambda: 5)
    atoll.materialize([a], resources={"io_manager": Manager(name="io")})
    assert taken() == ["up io", "store 5", "down io"]


def optional_resources_may_be_missing():
    from typing import Optional

    @atoll.asset
    def a(one: Optional[Watched] = None):  # noqa: UP045 -- as users of 3.8 write it
        return one

    assert atoll.materialize([a]).asset_value("a") is None


def every_missing_resource_is_named_before_anything_starts():
    @atoll.asset
    def third(three: Watched): ...

    with raises(atoll.InvalidConfigError) as caught:
        atoll.materialize([used, third], resources={"onn": Watched(name="x")})
    problems = caught[0].problems
    assert [problem["kind"] for problem in problems] == ["unmet_resource"] * 3
    assert problems[0]["message"] == "asset 'used' needs the resource 'one', which is not given"
    assert problems[0]["hint"] == "did you mean 'onn'?"
    assert taken() == []


def an_exit_in_a_set_up_or_tear_down_is_a_failure_like_any_other():
    class Leaving(Watched):
        at: str

        def setup_for_execution(self, context):
            super().setup_for_execution(context)
            if self.at == "up":
                raise SystemExit(1)

        def teardown_after_execution(self, context):
            super().teardown_after_execution(context)
            if self.at == "down":
                raise SystemExit(1)

    for at, happened in (
        ("up", ["up one", "up two", "down one"]),
        ("down", ["up one", "up two", "use", "down two", "down one"]),
    ):
        resources = _pair(two=Leaving(name="two", at=at))
        result = atoll.materialize([used], resources=resources, raise_on_error=False)
        assert taken() == happened
        assert result.get_run_failure_event()["problems"][0]["kind"] == "exited"


def functions_read_variables_of_their_configuration():
    @atoll.resource
    def db(context):
        return context.resource_config["password"]

    @atoll.asset(required_resource_keys={"db"})
    def a(context):
        context.log.info("with %s", context.resources.db)
        return context.op_config["label"]

    os.environ["ATOLL_CASE_PASSWORD"] = "hunter2!"
    config = {
        "resources": {"db": {"config": {"password": {"env": "ATOLL_CASE_PASSWORD"}}}},
        "ops": {"a": {"config": {"label": {"env": "ATOLL_CASE_PASSWORD"}}}},
    }
    try:
        result = atoll.materialize([a], config, resources={"db": db})
    finally:
        del os.environ["ATOLL_CASE_PASSWORD"]
    assert result.asset_value("a") == "hunter2!"
    assert result.get_events("log")[0]["message"] == "with ***"
    with raises(atoll.InvalidConfigError, "environment variable ATOLL_CASE_PASSWORD is not set"):
        atoll.materialize([a], config, resources={"db": db})


def what_functions_and_hooks_need_is_checked_when_a_location_is_loaded():
    @atoll.resource(required_resource_keys={"missing"})
    def db(): ...

    @atoll.success_hook(required_resource_keys={"bell"})
    def ring(context): ...

    @atoll.op
    def step(): ...

    @atoll.job(hooks=[ring])
    def work():
        step()

    with raises(atoll.DefinitionError) as caught:
        atoll.Definitions.validate_loadable(atoll.Definitions(jobs=[work], resources={"db": db}))
    assert "resource 'db' needs the resource 'missing', which is not given" in str(caught[0])
    assert "hook 'ring' of job 'work' needs the resource 'bell', which is not given" in str(caught[0])
