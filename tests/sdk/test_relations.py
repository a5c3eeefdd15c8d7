"""How definitions relate is checked on the object that is loaded: all problems at once, each at its own line."""

import textwrap

import pytest

import atoll

HEAD = """\
import atoll
from atoll import *
"""


def get_problems(load_text, body):
    found = load_text(HEAD + textwrap.dedent(body))
    assert isinstance(found, list), "it loaded"
    return found


def get_line(body, mark):
    """The line of the mark, as the loaded file counts."""
    lines = (HEAD + textwrap.dedent(body)).split("\n")
    return next(number for number, line in enumerate(lines, 1) if mark in line)


CASES = {
    "duplicate-asset": (
        """
        @asset
        def a(): ...
        @asset(name="a")  # here
        def other(): ...
        defs = Definitions(assets=[a, other])
        """,
        "duplicate_name",
        "asset 'a' is declared twice",
        None,
    ),
    "duplicate-job": (
        """
        j = define_asset_job("j")
        k = define_asset_job("j")  # here
        defs = Definitions(assets=[AssetSpec("a")], jobs=[j, k])
        """,
        "duplicate_name",
        "job 'j' is declared twice",
        None,
    ),
    "schedule-and-sensor-of-one-name": (
        """
        j = define_asset_job("j")
        s = ScheduleDefinition("tick", cron_schedule="@daily", job=j)
        @sensor(job=j, name="tick")  # here
        def watch(context): ...
        defs = Definitions(schedules=[s], sensors=[watch])
        """,
        "duplicate_name",
        "schedule or sensor 'tick' is declared twice",
        None,
    ),
    "duplicate-check": (
        """
        @asset
        def a(): ...
        @asset_check(asset=a)
        def good(): ...
        @asset_check(asset=a, name="good")  # here
        def other(): ...
        defs = Definitions(assets=[a], asset_checks=[good, other])
        """,
        "duplicate_name",
        "check 'good' of asset 'a' is declared twice",
        None,
    ),
    "duplicate-op": (
        """
        @op
        def a(): ...
        @op(name="a")  # here
        def b(): ...
        @job
        def j():
            a()
            b()
        defs = Definitions(jobs=[j])
        """,
        "duplicate_name",
        "'a' is declared twice",
        None,
    ),
    "cycle": (
        """
        @asset  # here
        def a(c): ...
        @asset
        def b(a): ...
        @asset(deps=["b"])
        def c(): ...
        defs = Definitions(assets=[a, b, c])
        """,
        "invalid_definition",
        "circle: a → b → c → a",
        "remove one",
    ),
    "asset-that-needs-itself": (
        """
        @asset  # here
        def a(a): ...
        defs = Definitions(assets=[a])
        """,
        "invalid_definition",
        "circle: a → a",
        None,
    ),
    "cycle-of-functions": (
        """
        @multi_asset(specs=[AssetSpec("x"), AssetSpec("y", deps=["z"])])  # here
        def both(): ...
        @asset(deps=["x"])
        def z(): ...
        defs = Definitions(assets=[both, z])
        """,
        "invalid_definition",
        "functions that make several assets depend on each other in a circle",
        "can_subset",
    ),
    "check-of-nothing": (
        """
        @asset
        def orders(): ...
        @asset_check(asset="order")  # here
        def good(): ...
        defs = Definitions(assets=[orders], asset_checks=[good])
        """,
        "invalid_definition",
        "check 'good' is of asset 'order', which this location does not have",
        "did you mean 'orders'?",
    ),
    "unknown-job": (
        """
        j = define_asset_job("nightly")
        s = ScheduleDefinition("s", cron_schedule="@daily", job_name="nighly")  # here
        defs = Definitions(assets=[AssetSpec("a")], jobs=[j], schedules=[s])
        """,
        "invalid_definition",
        "schedule 's' starts job 'nighly', which this location does not have",
        "did you mean 'nightly'?",
    ),
    "unknown-job-of-a-sensor": (
        """
        @sensor(job_name="x")  # here
        def watch(context): ...
        defs = Definitions(sensors=[watch])
        """,
        "invalid_definition",
        "sensor 'watch' starts job 'x'",
        "there are: none",
    ),
    "unknown-key-in-a-selection": (
        """
        @asset
        def orders(): ...
        j = define_asset_job("j", 'key:"ordrs"+ and not group:x')  # here
        defs = Definitions(assets=[orders], jobs=[j])
        """,
        "invalid_definition",
        "job 'j' selects asset 'ordrs'",
        "did you mean 'orders'?",
    ),
    "unknown-check-in-a-selection": (
        """
        @asset
        def a(): ...
        j = define_asset_job("j", 'a and check:"a:good"')  # here
        defs = Definitions(assets=[a], jobs=[j])
        """,
        "invalid_definition",
        "job 'j' selects check 'a:good'",
        None,
    ),
    "missing-resource": (
        """
        class Db(ConfigurableResource): ...
        @asset  # here
        def a(db: Db): ...
        defs = Definitions(assets=[a], resources={"dbs": Db()})
        """,
        "invalid_definition",
        "asset 'a' needs the resource 'db', which is not given",
        "did you mean 'dbs'?",
    ),
    "missing-required-key": (
        """
        @op(required_resource_keys={"db"})  # here
        def a(context): ...
        @job
        def j():
            a()
        defs = Definitions(jobs=[j])
        """,
        "invalid_definition",
        "op 'a' in job 'j' needs the resource 'db'",
        "Definitions(resources={'db': ...})",
    ),
    "missing-resource-of-a-sensor": (
        """
        @sensor(job_name="j")  # here
        def watch(context, db: ResourceParam[int]): ...
        defs = Definitions(sensors=[watch], jobs=[define_asset_job("j")])
        """,
        "invalid_definition",
        "sensor 'watch' needs the resource 'db'",
        None,
    ),
    "missing-io-manager": (
        """
        @asset(io_manager_key="s3")  # here
        def a(): ...
        defs = Definitions(assets=[a])
        """,
        "invalid_definition",
        "asset 'a' names the IO manager 's3'",
        None,
    ),
    "missing-input-manager": (
        """
        @asset(ins={"b": AssetIn(input_manager_key="csv")})  # here
        def a(b): ...
        defs = Definitions(assets=[a])
        """,
        "invalid_definition",
        "names the IO manager 'csv'",
        None,
    ),
    "input-that-nothing-feeds": (
        """
        @op
        def a(x): ...
        @job
        def j():
            a()  # here
        defs = Definitions(jobs=[j])
        """,
        "invalid_definition",
        "nothing gives 'a' its input 'x'",
        None,
    ),
    "configuration-of-nothing": (
        """
        @asset
        def orders(): ...
        j = define_asset_job("j", config={"ops": {"order": {}}})  # here
        defs = Definitions(assets=[orders], jobs=[j])
        """,
        "invalid_definition",
        "job 'j' configures op or asset 'order'",
        "did you mean 'orders'?",
    ),
    "partitions-of-different-kinds": (
        """
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
        def a(): ...
        @asset(partitions_def=StaticPartitionsDefinition(["x"]))  # here
        def b(a): ...
        defs = Definitions(assets=[a, b])
        """,
        "invalid_definition",
        "asset 'b' can't depend on 'a' this way: it has static partitions, the other daily partitions",
        "partition mapping",
    ),
    "static-partitions-that-share-nothing": (
        """
        @asset(partitions_def=StaticPartitionsDefinition(["y"]))
        def a(): ...
        @asset(partitions_def=StaticPartitionsDefinition(["x"]))  # here
        def b(a): ...
        defs = Definitions(assets=[a, b])
        """,
        "invalid_definition",
        "no key in common",
        None,
    ),
    "mapping-that-does-not-fit": (
        """
        @asset(partitions_def=StaticPartitionsDefinition(["y"]))
        def a(): ...
        @asset(ins={"a": AssetIn(partition_mapping=TimeWindowPartitionMapping())}, partitions_def=  # here
               StaticPartitionsDefinition(["y"]))
        def b(a): ...
        defs = Definitions(assets=[a, b])
        """,
        "invalid_definition",
        "a time window mapping needs partitions in time on both sides",
        None,
    ),
    "mapping-of-an-unknown-key": (
        """
        @asset(partitions_def=StaticPartitionsDefinition(["y"]))
        def a(): ...
        @asset(deps=[AssetDep(a, partition_mapping=StaticPartitionMapping({"z": "y"}))], partitions_def=  # here
               StaticPartitionsDefinition(["y"]))
        def b(): ...
        defs = Definitions(assets=[a, b])
        """,
        "invalid_definition",
        "there is no upstream partition 'z'",
        None,
    ),
    "mapping-without-upstream-partitions": (
        """
        @asset
        def a(): ...
        @asset(deps=[AssetDep(a, partition_mapping=LastPartitionMapping())])  # here
        def b(): ...
        defs = Definitions(assets=[a, b])
        """,
        "invalid_definition",
        "no partitions to choose from",
        None,
    ),
    "job-over-different-partitions": (
        """
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
        def a(): ...
        @asset(partitions_def=StaticPartitionsDefinition(["x"]))
        def b(): ...
        j = define_asset_job("j")  # here
        defs = Definitions(assets=[a, b], jobs=[j])
        """,
        "invalid_definition",
        "job 'j' selects assets with different partitions: 'a' and 'b'",
        None,
    ),
    "job-with-partitions-of-its-own": (
        """
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
        def a(): ...
        j = define_asset_job("j", partitions_def=StaticPartitionsDefinition(["x"]))  # here
        defs = Definitions(assets=[a], jobs=[j])
        """,
        "invalid_definition",
        "job 'j' has other partitions than its asset 'a'",
        None,
    ),
    "resources-that-contradict": (
        """
        one = Definitions(resources={"db": 1})
        two = Definitions(resources={"db": 2})  # here
        defs = Definitions.merge(one, two)
        """,
        "duplicate_name",
        "resource 'db' has different values in merged Definitions",
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_said_with_its_file_and_line(load_text, tmp_path, case):
    body, kind, message, hint = CASES[case]
    (problem,) = get_problems(load_text, body)
    assert problem["kind"] == kind
    assert message in problem["message"]
    assert hint is None or hint in problem["hint"]
    assert problem["file"] == str(tmp_path / "location.py")
    assert problem["line"] == get_line(body, "# here")


def test_a_duplicate_names_both_lines(load_text, tmp_path):
    (problem,) = get_problems(load_text, CASES["duplicate-asset"][0])
    assert f"{tmp_path}/location.py:4" in problem["message"]
    assert f"{tmp_path}/location.py:6" in problem["message"]


def test_all_problems_come_at_once(load_text):
    problems = get_problems(
        load_text,
        """
        @asset(io_manager_key="s3")
        def a(b, db: ResourceParam[int]): ...
        @asset
        def b(a): ...
        j = define_asset_job("j", "zzz")
        s = ScheduleDefinition("s", cron_schedule="@daily", job_name="nowhere")
        defs = Definitions(assets=[a, b, AssetSpec("a")], jobs=[j], schedules=[s])
        """,
    )
    assert [problem["kind"] for problem in problems].count("duplicate_name") == 1
    assert len(problems) == 6


def test_two_cycles_are_both_shown(load_text):
    problems = get_problems(
        load_text,
        """
        specs = [AssetSpec(key, deps=[dep]) for key, dep in zip("abcd", "badc")]
        defs = Definitions(assets=specs)
        """,
    )
    assert len(problems) == 2


FINE = {
    "an-upstream-key-of-another-location": """
        @asset(deps=["elsewhere/x"])
        def a(other): ...
        defs = Definitions(assets=[a], jobs=[define_asset_job("j", "other+")])
    """,
    "an-asset-on-its-own-past": """
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"),
               ins={"a": AssetIn(partition_mapping=TimeWindowPartitionMapping(-1, -1))})
        def a(a): ...
        defs = Definitions(assets=[a])
    """,
    "hourly-above-daily": """
        @asset(partitions_def=HourlyPartitionsDefinition("2024-01-01-00:00"))
        def a(): ...
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
        def b(a): ...
        defs = Definitions(assets=[a, b])
    """,
    "one-dimension-of-two": """
        days = DailyPartitionsDefinition("2024-01-01")
        @asset(partitions_def=MultiPartitionsDefinition({"d": days, "s": StaticPartitionsDefinition(["x"])}))
        def a(): ...
        @asset(partitions_def=days)
        def b(a): ...
        defs = Definitions(assets=[a, b])
    """,
    "partitioned-and-not": """
        @asset(partitions_def=DailyPartitionsDefinition("2024-01-01"))
        def a(): ...
        @asset
        def b(a): ...
        defs = Definitions(assets=[a, b], jobs=[define_asset_job("j")])
    """,
    "a-resource-that-may-be-missing": """
        from typing import Optional
        class Db(ConfigurableResource): ...
        @asset
        def a(db: Optional[Db] = None): ...
        defs = Definitions(assets=[a])
    """,
    "a-job-of-its-own-resource": """
        @op(required_resource_keys={"db"})
        def a(context): ...
        @job(resource_defs={"db": 1})
        def j():
            a()
        defs = Definitions(jobs=[j])
    """,
    "a-job-that-only-a-schedule-names": """
        s = ScheduleDefinition(cron_schedule="@daily", job=define_asset_job("j"))
        t = ScheduleDefinition("t", cron_schedule="@daily", job_name="j")
        defs = Definitions(assets=[AssetSpec("a")], schedules=[s, t])
    """,
    "an-asset-that-only-a-sensor-names": """
        @asset
        def a(): ...
        @sensor(target=[a])
        def s(context): ...
        defs = Definitions(sensors=[s])
    """,
    "an-op-and-an-asset-of-one-name": """
        @asset
        def a(): ...
        @op(name="a")
        def b(): ...
        @job
        def j():
            b()
        defs = Definitions(assets=[a], jobs=[j])
    """,
    "an-input-from-configuration": """
        @op
        def a(x, n: int): ...
        @job(config={"ops": {"a": {"inputs": {"x": 1}}}})
        def j():
            a()
        defs = Definitions(jobs=[j])
    """,
    "a-parameter-beside-the-asset": """
        @asset(key_prefix="shop")
        def a(): ...
        @asset(key_prefix="shop")
        def b(a): ...
        defs = Definitions(assets=[a, b])
        assert_edge = "shop/a"
    """,
}


@pytest.mark.parametrize("case", FINE)
def test_what_fits_loads(load_text, case):
    snapshot = load_text(HEAD + textwrap.dedent(FINE[case]))
    assert isinstance(snapshot, dict), snapshot


def test_a_parameter_means_the_asset_of_the_same_prefix(load_text):
    snapshot = load_text(HEAD + textwrap.dedent(FINE["a-parameter-beside-the-asset"]))
    assert [dep["key"] for dep in snapshot["assets"][1]["dependencies"]] == ["shop/a"]


def test_computations_of_one_name_are_told_apart(load_text):
    snapshot = load_text(HEAD + textwrap.dedent(FINE["an-op-and-an-asset-of-one-name"]))
    assert [entry["name"] for entry in snapshot["computations"]] == ["a", "op:a"]
    assert snapshot["jobs"][0]["nodes"][0]["computation"] == "op:a"


def test_a_unit_test_can_check_the_relations_too():
    atoll.Definitions.validate_loadable(atoll.Definitions(assets=[atoll.AssetSpec("a")]))
    with pytest.raises(atoll.DefinitionError, match="circle"):
        atoll.Definitions.validate_loadable(defs=atoll.Definitions(assets=[atoll.AssetSpec("a", deps=["a"])]))


def test_a_selection_of_nothing_is_a_warning(load_text):
    snapshot = load_text(HEAD + 'defs = Definitions(jobs=[define_asset_job("j", "group:nowhere")])')
    (warning,) = snapshot["warnings"]
    assert warning["message"] == "job 'j' selects no asset: group:\"nowhere\""
    assert warning["line"] == 3


def test_a_thousand_assets_in_a_row_are_no_problem_and_their_circle_is_one():
    from atoll._catalog import Catalog
    from atoll._checking import find_problems

    row = [atoll.AssetSpec(f"a{n}", deps=[f"a{n - 1}"] if n else []) for n in range(2000)]
    assert find_problems(Catalog(atoll.Definitions(assets=row))) == []
    row[0] = atoll.AssetSpec("a0", deps=["a1999"])
    (problem,) = find_problems(Catalog(atoll.Definitions(assets=row)))
    assert "a0 → a1 → a2" in problem["message"]
    assert "… 1990 more … → a1999 → a0" in problem["message"]
