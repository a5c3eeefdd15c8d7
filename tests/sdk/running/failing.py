"""Steps that fail: what is retried, what goes on, what stops."""

from helping import failed, kinds, raises

import atoll


class Counter:
    def __init__(self, failures, error=ValueError):
        self.left = failures
        self.error = error
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.error("not yet")
        return self.calls


def _make(counter, policy=None, **options):
    @atoll.asset(retry_policy=policy, **options)
    def a():
        return counter()

    return a


def what_a_step_raises_is_raised_as_it_is():
    error = ValueError("mine")

    @atoll.asset
    def a():
        raise error

    with raises(ValueError, "mine") as caught:
        atoll.materialize([a])
    assert caught[0] is error


def a_failure_is_a_problem_with_place_frames_and_cause():
    @atoll.asset
    def a():
        try:
            {}["x"]
        except KeyError as error:
            raise ValueError("no x") from error

    problem = failed([a])
    assert problem["kind"] == "exception"
    assert problem["message"] == "ValueError: no x"
    assert problem["file"] == __file__
    assert problem["frames"][-1]["source"] == 'raise ValueError("no x") from error'
    assert problem["frames"][-1]["function"] == "a"
    assert [frame["file"] for frame in problem["frames"]] == [__file__]
    assert problem["line"] == problem["frames"][-1]["line"]
    assert problem["cause"]["message"] == "KeyError: 'x'"


def an_exception_that_cannot_be_shown_is_still_told():
    class Evil(Exception):  # noqa: N818 -- a name of its own
        def __str__(self):
            raise RuntimeError("no")

    @atoll.asset
    def a():
        raise Evil

    assert failed([a])["message"] == "Evil: its message cannot be shown"


def other_branches_go_on_where_errors_are_not_raised():
    @atoll.asset
    def bad():
        raise ValueError("bad")

    @atoll.asset
    def below(bad): ...

    @atoll.asset(deps=[below])
    def further(): ...

    @atoll.asset
    def other():
        return 1

    result = atoll.materialize([bad, below, further, other], raise_on_error=False)
    assert not result.success
    assert result.is_node_success("other")
    reasons = {event["step"]: event["reason"] for event in result.get_step_skipped_events()}
    assert reasons == {"below": "step 'bad' failed", "further": "step 'below' was skipped"}
    assert result.get_run_failure_event()["problems"][0]["message"] == "step 'bad' failed"
    assert kinds(result)[-1] == "run_failed"


def nothing_is_retried_without_a_policy():
    counter = Counter(1)
    assert failed([_make(counter)])
    assert counter.calls == 1


def a_step_is_tried_again_as_often_as_its_policy_says():
    counter = Counter(2)
    result = atoll.materialize([_make(counter, atoll.RetryPolicy(max_retries=2))])
    assert result.asset_value("a") == 3
    assert result.retry_attempts_for_node("a") == 2
    (first, _) = result.get_events("step_retry")
    assert first["problem"]["message"] == "ValueError: not yet"
    assert [event["attempt"] for event in result.get_events("step_started")] == [1, 2, 3]
    counter = Counter(3)
    assert failed([_make(counter, atoll.RetryPolicy(max_retries=2))])
    assert counter.calls == 3


def a_retry_can_be_asked_for():
    seen = []

    @atoll.asset
    def a(context):
        seen.append(context.retry_number)
        if len(seen) < 3:
            try:
                raise KeyError("why")  # noqa: TRY301 -- it has to come from here
            except KeyError as error:
                raise atoll.RetryRequested(max_retries=2, seconds_to_wait=0.001) from error
        return 1

    result = atoll.materialize([a])
    assert seen == [0, 1, 2]
    (event, _) = result.get_events("step_retry")
    assert event["problem"]["message"] == "KeyError: 'why'"
    assert event["delay"] == 0.001


def a_failure_may_forbid_retries_and_tell_metadata():
    calls = []

    @atoll.asset(retry_policy=atoll.RetryPolicy(max_retries=5))
    def a():
        calls.append(1)
        raise atoll.Failure("broken", metadata={"rows": 3}, allow_retries=False)

    problem = failed([a])
    assert len(calls) == 1
    assert problem["message"] == "Failure: broken"
    assert problem["metadata"] == {"rows": {"type": "int", "value": 3}}


