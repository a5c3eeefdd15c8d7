"""How definitions relate is checked on the object that is loaded: all problems at once, each at its own line."""

import textwrap

import pytest
from relation_cases import CASES

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
    "a-check-of-an-asset-of-another-location": """
        @asset
        def a(): ...
        @asset_check(asset="elsewhere/x", additional_ins={"a": "a"})
        def good(x, a): ...
        j = define_asset_job("j", AssetSelection.all_asset_checks())
        defs = Definitions(assets=[a], asset_checks=[good], jobs=[j])
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
