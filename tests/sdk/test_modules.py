"""Collecting definitions from modules and packages, and changing specs."""

import importlib
import sys

import pytest

import atoll

FILES = {
    "__init__.py": "",
    "first.py": """
        import atoll
        @atoll.asset
        def a(): ...
        @atoll.asset(deps=["outside"])
        def b(a): ...
        spec = atoll.AssetSpec("s", deps=["a"])
        made = [atoll.asset(name=f"m{n}")(lambda: None) for n in range(2)]
        @atoll.asset_check(asset=a)
        def ok(a): ...
        found = dict(
            assets=atoll.load_assets_from_current_module(),
            moved=atoll.load_assets_from_current_module(group_name="g", key_prefix=["p"], include_specs=True),
            checks=atoll.load_asset_checks_from_current_module(asset_key_prefix="p"),
        )
    """,
    "inner/__init__.py": "",
    "inner/second.py": """
        import atoll
        from {package}.first import a
        @atoll.multi_asset(specs=[atoll.AssetSpec("x"), atoll.AssetSpec("y", deps=["x"], group_name="own")],
                           check_specs=[atoll.AssetCheckSpec("c", asset="x")])
        def both(a): ...
        job = atoll.define_asset_job("j")
        schedule = atoll.ScheduleDefinition(job=job, cron_schedule="@daily")
        @atoll.sensor(job=job)
        def watch(context): ...
        extra = atoll.Definitions(assets=[atoll.AssetSpec("extra")])
        defs = atoll.load_definitions_from_current_module(
            resources={{"r": 1}}, loggers={{"l": atoll.LoggerDefinition(print)}}, executor=atoll.in_process_executor
        )
    """,
}


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """A package of two modules, imported under a name of its own."""
    import textwrap

    name = "sdk_pieces"
    for path, text in FILES.items():
        file = tmp_path / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).replace("{package}", name).replace("{{", "{").replace("}}", "}"))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield importlib.import_module(name)
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


def keys(items):
    return [str(spec.key) for item in items for spec in getattr(item, "specs", [item])]


def edges(items):
    """Upstream keys by key."""
    from atoll._catalog import Catalog

    catalog = Catalog(atoll.Definitions(assets=items))
    return {str(asset.key): [str(dep.key) for dep in asset.dependencies] for asset in catalog.assets}


def test_the_assets_of_modules_are_collected_once(package):
    first = importlib.import_module("sdk_pieces.first")
    second = importlib.import_module("sdk_pieces.inner.second")
    assert keys(atoll.load_assets_from_modules(modules=[first])) == ["a", "b", "m0", "m1"]
    assert keys(atoll.load_assets_from_modules([first, second])) == ["a", "b", "m0", "m1", "x", "y"]
    with_specs = atoll.load_assets_from_modules([first], include_specs=True)
    assert keys(with_specs)[:4] == ["a", "b", "s", "m0"]
    assert keys(first.found["assets"]) == ["a", "b", "m0", "m1"]


def test_a_group_and_prefix_are_given_to_all_and_edges_follow(package):
    first = importlib.import_module("sdk_pieces.first")
    items = atoll.load_assets_from_modules([first], group_name="g", key_prefix="p", include_specs=True)
    assert keys(items)[:3] == ["p/a", "p/b", "p/s"]
    assert edges(items)["p/b"] == ["p/a", "outside"]
    assert edges(items)["p/s"] == ["p/a"]
    assert {spec.group_name for item in items for spec in getattr(item, "specs", [item])} == {"g"}
    assert items[1]("value") is None
    assert keys(first.found["moved"])[:3] == ["p/a", "p/b", "p/s"]


def test_a_group_of_its_own_is_not_overruled(package):
    second = importlib.import_module("sdk_pieces.inner.second")
    with pytest.raises(atoll.DefinitionError, match="asset 'y' is in group 'own' and can't be put in 'g'"):
        atoll.load_assets_from_modules([second], group_name="g")


def test_a_packages_modules_are_imported(package):
    expected = ["a", "b", "m0", "m1", "x", "y"]
    assert keys(atoll.load_assets_from_package_module(package_module=package)) == expected
    assert keys(atoll.load_assets_from_package_name("sdk_pieces", key_prefix="p")) == [f"p/{key}" for key in expected]
    moved = atoll.load_assets_from_package_module(package, None, "p", include_specs=True)
    assert edges(moved)["p/x"] == ["p/a"]
    assert edges(moved)["p/y"] == ["p/a", "p/x"]
    assert [str(spec.asset_key) for item in moved for spec in getattr(item, "check_specs", [])] == ["p/x"]
    assert keys(atoll.load_assets_from_package_name(package_name="sdk_pieces", group_name=None, include_specs=True))
    with pytest.raises(atoll.DefinitionError, match="is a module and no package"):
        atoll.load_assets_from_package_module(sys.modules["sdk_pieces.first"])


def test_checks_are_collected_and_moved(package):
    first = importlib.import_module("sdk_pieces.first")
    (check,) = atoll.load_asset_checks_from_modules(modules=[first], asset_key_prefix=["p"])
    assert str(check.check_specs[0].asset_key) == "p/a"
    assert check.check_specs[0].source == first.ok.check_specs[0].source
    assert str(first.found["checks"][0].check_specs[0].asset_key) == "p/a"
    (plain,) = atoll.load_asset_checks_from_package_module(package_module=package, asset_key_prefix=None)
    assert plain is first.ok


def test_everything_of_modules_is_collected(package):
    first = importlib.import_module("sdk_pieces.first")
    second = importlib.import_module("sdk_pieces.inner.second")
    options = {
        "resources": {"r": 1},
        "loggers": {"l": atoll.LoggerDefinition(print)},
        "executor": atoll.in_process_executor,
    }
    one = atoll.load_definitions_from_module(module=second, **options)
    both = atoll.load_definitions_from_modules(modules=[first, second], **options)
    whole = atoll.load_definitions_from_package_module(package_module=package, **options)
    assert keys(one.assets) == ["a", "x", "y", "extra"]
    assert keys(both.assets)[:3] == ["a", "b", "s"]
    assert sorted(keys(whole.assets)) == sorted(keys(both.assets))
    for found in (one, both, whole, second.defs):
        assert [job.name for job in found.jobs] == ["j"]
        assert len(found.schedules) == len(found.sensors) == 1
        assert list(found.resources) == ["r"]
        assert list(found.loggers) == ["l"]
        assert {given.value for given in found.executors} == {atoll.in_process_executor}
    assert both.asset_checks[0].check_specs[0].name == "ok"


def test_specs_are_changed_by_a_function():
    @atoll.asset(group_name="old")
    def a(): ...

    items = [a, atoll.AssetSpec("b", tags={"x": "y"})]

    def change(spec):
        return spec.replace_attributes(group_name="new").merge_attributes(tags={"k": "v"}, owners=["team:t"])

    changed = atoll.map_asset_specs(func=change, iterable=items)
    assert changed[0].specs[0].group_name == "new"
    assert changed[1].tags == {"x": "y", "k": "v"}
    assert a.specs[0].group_name == "old"
    mapped = atoll.Definitions(assets=items).map_asset_specs(func=change)
    assert mapped.assets[0].specs[0].owners == ["team:t"]
    with pytest.raises(TypeError, match="'description'"):
        atoll.AssetSpec("a").merge_attributes(description="x")
    with pytest.raises(TypeError, match="'nme'"):
        atoll.AssetSpec("a").replace_attributes(nme="x")


def test_a_changed_spec_keeps_its_source():
    spec = atoll.AssetSpec("a")
    assert spec.replace_attributes(description="x").source is spec.source