def delays_grow_and_spread_as_the_policy_says():
    from atoll._running._retrying import compute_delay

    linear = atoll.RetryPolicy(3, delay=2, backoff=atoll.Backoff.LINEAR)
    doubling = atoll.RetryPolicy(3, delay=2, backoff=atoll.Backoff.EXPONENTIAL)
    full = atoll.RetryPolicy(3, delay=2, jitter=atoll.Jitter.FULL)
    around = atoll.RetryPolicy(3, delay=2, backoff=atoll.Backoff.LINEAR, jitter=atoll.Jitter.PLUS_MINUS)
    assert [compute_delay(linear, n) for n in range(3)] == [2, 4, 6]
    assert [compute_delay(doubling, n) for n in range(3)] == [2, 6, 14]
    assert compute_delay(atoll.RetryPolicy(3), 2) == 0
    assert all(0 <= compute_delay(full, 0) <= 2 for _ in range(100))
    assert all(2 <= compute_delay(around, 1) <= 6 for _ in range(100))


def a_jobs_policy_is_for_steps_that_have_none():
    counter = Counter(1)
    a = _make(counter)
    job = atoll.define_asset_job("j", op_retry_policy=atoll.RetryPolicy(max_retries=1))
    result = atoll.Definitions(assets=[a], jobs=[job]).get_job_def("j").execute_in_process()
    assert result.asset_value("a") == 2


def storing_that_fails_is_retried_too_and_says_what_it_was_doing():
    class Flaky(atoll.IOManager):
        calls = 0

        def handle_output(self, context, obj):
            type(self).calls += 1
            if self.calls == 1:
                raise OSError("disk full")

    a = _make(Counter(0), atoll.RetryPolicy(max_retries=1))
    result = atoll.materialize([a], resources={"io_manager": Flaky()})
    (event,) = result.get_events("step_retry")
    assert event["problem"]["message"] == "output 'result' could not be stored by 'io_manager': OSError: disk full"
    assert len(result.get_asset_materialization_events()) == 1


def loading_that_fails_says_what_it_was_doing():
    class Broken(atoll.InMemoryIOManager):
        def load_input(self, context):
            raise OSError("gone")

    b = atoll.asset(name="b")(lambda a: a)
    problem = failed([_make(Counter(0)), b], resources={"io_manager": Broken()})
    assert problem["message"] == "input 'a' could not be loaded: OSError: gone"


def an_exit_is_a_failure():
    @atoll.asset
    def a():
        raise SystemExit(3)

    problem = failed([a])
    assert problem["kind"] == "exited"
    assert problem["message"] == "sys.exit(3) was called"
    with raises(SystemExit):
        atoll.materialize([a])


def other_exceptions_that_end_programs_are_never_kept():
    class Stop(BaseException):
        pass

    @atoll.asset
    def a():
        raise Stop

    with raises(Stop):
        atoll.materialize([a], raise_on_error=False)


# --- checks ---


@atoll.asset
def checked():
    return 5


@atoll.asset
def downstream(checked):
    return checked


def _check(passed=True, severity=None, blocking=True, **options):
    @atoll.asset_check(asset=checked, blocking=blocking, name="fits", **options)
    def check(checked):
        return atoll.AssetCheckResult(passed=passed, severity=severity, description="why", metadata={"n": checked})

    return check


def a_blocking_check_that_fails_stops_what_is_downstream():
    result = atoll.materialize([checked, downstream, _check(passed=False)], raise_on_error=False)
    assert not result.success
    assert result.is_node_skipped("downstream")
    (event,) = result.get_step_failure_events()
    assert event["problem"]["kind"] == "check_failed"
    assert event["problem"]["message"] == "blocking check failed: 'fits' of 'checked' (why)"
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.passed, evaluation.blocking, evaluation.metadata["n"].value) == (False, True, 5)


