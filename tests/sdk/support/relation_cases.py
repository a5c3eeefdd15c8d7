"""Locations that do not fit together: text (the line to blame marked `# here`), kind, message, hint."""

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
        "cycle",
        "circle: a → b → c → a",
        "remove one",
    ),
    "asset-that-needs-itself": (
        """
        @asset  # here
        def a(a): ...
        defs = Definitions(assets=[a])
        """,
        "cycle",
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
        "cycle",
        "functions that make several assets depend on each other in a circle",
        "can_subset",
    ),
    "unknown-job": (
        """
        j = define_asset_job("nightly")
        s = ScheduleDefinition("s", cron_schedule="@daily", job_name="nighly")  # here
        defs = Definitions(assets=[AssetSpec("a")], jobs=[j], schedules=[s])
        """,
        "unknown_target",
        "schedule 's' starts job 'nighly', which this location does not have",
        "did you mean 'nightly'?",
    ),
    "unknown-job-of-a-sensor": (
        """
        @sensor(job_name="x")  # here
        def watch(context): ...
        defs = Definitions(sensors=[watch])
        """,
        "unknown_target",
        "sensor 'watch' starts job 'x'",
        "there are: none",
    ),
    "unknown-job-that-a-sensor-watches": (
        """
        @run_failure_sensor(monitored_jobs=["nigthly"])  # here
        def watch(context): ...
        defs = Definitions(sensors=[watch], jobs=[define_asset_job("nightly")])
        """,
        "unknown_target",
        "run_status_sensor 'watch' watches job 'nigthly', which this location does not have",
        "did you mean 'nightly'?",
    ),
    "unknown-key-in-a-selection": (
        """
        @asset
        def orders(): ...
        j = define_asset_job("j", 'key:"ordrs"+ and not group:x')  # here
        defs = Definitions(assets=[orders], jobs=[j])
        """,
        "unknown_target",
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
        "unknown_target",
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
        "unmet_resource",
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
        "unmet_resource",
        "op 'a' in job 'j' needs the resource 'db'",
        "Definitions(resources={'db': ...})",
    ),
    "missing-resource-of-a-sensor": (
        """
        @sensor(job_name="j")  # here
        def watch(context, db: ResourceParam[int]): ...
        defs = Definitions(sensors=[watch], jobs=[define_asset_job("j")])
        """,
        "unmet_resource",
        "sensor 'watch' needs the resource 'db'",
        None,
    ),
    "missing-io-manager": (
        """
        @asset(io_manager_key="s3")  # here
        def a(): ...
        defs = Definitions(assets=[a])
        """,
        "unmet_resource",
        "asset 'a' names the IO manager 's3'",
        None,
    ),
    "missing-input-manager": (
        """
        @asset(ins={"b": AssetIn(input_manager_key="csv")})  # here
        def a(b): ...
        defs = Definitions(assets=[a])
        """,
        "unmet_resource",
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
        "partition_mapping",
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
        "partition_mapping",
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
        "partition_mapping",
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
        "partition_mapping",
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
        "partition_mapping",
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
