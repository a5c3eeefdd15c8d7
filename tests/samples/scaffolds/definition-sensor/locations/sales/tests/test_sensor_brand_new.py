from atoll import RunRequest, SkipReason, build_sensor_context

from sales.defs.sensors.brand_new import brand_new


def test_brand_new_starts_one_run_for_a_new_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    context = build_sensor_context()
    assert isinstance(brand_new(context), SkipReason)

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "1.csv").touch()
    request = brand_new(context)
    assert isinstance(request, RunRequest)
    assert request.run_key == "1.csv"

    assert isinstance(brand_new(context), SkipReason)