def a_blocking_check_that_passes_comes_before_what_is_downstream():
    result = atoll.materialize([checked, downstream, _check()])
    assert [event["step"] for event in result.get_step_success_events()] == ["checked", "checked__fits", "downstream"]


def a_warning_and_a_check_that_does_not_block_stop_nothing():
    for check in (_check(passed=False, severity=atoll.AssetCheckSeverity.WARN), _check(passed=False, blocking=False)):
        result = atoll.materialize([checked, downstream, check])
        assert result.is_node_success("downstream")
        assert not result.get_asset_check_evaluations()[0].passed


def a_blocking_check_is_not_retried():
    calls = []

    @atoll.asset_check(asset=checked, blocking=True, retry_policy=atoll.RetryPolicy(max_retries=3))
    def check():
        calls.append(1)
        return atoll.AssetCheckResult(passed=False)

    failed([checked, check])
    assert len(calls) == 1


def a_check_must_return_a_result():
    @atoll.asset_check(asset=checked)
    def check():
        return True

    assert failed([checked, check])["message"].endswith("must return an AssetCheckResult, not True")


def an_asset_makes_its_own_checks():
    specs = [atoll.AssetCheckSpec("one", asset="own", blocking=True), atoll.AssetCheckSpec("two", asset="own")]

    def make(first):
        @atoll.asset(check_specs=specs)
        def own():
            yield atoll.Output(1)
            yield atoll.AssetCheckResult(check_name="one", passed=first)
            yield atoll.AssetCheckResult(check_name="two", passed=False)

        return own

    below = atoll.asset(name="below")(lambda own: own)
    assert atoll.materialize([make(True), below]).is_node_success("below")
    result = atoll.materialize([make(False), below], raise_on_error=False)
    assert [event["asset"] for event in result.get_asset_materialization_events()] == ["own"]
    assert result.is_node_skipped("below")


def a_check_that_was_promised_must_come():
    @atoll.asset(check_specs=[atoll.AssetCheckSpec("one", asset="own")])
    def own():
        return 1

    @atoll.asset(check_specs=[atoll.AssetCheckSpec("one", asset="own2")])
    def own2():
        return atoll.MaterializeResult(check_results=[atoll.AssetCheckResult(check_name="zzz", passed=True)])

    assert failed([own])["message"] == "asset 'own' gave no AssetCheckResult for its check 'one'"
    assert "'zzz' is not one of its checks" in failed([own2])["message"]


def checks_alone_look_at_what_is_stored():
    memory = {"io_manager": atoll.InMemoryIOManager()}
    atoll.materialize([checked], resources=memory)
    check = _check()
    result = atoll.materialize([checked, check], selection=atoll.AssetSelection.checks(check), resources=memory)
    assert result.get_asset_check_evaluations()[0].metadata["n"].value == 5
    assert result.get_asset_materialization_events() == []


# --- hooks ---


def hooks_are_called_after_success_and_failure():
    calls = []

    @atoll.success_hook
    def tell(context):
        calls.append(("success", context.step, context.op_output_values))

    @atoll.failure_hook(required_resource_keys={"alarm"})
    def alarm(context):
        calls.append((context.hook_name, context.step, str(context.op_exception), context.resources.alarm))

    @atoll.op
    def good():
        return 1

    @atoll.op
    def bad():
        raise ValueError("bad")

    @atoll.job(hooks={tell, alarm}, resource_defs={"alarm": "bell"})
    def both():
        good()
        bad()

    both.execute_in_process(raise_on_error=False)
    assert calls == [("success", "good", {"result": 1}), ("alarm", "bad", "bad", "bell")]


def a_hook_that_fails_is_reported_and_changes_nothing():
    @atoll.success_hook
    def broken(context):
        raise RuntimeError("hook")

    @atoll.op
    def good():
        return 1

    @atoll.job
    def one():
        good.with_hooks([broken])()
        good()

    result = one.execute_in_process()
    assert result.success
    (event,) = result.get_events("hook_failed")
    assert event["step"] == "good"
    assert event["problem"]["message"] == "hook 'broken' failed: RuntimeError: hook"
