"""What functions return and yield, and what they must not."""

# ruff: noqa: UP006, UP035, UP045 -- the forms that users of 3.8 write

from typing import Dict, Iterator, List, Optional, Tuple

from helping import failed, kinds, raises

import atoll

TWO = {"a": atoll.AssetOut(), "b": atoll.AssetOut()}


def a_value_of_another_type_than_annotated_fails_the_step():
    @atoll.asset
    def a() -> int:
        return "x"

    problem = failed([a])
    assert problem["kind"] == "invalid_output"
    assert problem["message"] == "output 'result' of asset 'a' must be int, not 'x' (str)"


def types_are_looked_into():
    @atoll.asset
    def a() -> List[Dict[str, int]]:
        return [{"x": "y"}]

    @atoll.asset
    def b() -> Optional[Tuple[int, str]]:
        return (1, "a")

    assert "must be List[Dict[str, int]]" in failed([a])["message"]
    assert atoll.materialize([b]).success


def truth_values_and_whole_numbers_fit_numbers():
    @atoll.asset
    def a() -> float:
        return 1

    @atoll.asset
    def b() -> int:
        return True

    assert atoll.materialize([a, b]).success


def a_loaded_value_of_another_type_fails_the_step():
    @atoll.asset
    def a():
        return "x"

    @atoll.asset
    def b(a: int): ...

    problem = failed([a, b])
    assert problem["kind"] == "invalid_input"
    assert "input 'a' must be int, not 'x' (str)" in problem["message"]


def an_annotation_of_none_stores_nothing_and_takes_nothing_else():
    @atoll.asset
    def a() -> None: ...

    @atoll.asset
    def b() -> None:
        return 5

    result = atoll.materialize([a])
    assert result.get_events("output")[0]["io_manager"] is None
    assert "annotated to return None, and gave 5" in failed([b])["message"]


def without_an_annotation_none_is_a_value():
    @atoll.asset
    def a(): ...

    @atoll.asset
    def b(a):
        return a is None

    assert atoll.materialize([a, b]).asset_value("b") is True


def a_generator_that_never_yields_has_made_nothing():
    @atoll.asset
    def a():
        if False:
            yield

    assert failed([a])["message"] == "asset 'a' yielded nothing for its output 'result'"


def a_generator_that_yields_a_plain_value_is_told_what_to_yield():
    @atoll.asset
    def a():
        yield 5

    problem = failed([a])
    assert problem["message"] == "asset 'a' yielded 5, which is no event"
    assert "yield Output(value)" in problem["hint"]


def an_output_yielded_twice_is_refused():
    @atoll.asset
    def a():
        yield atoll.Output(1)
        yield atoll.Output(2)

    assert "made the output 'result' twice" in failed([a])["message"]


def what_was_yielded_before_a_failure_stays_and_the_step_failed():
    @atoll.multi_asset(outs=TWO)
    def m():
        yield atoll.Output(1, "a")
        raise ValueError("then")

    @atoll.asset
    def below(a): ...

    result = atoll.materialize([m, below], raise_on_error=False)
    assert [event["asset"] for event in result.get_asset_materialization_events()] == ["a"]
    assert result.get_failed_step_keys() == {"m"}
    assert result.is_node_skipped("below")


def a_missing_output_is_named():
    @atoll.multi_asset(outs=TWO)
    def m():
        yield atoll.Output(1, "a")

    assert failed([m])["message"] == "multi_asset 'm' yielded nothing for its output 'b'"


def an_unknown_output_is_named_with_those_there_are():
    @atoll.multi_asset(outs=TWO)
    def m():
        yield atoll.Output(1, "c")

    problem = failed([m])
    assert problem["message"] == "multi_asset 'm' has no output 'c'"
    assert problem["hint"] == "its outputs: a, b"


def an_output_that_is_not_selected_is_refused():
    @atoll.multi_asset(outs=TWO, can_subset=True)
    def m():
        yield atoll.Output(1, "a")
        yield atoll.Output(1, "b")

    assert "has no output 'b' that is selected" in failed([m], selection=["a"])["message"]


