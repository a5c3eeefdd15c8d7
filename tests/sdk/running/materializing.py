"""Assets made together: values, order, selections, results."""

import collections
import functools

from helping import kinds, raises

import atoll


@atoll.asset
def one():
    return 1


@atoll.asset
def two(one: int) -> int:
    return one + 1


@atoll.asset(deps=[two])
def told():
    return atoll.MaterializeResult(metadata={"rows": 3}, tags={"a": "b"}, data_version="7")


def values_pass_by_the_names_of_parameters():
    result = atoll.materialize([two, one])
    assert result.success
    assert result.asset_value("two") == 2
    assert result.output_for_node("one") == 1
    assert result.output_value() == 2


def steps_follow_their_dependencies_whatever_the_order_they_are_given_in():
    result = atoll.materialize([told, two, one])
    started = [event["step"] for event in result.get_events("step_started")]
    assert started == ["one", "two", "told"]
    assert kinds(result)[0] == "run_started"
    assert kinds(result)[-1] == "run_succeeded"


def assets_that_do_not_depend_on_each_other_keep_the_order_they_are_given_in():
    assets = [atoll.asset(name=name)(lambda: None) for name in ("c", "a", "b")]
    result = atoll.materialize(assets)
    assert [event["step"] for event in result.get_step_success_events()] == ["c", "a", "b"]


def metadata_tags_and_versions_are_in_the_materialization():
    result = atoll.materialize([one, two, told])
    (event,) = [event for event in result.get_asset_materialization_events() if event.step_key == "told"]
    assert event.asset_key == atoll.AssetKey("told")
    assert event["tags"] == {"a": "b"}
    assert event["data_version"] == "7"
    (made,) = result.asset_materializations_for_node("told")
    assert made.metadata["rows"].value == 3
    assert made.tags == {"a": "b"}


def metadata_from_the_context_and_from_the_output_come_together():
    @atoll.asset
    def a(context):
        context.add_output_metadata({"x": 1})
        return atoll.Output(5, metadata={"y": 2})

    (made,) = atoll.materialize([a]).asset_materializations_for_node("a")
    assert {name: value.value for name, value in made.metadata.items()} == {"x": 1, "y": 2}


def a_part_of_the_assets_loads_the_values_of_the_others():
    manager = atoll.InMemoryIOManager()
    atoll.materialize([one, two], selection=["one"], resources={"io_manager": manager})
    result = atoll.materialize([one, two], selection='key:"two"', resources={"io_manager": manager})
    assert result.asset_value(two) == 2
    assert [event["step"] for event in result.get_step_success_events()] == ["two"]


def a_value_that_is_nowhere_is_said_with_what_to_do():
    with raises(atoll.ExecutionError, "no value of asset 'one' is stored"):
        atoll.materialize([one, two], selection=[two])
    with raises(atoll.ExecutionError, "resources={'io_manager': …}"):
        atoll.materialize([two])


def a_selection_of_nothing_is_refused():
    with raises(atoll.DefinitionError, "selects nothing"):
        atoll.materialize([one], selection="group:nothing")
    with raises(atoll.InvalidConfigError, "nothing is selected"):
        atoll.materialize([])


def an_external_asset_is_loaded_by_the_io_manager():
    class Source(atoll.IOManager):
        def load_input(self, context):
            return [str(context.asset_key), context.metadata, context.upstream_output.metadata]

        def handle_output(self, context, obj):
            pass

    raw = atoll.AssetSpec("lake/raw", metadata={"table": "t"})

    @atoll.asset(ins={"raw": atoll.AssetIn("lake/raw", metadata={"columns": 3})})
    def clean(raw):
        return raw

    result = atoll.materialize([raw, clean], resources={"io_manager": Source()})
    assert result.asset_value("clean") == ["lake/raw", {"columns": 3}, {"table": "t"}]


def a_parameter_finds_the_asset_beside_it():
    @atoll.asset(key_prefix="shop")
    def orders():
        return 3

    @atoll.asset(key_prefix="shop")
    def total(orders):
        return orders * 2

    assert atoll.materialize([orders, total]).asset_value("shop/total") == 6


@atoll.multi_asset(outs={"left": atoll.AssetOut(), "right": atoll.AssetOut(is_required=False)}, can_subset=True)
def pair(context):
    for name in context.selected_output_names:
        yield atoll.Output(name.upper(), output_name=name)


def a_function_makes_several_assets_or_a_part_of_them():
    result = atoll.materialize([pair])
    assert (result.asset_value("left"), result.asset_value("right")) == ("LEFT", "RIGHT")
    result = atoll.materialize([pair], selection=["right"])
    assert [str(event.asset_key) for event in result.get_asset_materialization_events()] == ["right"]


def a_function_that_makes_no_part_is_not_asked_for_one():
    @atoll.multi_asset(outs={"a": atoll.AssetOut(), "b": atoll.AssetOut()})
    def both():
        return 1, 2

    assert atoll.materialize([both]).asset_value("b") == 2
    with raises(atoll.InvalidConfigError, "'a' is selected without 'b', and multi_asset 'both' makes both"):
        atoll.materialize([both], selection=["a"])


