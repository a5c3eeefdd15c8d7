"""`Definitions.merge` holds what its operands hold."""

import atoll
from atoll._catalog import Catalog
from atoll._checking import find_problems


def test_a_merge_holds_everything_once():
    @atoll.asset
    def a(): ...

    job = atoll.define_asset_job("j")
    one = atoll.Definitions(assets=[a], jobs=[job], resources={"r": 1}, metadata={"m": 1})
    two = atoll.Definitions(
        assets=[a, atoll.AssetSpec("b")],
        schedules=[atoll.ScheduleDefinition(cron_schedule="@daily", job=job)],
        resources={"r": 1, "q": 2},
        executor=atoll.in_process_executor,
        loggers={"l": atoll.LoggerDefinition(print)},
    )
    merged = atoll.Definitions.merge(one, two)
    catalog = Catalog(merged)
    assert find_problems(catalog) == []
    assert [str(asset.key) for asset in catalog.assets] == ["a", "b"]
    assert [job.name for job in catalog.jobs] == ["j"]
    assert catalog.resource_values == {"r": 1, "q": 2}
    assert list(merged.loggers) == ["l"]
    assert merged.executors[0].value is atoll.in_process_executor


def test_a_merge_takes_definitions_functions():
    @atoll.definitions
    def lazy():
        return atoll.Definitions(assets=[atoll.AssetSpec("a")])

    assert len(atoll.Definitions.merge(lazy, atoll.Definitions()).assets) == 1


def test_equal_resources_of_two_operands_are_no_contradiction():
    class Db(atoll.ConfigurableResource):
        host: str

    merged = atoll.Definitions.merge(
        atoll.Definitions(resources={"db": Db(host="a")}), atoll.Definitions(resources={"db": Db(host="a")})
    )
    assert find_problems(Catalog(merged)) == []


def test_different_executors_metadata_and_loggers_contradict():
    one = atoll.Definitions(
        executor=atoll.in_process_executor, metadata={"a": 1}, loggers={"l": atoll.LoggerDefinition(print)}
    )
    two = atoll.Definitions(
        executor=atoll.multiprocess_executor, metadata={"a": 2}, loggers={"l": atoll.LoggerDefinition(print)}
    )
    problems = find_problems(Catalog(atoll.Definitions.merge(one, two)))
    assert [problem["message"].split(" has")[0] for problem in problems] == ["logger 'l'", "metadata 'a'", "executor"]


def test_a_definitions_function_that_was_merged_does_not_count_beside_the_result(load_text):
    snapshot = load_text(
        """
        import atoll
        @atoll.definitions
        def part():
            return atoll.Definitions(assets=[atoll.AssetSpec("a")])
        defs = atoll.Definitions.merge(part, atoll.Definitions(assets=[atoll.AssetSpec("b")]))
        """
    )
    assert [asset["key"] for asset in snapshot["assets"]] == ["a", "b"]
