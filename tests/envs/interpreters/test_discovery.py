"""Interpreters are found where people have them, asked once, and remembered."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from atoll_host.envs.errors import NoInterpreterError
from atoll_host.envs.processes import Runner, RunnerClosedError


def test_the_names_and_links_of_one_interpreter_count_once(machine, python):
    real = Path(python("3.9")).resolve()
    for name in ("python", "python3", "python3.9"):
        machine.link(real, name)
    machine.link(machine.folder() / "python3", "python3", folder="other")
    machine.path.append(machine.root / "bin/../bin")
    (found,) = machine.discovery().all()
    assert found.minor == "3.9"
    assert found.executable == str(machine.root / "bin/python3.9")
    assert len(machine.runner.started) == 1


def test_each_source_is_searched(machine, python):
    machine.install(python("3.8"), ".local/share/uv/python/cpython-3.8.18-linux-x86_64-gnu")
    machine.link(python("3.9"))
    machine.install(python("3.10"), ".pyenv/versions/3.10.13")
    machine.install(python("3.11"), ".asdf/installs/python/3.11.7")
    machine.install(python("3.12"), ".local/share/mise/installs/python/3.12.1")
    machine.variables["CONDA_PREFIX"] = str(machine.install(python("3.13"), "miniconda3"))
    assert machine.versions() == [
        ("3.13", "active environment"),
        ("3.12", "mise"),
        ("3.11", "asdf"),
        ("3.10", "pyenv"),
        ("3.9", "PATH"),
        ("3.8", "uv"),
    ]


def test_variables_say_where_version_managers_keep_their_things(machine, python):
    machine.install(python("3.9"), "a/cpython-3.9.18-linux-x86_64-gnu")
    machine.install(python("3.10"), "b/versions/3.10.13")
    machine.install(python("3.11"), "c/installs/python/3.11.7")
    machine.install(python("3.12"), "d/installs/python/3.12.1")
    for name, place in {"UV_PYTHON_INSTALL_DIR": "a", "PYENV_ROOT": "b", "ASDF_DATA_DIR": "c"}.items():
        machine.variables[name] = str(machine.home / place)
    machine.variables["MISE_DATA_DIR"] = str(machine.home / "d")
    assert machine.versions() == [("3.12", "mise"), ("3.11", "asdf"), ("3.10", "pyenv"), ("3.9", "uv")]


def test_data_folders_follow_the_xdg_variable(machine, python):
    machine.install(python("3.9"), "data/uv/python/cpython-3.9.18-linux-x86_64-gnu")
    machine.install(python("3.10"), "data/mise/installs/python/3.10.13")
    machine.variables["XDG_DATA_HOME"] = str(machine.home / "data")
    assert machine.versions() == [("3.10", "mise"), ("3.9", "uv")]


def test_the_home_of_this_process_is_not_looked_into(machine):
    discovery = machine.discovery()
    assert discovery.all() == ()
    assert discovery.failures() == ()


def test_the_links_that_version_managers_make_for_minor_versions_count_once(machine, python):
    machine.install(python("3.9"), ".local/share/mise/installs/python/3.9.18")
    for name in ("3", "3.9", "latest"):
        (machine.home / ".local/share/mise/installs/python" / name).symlink_to("./3.9.18")
    assert machine.versions() == [("3.9", "mise")]


def test_an_interpreter_that_several_sources_lead_to_is_named_after_the_first(machine, python):
    machine.install(python("3.9"), ".pyenv/versions/3.9.18")
    machine.install(python("3.9"), ".local/share/uv/python/cpython-3.9.18-linux-x86_64-gnu")
    machine.link(python("3.9"))
    assert machine.versions() == [("3.9", "uv")]


@pytest.mark.parametrize(
    ("root", "installs"),
    [
        pytest.param("home/.pyenv", "versions", id="pyenv"),
        pytest.param("elsewhere/pyenv", "versions", id="pyenv-that-only-path-betrays"),
        pytest.param("home/.asdf", "installs/python", id="asdf"),
        pytest.param("home/.local/share/mise", "installs/python", id="mise"),
    ],
)
def test_shims_are_not_started_since_their_versions_are_found_directly(machine, python, root, installs):
    machine.script("echo 'pyenv: python3: command not found' >&2; exit 127", folder=f"{root}/shims")
    version = machine.root / root / installs / "3.9.18"
    version.parent.mkdir(parents=True)
    version.symlink_to(Path(python("3.9")).resolve().parent.parent)
    discovery = machine.discovery()
    assert [one.minor for one in discovery.all()] == ["3.9"]
    assert discovery.failures() == ()
    assert str(machine.root / root / "shims/python3") not in machine.runner.started


def test_a_virtual_environment_stands_for_the_interpreter_that_it_was_made_from(machine, python):
    base = Path(python("3.9"))
    environment = machine.root / "environment"
    subprocess.run([base, "-m", "venv", "--without-pip", environment], check=True)
    machine.path.append(environment / "bin")
    machine.variables["VIRTUAL_ENV"] = str(environment)
    discovery = machine.discovery()
    (found,) = discovery.all()
    assert not found.in_virtual_environment
    assert Path(found.executable).resolve() == base.resolve()
    probed = discovery.probe(environment / "bin/python", "executable_path")
    assert probed.prefix == str(environment)
    assert probed.executable == str(environment / "bin/python")
    assert probed.source == "executable_path"


def test_two_environments_of_one_interpreter_are_told_apart(machine, python):
    for name in ("one", "two"):
        subprocess.run([python("3.9"), "-m", "venv", "--without-pip", machine.root / name], check=True)
    for _ in range(2):
        discovery = machine.discovery()
        prefixes = [
            discovery.probe(machine.root / name / "bin/python", "executable_path").prefix for name in ("one", "two")
        ]
        assert prefixes == [str(machine.root / "one"), str(machine.root / "two")]


def test_explicit_paths_are_searched_too(machine, python):
    path = Path(python("3.9"))
    (found,) = machine.discovery(explicit=[path]).all()
    assert (found.minor, found.source) == ("3.9", "executable_path")


def test_a_relative_folder_on_path_is_left_out(machine, python, monkeypatch):
    machine.link(python("3.9"), folder="here/bin")
    machine.path[:] = [Path("bin")]
    monkeypatch.chdir(machine.root / "here")
    assert machine.versions() == []


def test_a_warm_cache_starts_nothing(machine, python):
    for version in ("3.8", "3.9", "3.11"):
        machine.link(python(version), f"python{version}")
    machine.link(shutil.which("echo"), "python3")
    cold = machine.discovery()
    found, failures = cold.all(), cold.failures()
    assert len(found) == 3
    assert len(failures) == 1
    before = list(machine.runner.started)
    warm = machine.discovery()
    assert warm.all() == found
    assert warm.failures() == failures
    assert machine.runner.started == before


def test_within_one_discovery_everything_is_asked_once(machine, python):
    path = machine.link(python("3.9"))
    wrapper = machine.script(f'exec {python("3.11")} "$@"', "python3.11")
    discovery = machine.discovery(cache=machine.root / "bin/python3/cannot-be")
    for _ in range(3):
        discovery.all()
        discovery.probe(path, "PATH")
        discovery.probe(wrapper, "PATH")
    assert len(machine.runner.started) == 2


def test_threads_that_ask_at_once_start_it_once(machine, python):
    path = machine.link(python("3.9"))
    discovery = machine.discovery()
    threads = [threading.Thread(target=discovery.probe, args=(path, "PATH")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(machine.runner.started) == 1


def test_an_interpreter_that_was_upgraded_in_place_is_asked_again(machine, python):
    path = machine.folder() / "python3"
    shutil.copy(Path(python("3.9")).resolve(), path)
    assert machine.versions() == [("3.9", "PATH")]
    shutil.copy(Path(python("3.11")).resolve(), path)
    assert machine.versions() == [("3.11", "PATH")]


def test_a_link_that_leads_elsewhere_now_is_asked_again(machine, python):
    path = machine.link(python("3.9"))
    assert machine.versions() == [("3.9", "PATH")]
    path.unlink()
    machine.link(python("3.11"))
    assert machine.versions() == [("3.11", "PATH")]


def test_a_deleted_interpreter_is_gone_from_the_list_and_named_when_asked_for(machine, python):
    target = machine.root / "real"
    target.symlink_to(python("3.9"))
    path = machine.link(target)
    assert machine.versions() == [("3.9", "PATH")]
    target.unlink()
    discovery = machine.discovery()
    assert discovery.all() == ()
    assert [failure.path for failure in discovery.failures()] == [str(path)]
    with pytest.raises(NoInterpreterError, match=r"is a link to .*real, which does not exist") as caught:
        discovery.probe(path, "executable_path")
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.hint


SHIM = """\
echo 'pyenv: python3.9: command not found' >&2
echo >&2
echo 'The command exists in' >&2
exit 127"""
CANNOT = "cannot be started: "
NONSENSE = "gave an answer that makes no sense"


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        pytest.param("#!/bin/sh\nexit 0\n", 0o644, "is not executable", id="no-x-bit"),
        pytest.param("\0\1\2 no program", 0o755, f"{CANNOT}Exec format error", id="no-program"),
        pytest.param("#!/nowhere/sh\n", 0o755, f"{CANNOT}No such file or directory", id="no-shell"),
        pytest.param(
            "#!/bin/sh\necho hello\n",
            0o755,
            "is not Python: it ended without an answer, saying: hello",
            id="no-python",
        ),
        pytest.param(
            f"#!/bin/sh\n{SHIM}\n",
            0o755,
            "ended with exit status 127, saying: pyenv: python3.9: command not found",
            id="shim-that-fails",
        ),
        pytest.param("#!/bin/sh\nkill -9 $$\n", 0o755, "was ended by signal 9", id="killed"),
        pytest.param("#!/bin/sh\necho 'atoll-interpreter: {}'\n", 0o755, NONSENSE, id="nothing-in-the-answer"),
        pytest.param("#!/bin/sh\necho 'atoll-interpreter: ['\n", 0o755, NONSENSE, id="half-an-answer"),
        pytest.param("#!/bin/sh\necho 'atoll-interpreter: []'\n", 0o755, NONSENSE, id="a-list"),
    ],
)
def test_what_does_not_work_is_a_failure_with_its_reason_and_stops_nothing(machine, python, text, mode, reason):
    path = machine.folder() / "python3"
    path.write_text(text)
    path.chmod(mode)
    machine.link(python("3.9"), "python3.9")
    discovery = machine.discovery()
    assert [one.minor for one in discovery.all()] == ["3.9"]
    (failure,) = discovery.failures()
    assert (failure.path, failure.reason, failure.source) == (str(path), reason, "PATH")
    with pytest.raises(NoInterpreterError) as caught:
        discovery.probe(path, "executable_path")
    assert str(caught.value) == f"The interpreter {path} {reason}"


@pytest.mark.parametrize(("make", "reason"), [(Path.mkdir, "is a folder"), (lambda path: None, "does not exist")])
def test_a_path_that_leads_to_no_file_is_said_with_its_name(machine, make, reason):
    path = machine.root / "nothing"
    make(path)
    with pytest.raises(NoInterpreterError) as caught:
        machine.discovery().probe(path, "executable_path")
    assert str(caught.value) == f"The interpreter {path} {reason}"


def test_an_executable_that_hangs_is_given_up_and_tried_again_the_next_time(machine, python):
    path = machine.script(f"exec {shutil.which('sleep')} 600")
    with pytest.raises(NoInterpreterError, match=r"did not answer within 0\.2 s"):
        machine.discovery(timeout=0.2).probe(path, "PATH")
    machine.link(python("3.9"), "python3.9")
    # Too little time for any interpreter: that it passes is not remembered as a fault of this file.
    assert machine.discovery(timeout=0.0001).all() == ()
    path.unlink()
    assert machine.versions() == [("3.9", "PATH")]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_nothing_is_left_of_an_executable_that_hangs_in_a_child_of_its_own(machine):
    file = machine.root / "pid"
    path = machine.script(f"{shutil.which('sleep')} 600 &\necho $! > {file}\nwait")
    for timeout in (1, 5, 30):  # a busy machine may not come as far as the child in a second
        with pytest.raises(NoInterpreterError, match="did not answer"):
            machine.discovery(timeout=timeout).probe(path, "PATH")
        if file.exists() and file.read_text().strip():
            break
    pid = int(file.read_text())
    for _ in range(500):
        if not is_running(pid):
            break
        time.sleep(0.02)
    assert not is_running(pid)


def test_an_executable_that_writes_without_end_is_given_up(machine):
    path = machine.script(f"exec {shutil.which('yes')} {'noise ' * 100}")
    with pytest.raises(NoInterpreterError, match=r"did not answer within 0\.5 s"):
        machine.discovery(timeout=0.5).probe(path, "PATH")


def test_the_answer_is_found_among_noise(machine, python):
    machine.script(f'echo noise; printf "no newline"; {python("3.9")} "$@"; echo; echo "more noise"; echo oops >&2')
    (found,) = machine.discovery().all()
    assert found.minor == "3.9"
    assert Path(found.executable).samefile(python("3.9"))


def test_a_sitecustomize_that_prints_and_fails_is_not_even_imported(machine, python):
    environment = machine.root / "environment"
    subprocess.run([python("3.9"), "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/*/site-packages")
    (packages / "sitecustomize.py").write_text("import os; print('noise'); os._exit(1)")
    (packages / "noise.pth").write_text("import os; os._exit(1)\n")
    machine.variables["PYTHONPATH"] = str(packages)
    assert machine.discovery().probe(environment / "bin/python", "PATH").minor == "3.9"


def test_what_a_wrapper_leads_to_is_not_remembered(machine, python):
    target = machine.root / "target"
    target.symlink_to(python("3.9"))
    machine.script(f'exec {target} "$@"')
    assert machine.versions() == [("3.9", "PATH")]
    target.unlink()
    target.symlink_to(python("3.11"))
    assert machine.versions() == [("3.11", "PATH")]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"path": 1}', b"\xff\xfe", b"{}"])
def test_a_damaged_cache_is_ignored_and_mended(machine, python, damage):
    path = machine.link(python("3.9"))
    expected = machine.discovery().all()
    (file,) = machine.cache.glob("*.json")
    whole = file.read_bytes()
    for content in (damage, b'{"path": "%s", "interpreter": {"version": "x"}}' % os.fsencode(path)):
        file.write_bytes(content)
        assert machine.discovery().all() == expected
        assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(machine, python):
    machine.link(python("3.9"))
    (machine.root / "file").write_text("")
    for _ in range(2):
        assert machine.versions(cache=machine.root / "file/cache") == [("3.9", "PATH")]


def test_nothing_but_whole_answers_is_left_in_the_cache(machine, python):
    machine.link(python("3.9"))
    machine.discovery().all()
    assert [path.suffix for path in machine.cache.iterdir()] == [".json"]


def test_two_discoveries_at_once_on_one_cache_both_find_everything(machine, python):
    for version in ("3.8", "3.9", "3.10", "3.11"):
        machine.link(python(version), f"python{version}")
    together = threading.Barrier(4)
    found = []

    def search():
        with Runner() as runner:
            together.wait()
            found.append(machine.discovery(runner).all())

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert machine.discovery().all() == found[0]
    assert machine.runner.started == []


def test_a_changed_probe_asks_everything_again(machine, python, monkeypatch):
    machine.link(python("3.9"))
    machine.discovery().all()
    probe = machine.root / "probe.py"
    from atoll_host.envs.interpreters import discovery

    probe.write_text(discovery.PROBE.read_text() + "\n# newer\n")
    monkeypatch.setattr(discovery, "PROBE", probe)
    machine.discovery().all()
    assert len(machine.runner.started) == 2


def test_a_new_search_finds_what_was_installed_meanwhile(machine, python):
    machine.link(python("3.9"))
    discovery = machine.discovery()
    assert len(discovery.all()) == 1
    machine.link(python("3.11"), "python3.11")
    assert len(discovery.all()) == 1
    discovery.refresh()
    assert len(discovery.all()) == 2


def test_an_interrupted_command_is_not_an_empty_machine(machine, python):
    machine.link(python("3.9"))
    machine.link(python("3.11"), "python3.11")
    machine.runner.close()
    with pytest.raises(RunnerClosedError):
        machine.discovery().all()
    assert not machine.cache.exists()


def test_names_that_are_no_interpreters_are_not_started(machine):
    for name in (
        "python-config",
        "python3-config",
        "python3.9-gdb.py",
        "pythonw",
        "ipython3",
        "python3.9m",
        "pypy-stubs",
    ):
        machine.script("exit 1", name)
    discovery = machine.discovery()
    assert discovery.all() == ()
    assert discovery.failures() == ()


def test_a_folder_on_path_that_is_no_folder_stops_nothing(machine, python):
    (machine.root / "file").write_text("")
    machine.path += [machine.root / "file", machine.root / "missing"]
    machine.link(python("3.9"))
    assert machine.versions() == [("3.9", "PATH")]


def test_a_name_that_is_no_utf8_is_no_obstacle(machine, python):
    folder = Path(os.fsdecode(os.fsencode(machine.root) + b"/b\xff"))
    folder.mkdir()
    (folder / "python3").symlink_to(python("3.9"))
    machine.path.append(folder)
    for _ in range(2):
        (found,) = machine.discovery().all()
        assert found.executable == str(folder / "python3")