def assets_of_specs_are_made_without_values():
    @atoll.multi_asset(specs=[atoll.AssetSpec("a/x"), atoll.AssetSpec("y", deps=["a/x"])])
    def specs(context):
        context.add_asset_metadata({"n": 1}, "a/x")

    result = atoll.materialize([specs])
    events = result.get_asset_materialization_events()
    assert [str(event.asset_key) for event in events] == ["a/x", "y"]
    assert events[0].metadata["n"].value == 1


def a_multi_asset_around_another_asset_is_executed_in_parts():
    @atoll.multi_asset(specs=[atoll.AssetSpec("first"), atoll.AssetSpec("third", deps=["second"])], can_subset=True)
    def around(context):
        for key in context.selected_asset_keys:
            yield atoll.MaterializeResult(asset_key=key)

    @atoll.asset(deps=["first"])
    def second(): ...

    result = atoll.materialize([around, second])
    assert [event["step"] for event in result.get_step_success_events()] == ["around", "second", "around_2"]
    assert [event["asset"] for event in result.get_asset_materialization_events()] == ["first", "second", "third"]


def a_graph_of_ops_makes_an_asset():
    @atoll.op
    def double(x):
        return x * 2

    @atoll.graph_asset
    def four_times(one):
        return double(double(one))

    result = atoll.materialize([one, four_times])
    assert result.asset_value("four_times") == 4
    assert [event["step"] for event in result.get_step_success_events()] == [
        "one", "four_times.double", "four_times.double_2",
    ]  # fmt: skip
    assert [event["asset"] for event in result.get_asset_materialization_events()] == ["one", "four_times"]


def what_is_asynchronous_is_waited_for():
    @atoll.asset
    async def slow():
        return 5

    @atoll.asset
    async def stream():
        yield atoll.Output(6)

    result = atoll.materialize([slow, stream])
    assert (result.asset_value("slow"), result.asset_value("stream")) == (5, 6)


def the_context_tells_of_the_run():
    seen = {}

    @atoll.asset(key_prefix="p", tags={"x": "y"})
    def a(context: atoll.AssetExecutionContext):
        seen.update(
            run_id=context.run_id, tags=context.run_tags, key=context.asset_key, step=context.step,
            retry=context.retry_number, partition=context.has_partition_key, same=context is type(context).get(),
            outputs=context.selected_output_names,
        )  # fmt: skip

    result = atoll.materialize([a], tags={"who": "me"})
    assert seen == {
        "run_id": result.run_id, "tags": {"who": "me"}, "key": atoll.AssetKey("p/a"), "step": "p__a", "retry": 0,
        "partition": False, "same": True, "outputs": ["result"],
    }  # fmt: skip
    with raises(RuntimeError, "while no step was running"):
        atoll.AssetExecutionContext.get()


def functions_behind_wrappers_are_called_through_them():
    def count(function):
        @functools.wraps(function)
        def call(*positional, **named):
            calls[function.__name__] += 1
            return function(*positional, **named)

        return call

    calls = collections.Counter()

    @atoll.asset
    @count
    def wrapped(one):
        return one

    assert atoll.materialize([one, wrapped]).asset_value("wrapped") == 1
    assert calls == {"wrapped": 1}


def to_memory_takes_no_io_manager():
    @atoll.asset(io_manager_key="lake")
    def a():
        return 1

    assert atoll.materialize_to_memory([a]).asset_value("a") == 1
    with raises(atoll.DefinitionError, "'lake' is an IO manager"):
        atoll.materialize_to_memory([a], resources={"lake": atoll.InMemoryIOManager()})
    with raises(atoll.InvalidConfigError, "asset 'a' needs the resource 'lake', which is not given"):
        atoll.materialize([a])


def assets_that_do_not_fit_together_are_refused_before_anything_starts():
    @atoll.asset
    def a(b): ...

    @atoll.asset
    def b(a): ...

    with raises(atoll.DefinitionError, "depend on each other in a circle"):
        atoll.materialize([a, b])


def a_result_says_what_it_does_not_have():
    result = atoll.materialize([one])
    with raises(KeyError, "no asset 'zzz'"):
        result.asset_value("zzz")
    with raises(KeyError, "no step 'zzz'; its steps: one"):
        result.output_for_node("zzz")
    with raises(KeyError, "no output 'zzz'"):
        result.output_for_node("one", "zzz")


def an_asset_may_depend_on_its_own_past():
    days = atoll.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-04")
    before = atoll.TimeWindowPartitionMapping(-1, -1, allow_nonexistent_upstream_partitions=True)

    @atoll.asset(partitions_def=days, ins={"total": atoll.AssetIn(partition_mapping=before)})
    def total(total):
        return (total or 0) + 1

    memory = {"io_manager": atoll.InMemoryIOManager()}
    values = [
        atoll.materialize([total], partition_key=key, resources=memory).asset_value(total)
        for key in days.get_partition_keys()
    ]
    assert values == [1, 2, 3]


def a_graph_of_ops_takes_several_assets_as_a_list():
    @atoll.op
    def add(items):
        return sum(items)

    @atoll.graph_asset
    def total(one, two):
        return add([one, two])

    @atoll.asset(name="one")
    def bad():
        raise ValueError("bad")

    assert atoll.materialize([one, two, total]).asset_value("total") == 3
    result = atoll.materialize([bad, two, total], raise_on_error=False)
    assert result.is_node_skipped("total.add")
