"""What a module declares and never hands in is said, once, and nothing else is."""

import textwrap

import pytest

HEAD = "import atoll\nfrom atoll import *\n"


def load(load_text, body):
    found = load_text(HEAD + textwrap.dedent(body))
    assert isinstance(found, dict), found
    return found


EVERY_KIND = """
class Db(ConfigurableResource):
    inner: object = None
@asset
def used(): ...
@asset
def an_asset(): ...
@multi_asset(specs=[AssetSpec("m")])
def several(): ...
@asset_check(asset=used)
def a_check(): ...
@op
def step(): ...
@graph_asset()
def a_graph_asset():
    return step()
@job
def an_op_job():
    step()
an_asset_job = define_asset_job("an_asset_job")
a_schedule = ScheduleDefinition("a_schedule", cron_schedule="@daily", job=define_asset_job("x"))
@schedule("@daily", target=used)
def a_function(): ...
@sensor(job=an_op_job)
def a_sensor(): ...
@logger()
def a_logger(context): ...
a_resource = Db()
twice = also = AssetSpec("spec")
defs = Definitions(assets=[used])
"""


def test_every_kind_of_definition_is_missed_once(load_text):
    warnings = load(load_text, EVERY_KIND)["warnings"]
    assert [warning["message"].split("'")[1] for warning in warnings] == [
        "an_asset", "several", "a_check", "a_graph_asset", "an_op_job", "an_asset_job", "a_schedule", "a_function",
        "a_sensor", "a_logger", "a_resource", "twice",
    ]  # fmt: skip
    hints = {warning["message"].split("'")[1]: warning["hint"] for warning in warnings}
    assert hints["a_resource"] == "add it to Definitions(resources={'a_resource': a_resource})"
    assert hints["a_logger"] == "add it to Definitions(loggers={'a_logger': a_logger})"


NOTHING_FORGOTTEN = {
    "handed in with a prefix": """
        import sys
        spec = AssetSpec("s")
        @asset
        def a(): ...
        @asset_check(asset=a)
        def c(): ...
        here = sys.modules[__name__]
        defs = Definitions(
            assets=load_assets_from_current_module(key_prefix="p", include_specs=True),
            asset_checks=load_asset_checks_from_current_module(asset_key_prefix="p"),
        )
    """,
    "all of a module": """
        spec = AssetSpec("s")
        @asset
        def a(): ...
        j = define_asset_job("j")
        defs = load_definitions_from_current_module()
    """,
    "merged": """
        @asset
        def a(): ...
        @asset
        def b(): ...
        defs = Definitions.merge(Definitions(assets=[a]), Definitions(assets=[b]))
    """,
    "specs changed": """
        @asset
        def a(): ...
        spec = AssetSpec("s")
        defs = Definitions(assets=[a, spec]).map_asset_specs(func=lambda spec: spec.replace_attributes(key=f"x{spec.key}"))
    """,
    "an asset of another location that is only named": """
        elsewhere = AssetSpec("elsewhere")
        checked = AssetSpec("checked")
        @asset(deps=[elsewhere])
        def a(): ...
        @asset_check(asset=checked)
        def c(): ...
        defs = Definitions(assets=[a], asset_checks=[c])
    """,
    "resources in resources, of jobs, and used directly": """
        class Db(ConfigurableResource):
            inner: object = None
        inner, outer, own, direct = Db(), Db(), Db(), Db()
        outer = Db(inner=inner)
        @op(required_resource_keys={"own"})
        def step(context): ...
        @job(resource_defs={"own": own})
        def j():
            step()
        @asset
        def a():
            return direct.inner
        defs = Definitions(assets=[a], jobs=[j], resources={"db": outer})
    """,
    "what only sensors start": """
        j = define_asset_job("j")
        @asset
        def a(): ...
        @sensor(jobs=[j])
        def s(context): ...
        @schedule("@daily", target=[a])
        def t(context): ...
        defs = Definitions(sensors=[s], schedules=[t])
    """,
    "of another library": """
        class AssetSpec: ...
        mine = AssetSpec()
        defs = Definitions()
    """,
}


@pytest.mark.parametrize("case", NOTHING_FORGOTTEN)
def test_what_is_meant_so_is_no_warning(load_text, case):
    warnings = load(load_text, NOTHING_FORGOTTEN[case])["warnings"]
    assert [warning["message"] for warning in warnings if warning["kind"] == "not_handed_in"] == []


def test_what_was_imported_is_not_forgotten(load_text, tmp_path):
    (tmp_path / "beside_forgotten.py").write_text("import atoll\n@atoll.asset\ndef other(): ...\n")
    body = """
    import sys
    sys.path.insert(0, __file__.rpartition("/")[0])
    from beside_forgotten import other
    defs = Definitions()
    """
    assert load(load_text, body)["warnings"] == []
