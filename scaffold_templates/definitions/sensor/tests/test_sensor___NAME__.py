from atoll import RunRequest, SkipReason, build_sensor_context

from __MODULE__ import __NAME__


def test___NAME___starts_one_run_for_a_new_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    context = build_sensor_context()
    assert isinstance(__NAME__(context), SkipReason)

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "1.csv").touch()
    request = __NAME__(context)
    assert isinstance(request, RunRequest)
    assert request.run_key == "1.csv"

    assert isinstance(__NAME__(context), SkipReason)
