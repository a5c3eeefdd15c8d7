"""Jobs made of ops, jobs of assets, and plans that a host sends."""

import json

from helping import raises

import atoll


@atoll.op
def number():
    return 3


@atoll.op
def double(x: int) -> int:
    return x * 2


@atoll.op(out={"low": atoll.Out(is_required=False), "high": atoll.Out(is_required=False)})
def sort_out(x):
    yield atoll.Output(x, "low" if x < 5 else "high")


@atoll.op
def gather(items):
    return sorted(items)


def ops_feed_one_another():
    @atoll.job
    def work():
        double(double(number()))

    result = work.execute_in_process()
    assert result.output_for_node("double_2") == 12
    assert [event["step"] for event in result.get_step_success_events()] == ["number", "double", "double_2"]


def graphs_in_graphs_are_executed_step_by_step():
    @atoll.graph
    def twice(x):
        return double(double(x))

    @atoll.graph
    def four_times(x):
        return twice.alias("second")(twice(x))

    @atoll.job
    def work():
        gather([four_times(number()), number.alias("other")()])

    result = work.execute_in_process()
    assert result.output_for_node("gather") == [3, 48]
    assert result.output_for_node("four_times.second.double_2") == 48


def optional_outputs_choose_a_branch():
    @atoll.job
    def work():
        low, high = sort_out(number())
        gather([double.alias("small")(low), double.alias("large")(high)])

    result = work.execute_in_process()
    assert result.is_node_skipped("large")
    assert result.output_for_node("gather") == [6]


def a_list_of_nothing_but_skipped_values_is_skipped():
    @atoll.job
    def work():
        _, high = sort_out(number())
        gather([double(high)])

    result = work.execute_in_process()
    assert result.success
    assert result.is_node_skipped("gather")


def a_list_with_a_failed_value_is_skipped():
    @atoll.op
    def bad():
        raise ValueError("bad")

    @atoll.job
    def work():
        gather([number(), bad()])

    result = work.execute_in_process(raise_on_error=False)
    (event,) = result.get_step_skipped_events()
    assert event["reason"] == "step 'bad' failed"


def an_op_waits_for_what_carries_no_value():
    calls = []

    @atoll.op(ins={"start": atoll.In(atoll.Nothing)})
    def late():
        calls.append("late")

    @atoll.op
    def early():
        calls.append("early")

    @atoll.job
    def work():
        late(start=[early(), early.alias("again")()])

    work.execute_in_process()
    assert calls == ["early", "early", "late"]


def inputs_may_come_from_defaults_and_configuration():
    @atoll.op(ins={"a": atoll.In(default_value=1)})
    def add(a, b: int, c=100):
        return a + b + c

    @atoll.job(config={"ops": {"add": {"inputs": {"b": 10}}}})
    def work():
        add()

    assert work.execute_in_process().output_for_node("add") == 111
    config = {"ops": {"add": {"inputs": {"b": {"value": 20}, "a": 2}}}}
    assert work.execute_in_process(run_config=config).output_for_node("add") == 122
    with raises(atoll.InvalidConfigError, "nothing gives 'add' its input 'b'"):
        work.execute_in_process(run_config={})


def a_graph_is_executed_with_values_for_its_inputs():
    @atoll.graph
    def twice(x):
        return double(double(x))

    assert twice.execute_in_process(input_values={"x": 5}).output_for_node("double_2") == 20


def an_op_may_load_an_asset():
    memory = atoll.InMemoryIOManager()
    made = atoll.asset(name="made")(lambda: 7)
    atoll.materialize([made], resources={"io_manager": memory})

    @atoll.op(ins={"made": atoll.In(asset_key="made")})
    def load(made):
        return made

    @atoll.job(resource_defs={"io_manager": memory})
    def work():
        load()

    assert work.execute_in_process().output_for_node("load") == 7


def a_node_has_its_own_retries():
    calls = []

    @atoll.op
    def flaky():
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("not yet")

    @atoll.graph
    def part():
        flaky()

    @atoll.job
    def work():
        part.with_retry_policy(atoll.RetryPolicy(max_retries=2))()

    assert work.execute_in_process().retry_attempts_for_node("part.flaky") == 2


def a_job_of_assets_makes_its_selection_with_its_tags():
    a = atoll.asset(name="a")(lambda: 1)
    b = atoll.asset(name="b")(lambda a: a + 1)
    other = atoll.asset(name="other")(lambda: None)
    job = atoll.define_asset_job("j", selection='key:"b" or key:"a"', tags={"from": "job"})
    defs = atoll.Definitions(assets=[a, b, other], jobs=[job])
    result = defs.get_job_def("j").execute_in_process(tags={"more": "x"})
    assert result.asset_value("b") == 2
    assert result.events[0]["tags"] == {"from": "job", "more": "x"}
    assert result.events[0]["job"] == "j"
    assert [str(key) for key in defs.get_job_def("j").asset_keys] == ["a", "b"]
    assert len(defs.get_implicit_global_asset_job_def().execute_in_process().get_step_success_events()) == 3
    with raises(atoll.DefinitionError, "there is no job 'jj' (did you mean 'j'?)"):
        try:
            defs.get_job_def("jj")
        except atoll.DefinitionError as error:
            raise atoll.DefinitionError(f"{error} ({error.hint})") from None


def a_part_of_a_jobs_assets_can_be_made():
    memory = {"io_manager": atoll.InMemoryIOManager()}
    a = atoll.asset(name="a")(lambda: 1)
    b = atoll.asset(name="b")(lambda a: a + 1)
    job = atoll.Definitions(assets=[a, b], jobs=[atoll.define_asset_job("j")], resources=memory).get_job_def("j")
    job.execute_in_process(asset_selection=["a"])
    result = job.execute_in_process(asset_selection=[b])
    assert result.asset_value("b") == 2
    assert len(result.get_step_success_events()) == 1


