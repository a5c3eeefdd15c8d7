"""Which names are valid, and what is proposed instead of those that are not."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atoll_host.envs.errors import UsageError
from atoll_host.workspace.names import (
    check_definition_name,
    check_new_location_name,
    find_definition_fault,
    find_location_fault,
    find_new_location_fault,
    make_package_name,
)


@pytest.mark.parametrize(
    ("name", "why", "suggestion"),
    [
        ("../x", "has a / in it", "x"),
        ("class", "is a word of Python's", "class-data"),
        ("json", "would hide the module json of the standard library", "json-data"),
        ("distutils", "would hide the module distutils of the standard library", "distutils-data"),
        ("atoll", "would hide the package atoll, which locations import", "atoll-data"),
        ("tests", "is the name of a folder that every project has", "tests-data"),
        ("a b", "has a space in it", "a-b"),
        ("naïve", "has the letter ï in it", "naive"),
        ("Straße", "has the letter ß in it", "Strasse"),
        ("🏝", "has the character 🏝 in it", "location"),
        ("a\u200bb", "has the character U+200B in it", "ab"),
        ("", "is empty", "location"),
        ("-x", "starts with a hyphen", "x"),
        (".x", "starts with a dot", "x"),
        ("x.", "ends with a dot", "x"),
        ("a..b", "has two dots in a row", "a.b"),
        ("a\nb", "has '\\n' in it", "a-b"),
        ("a\\b", "has a backslash in it", "a-b"),
        ("con", "is a device's name on Windows", "location-con"),
        ("nul.x", "is a device's name on Windows", "location-nul.x"),
        ("2024", "starts with a digit, which a package can't", "location-2024"),
        ("x" * 81, "has 81 characters, which is more than 80", "x" * 80),
    ],
)
def test_a_bad_name_of_a_location_is_refused_with_a_better_one(name, why, suggestion):
    fault = find_new_location_fault(name)

    assert fault is not None
    assert fault.message == f"{name!r} can't be the name of a location: it {why}"
    assert fault.suggestion == suggestion
    assert suggestion in fault.hint


@pytest.mark.parametrize("name", ["a", "sales", "Sales-EU", "a_b.c", "x2", "_x", "legacy.definitions"])
def test_good_names_of_locations(name):
    assert find_new_location_fault(name) is None


@pytest.mark.parametrize("name", ["json", "email", "2024", "tests", "atoll"])
def test_a_file_may_name_a_location_as_no_new_package_may_be_called(name):
    assert find_location_fault(name) is None


@pytest.mark.parametrize(
    ("name", "what", "why", "suggestion"),
    [
        ("a b", "asset", "is not a Python identifier", "a_b"),
        ("class", "job", "is a word of Python's", "class_job"),
        ("match", "asset", "is a word of Python's", "match_asset"),
        ("list", "asset", "would hide Python's own list", "list_asset"),
        ("json", "asset", "would hide the module json of the standard library", "json_asset"),
        ("asset", "asset", "would hide asset, which the code around it uses", "asset_asset"),
        ("2024", "asset", "starts with a digit", "asset_2024"),
        ("naïve", "sensor", "has the letter ï in it", "naive"),
        ("🏝", "schedule", "has the character 🏝 in it", "my_schedule"),
        ("../x", "resource", "is not a Python identifier", "x"),
        ("", "check", "is empty", "my_check"),
    ],
)
def test_a_bad_name_of_a_definition_is_refused_with_a_better_one(name, what, why, suggestion):
    fault = find_definition_fault(name, what)

    assert fault is not None
    assert fault.message.endswith(f"{what}: it {why}")
    assert fault.suggestion == suggestion


def test_checks_raise_what_the_command_line_ends_with():
    check_new_location_name("sales")
    check_definition_name("orders")
    with pytest.raises(UsageError) as error:
        check_new_location_name("../x")
    assert (error.value.exit_status, error.value.problems[0].kind) == (2, "invalid_name")
    with pytest.raises(UsageError):
        check_definition_name("class", "job")


@given(st.text(max_size=90))
def test_what_is_proposed_is_always_valid(name):
    for fault in (find_new_location_fault(name), find_location_fault(name)):
        if fault is not None:
            assert find_new_location_fault(fault.suggestion) is None
            package = make_package_name(fault.suggestion)
            assert package.isidentifier()
            assert not keyword.iskeyword(package)
    fault = find_definition_fault(name)
    if fault is not None:
        assert find_definition_fault(fault.suggestion) is None