def several_outputs_are_returned_as_a_tuple():
    @atoll.multi_asset(outs=TWO)
    def good() -> Tuple[int, int]:
        return 1, atoll.Output(2, metadata={"n": 3})

    result = atoll.materialize([good])
    assert (result.asset_value("a"), result.asset_value("b")) == (1, 2)
    assert result.asset_materializations_for_node("good")[1].metadata["n"].value == 3
    for wrong in (5, None, (1,), (1, 2, 3)):

        @atoll.multi_asset(outs=TWO)
        def bad():
            return wrong  # noqa: B023 -- called in this turn

        assert "must return a tuple of 2 values (a, b)" in failed([bad])["message"]


def optional_outputs_skip_what_is_downstream():
    @atoll.asset(output_required=False)
    def maybe():
        if False:
            yield atoll.Output(1)

    @atoll.asset
    def below(maybe): ...

    @atoll.asset(deps=[below])
    def further(): ...

    result = atoll.materialize([maybe, below, further])
    assert result.success
    reasons = [event["reason"] for event in result.get_step_skipped_events()]
    assert reasons == ["step 'maybe' did not make 'result'", "step 'below' was skipped"]


def a_materialize_result_of_another_asset_is_refused():
    @atoll.asset
    def a():
        return atoll.MaterializeResult(asset_key="b")

    @atoll.multi_asset(specs=[atoll.AssetSpec("x"), atoll.AssetSpec("y")])
    def m():
        return atoll.MaterializeResult()

    assert failed([a])["message"] == "asset 'a' does not make asset 'b' here"
    assert failed([m])["message"] == "multi_asset 'm' made a MaterializeResult without asset_key"


def a_materialize_result_may_have_a_value():
    @atoll.asset
    def a():
        return atoll.MaterializeResult(value=5, metadata={"n": 1})

    @atoll.asset
    def b(a):
        return a + 1

    assert atoll.materialize([a, b]).asset_value("b") == 6


def a_value_from_assets_that_have_none_is_refused():
    @atoll.multi_asset(specs=[atoll.AssetSpec("x")])
    def m():
        return 5

    problem = failed([m])
    assert problem["message"] == "multi_asset 'm' returned 5, and it makes no values"
    assert "MaterializeResult" in problem["hint"]


def specs_that_are_not_yielded_are_missing():
    @atoll.multi_asset(specs=[atoll.AssetSpec("x"), atoll.AssetSpec("y")])
    def m() -> Iterator[atoll.MaterializeResult]:
        yield atoll.MaterializeResult(asset_key="x")

    assert "yielded nothing for its output 'y'" in failed([m])["message"]


def observations_and_materializations_can_be_told_by_ops_and_assets():
    @atoll.asset
    def a(context):
        context.log_event(atoll.AssetObservation("other", metadata={"seen": 1}))
        yield atoll.AssetMaterialization("third", partition="p")
        yield atoll.Output(1)

    result = atoll.materialize([a])
    assert kinds(result)[2:5] == ["observation", "materialization", "output"]
    (seen,) = result.asset_observations_for_node("a")
    assert seen.asset_key == atoll.AssetKey("other")
    assert seen.metadata["seen"].value == 1
    assert result.get_asset_materialization_events()[0].partition == "p"


def log_event_takes_no_other_object():
    @atoll.asset
    def a(context):
        context.log_event(5)

    assert "5 is no event" in failed([a])["message"]


def output_metadata_of_several_outputs_needs_a_name():
    @atoll.multi_asset(outs=TWO)
    def m(context):
        context.add_output_metadata({"n": 1}, output_name="b")
        with raises(ValueError, "several outputs, a, b"):
            context.add_output_metadata({"n": 1})
        return 1, 2

    result = atoll.materialize([m])
    assert [sorted(made.metadata) for made in result.asset_materializations_for_node("m")] == [[], ["n"]]