def a_part_of_a_jobs_steps_loads_what_another_run_made(folder):
    @atoll.job(resource_defs={"io_manager": atoll.FilesystemIOManager(base_dir=str(folder))})
    def work():
        double(double(number()))

    first = work.execute_in_process(op_selection=["number", "double"])
    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    catalog = Catalog(atoll.Definitions(jobs=[work]))
    events = []
    plan = {"job": "work", "steps": ["double_2"], "values_from": {"double": first.run_id}}
    assert execute(catalog, json.loads(json.dumps(plan)), events.append)
    assert [event["step"] for event in events if event["type"] == "step_succeeded"] == ["double_2"]


def steps_that_another_process_executed_count_as_this_runs_own(folder):
    @atoll.job(resource_defs={"io_manager": atoll.FilesystemIOManager(base_dir=str(folder))})
    def work():
        double(double(number()))

    from atoll._catalog import Catalog
    from atoll._running._entry import execute

    catalog = Catalog(atoll.Definitions(jobs=[work]))
    made = {"state": "succeeded", "outputs": ["result"]}

    def carry_out(step, **earlier):
        events = []
        plan = {"run_id": "r", "job": "work", "steps": [step], "earlier": earlier}
        assert execute(catalog, json.loads(json.dumps(plan)), events.append)
        ends = ("step_succeeded", "step_skipped")
        return [(e["type"], e["step"], e.get("reason")) for e in events if e["type"] in ends]

    assert carry_out("number") == [("step_succeeded", "number", None)]
    assert carry_out("double", number=made) == [("step_succeeded", "double", None)]
    assert carry_out("double_2", number=made, double=made) == [("step_succeeded", "double_2", None)]
    failed, nothing = {"state": "failed", "outputs": []}, {"state": "succeeded"}
    assert carry_out("double", number=failed) == [("step_skipped", "double", "step 'number' failed")]
    assert carry_out("double", number=nothing) == [("step_skipped", "double", "step 'number' did not make 'result'")]


def a_plan_tells_how_its_steps_are_to_be_executed():
    from atoll._catalog import Catalog
    from atoll._running._entry import describe_plan

    a = atoll.asset(name="a")(lambda: 1)
    three = atoll.multiprocess_executor.configured({"max_concurrent": 3})
    jobs = [atoll.define_asset_job("own", executor_def=three), atoll.define_asset_job("other")]
    defs = atoll.Definitions(assets=[a], jobs=jobs, executor=atoll.multiprocess_executor)
    catalog = Catalog(defs)
    several = {"name": "multiprocess", "config": {}}
    assert describe_plan(catalog, {"job": "own"})["executor"] == {
        "name": "multiprocess",
        "config": {"max_concurrent": 3},
    }
    assert describe_plan(catalog, {"job": "other"})["executor"] == several
    assert describe_plan(catalog, {})["executor"] == several
    assert describe_plan(Catalog(atoll.Definitions(assets=[a])), {})["executor"] is None


def a_plan_is_shown_without_doing_anything():
    from atoll._catalog import Catalog
    from atoll._running._entry import describe_plan

    a = atoll.asset(name="a")(lambda: 1 / 0)
    b = atoll.asset(name="b")(lambda a, elsewhere: a)

    @atoll.asset_check(asset=a, blocking=True)
    def fine(): ...

    catalog = Catalog(atoll.Definitions(assets=[a, b], asset_checks=[fine], jobs=[]))
    shown = json.loads(json.dumps(describe_plan(catalog, {"run_id": "r"})))
    assert shown["run_id"] == "r"
    assert [(step["name"], step["kind"], step["after"], step["stored"]) for step in shown["steps"]] == [
        ("a", "asset", [], []), ("a__fine", "check", ["a"], []), ("b", "asset", ["a", "a__fine"], ["elsewhere"]),
    ]  # fmt: skip
    shown = describe_plan(catalog, {"assets": ["b"]})
    assert [(step["name"], step["stored"]) for step in shown["steps"]] == [("b", ["a", "elsewhere"])]


def a_plan_that_can_not_be_read_is_refused():
    from atoll._catalog import Catalog
    from atoll._running._entry import describe_plan

    a = atoll.asset(name="aa")(lambda: 1)
    catalog = Catalog(atoll.Definitions(assets=[a], jobs=[atoll.define_asset_job("j")]))
    for plan, said in (
        ({"asets": []}, "did you mean 'assets'?"),
        ({"tags": []}, "tags must be an object"),
        ({"checks": [1]}, "checks must be a list of [asset key, check name]"),
        ({"job": "k"}, "there is no job 'k'"),
        ({"assets": ["aaa"]}, "did you mean 'aa'?"),
        ({"checks": [["aa", "zzz"]]}, "there is no check 'aa:zzz'"),
        ({"steps": ["zzz"]}, "there is no step 'zzz'"),
        ({"earlier": {"aa": "done"}}, "earlier: aa must have a state and outputs, not 'done'"),
        ({"partition_keys": ["x"]}, "nothing that is made has partitions"),
    ):
        with raises(atoll.DefinitionError, said):
            describe_plan(catalog, plan)


def run_ids_are_given_or_made_up():
    import uuid

    @atoll.job
    def work():
        number()

    assert work.execute_in_process(run_id="mine").run_id == "mine"
    ids = {work.execute_in_process().run_id for _ in range(3)}
    assert len(ids) == 3
    assert {uuid.UUID(text).version for text in ids} == {4}
