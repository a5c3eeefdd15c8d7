"""A supervisor over a workspace of single files, in this process, with its events written down."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from atoll_host.cli.rendering import Renderer
from atoll_host.cli.session import Session
from atoll_host.envs.processes import Runner
from atoll_host.server.supervising.supervisor import Supervisor
from atoll_host.workspace.configuration import open_sources
from command_line import Folder

PATIENCE = 20.0


class Bench(Folder):
    """A workspace and its supervisor."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.runner = Runner()
        self.events: list = []
        self.changed = threading.Condition()
        self.supervisor: Supervisor | None = None

    def locate(self, *names: str, **more: str) -> Bench:
        """List locations `NAME/defs.py` in workspace.yaml, each of an interpreter as it is."""
        lines = ["load_from:"]
        for name in names:
            options = {"relative_path": f"{name}/defs.py", "location_name": name, "executable_path": sys.executable}
            lines.append(f"  - python_file: {json.dumps({**options, **more})}")
        self.save("workspace.yaml", "\n".join(lines) + "\n")
        return self

    def save(self, name: str, text: str) -> None:
        """Put a file in place in one step, as editors do."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.saving")
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)

    def start(self, *, settle: bool = True, **options) -> Bench:
        """Supervise it; wait until everything has loaded and is watched, unless told not to."""
        session = Session(Renderer(as_json=False), self.runner, None)
        session.directory = self.path
        self.supervisor = Supervisor(
            open_workspace=lambda: open_sources(self.path, session.sources, variables=session.variables),
            make_loader=lambda _: session.loader,
            **options,
        )
        self.supervisor.hub.listen(self._note)
        self.supervisor.start()
        if settle:
            self.settle()
        return self

    def _note(self, event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    @property
    def live(self):
        return self.supervisor.hub.current

    def state(self, name: str):
        return self.live.states[name]

    def assets(self, name: str) -> list[str]:
        """Names of the assets that are shown of a location."""
        return sorted(asset["key"] for asset in self.state(name).shown.definitions.get("assets", ()))

    def history(self, name: str) -> list[tuple[str, str]]:
        """Trigger and status of its loads, the first one first."""
        return [(record.trigger, record.status) for record in reversed(self.state(name).history)]

    def until(self, condition, seconds: float = PATIENCE) -> None:
        """Wait for events until a condition holds, or fail with what is known."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not condition():
                if time.monotonic() > deadline:
                    raise AssertionError(self.tell())
                # Some conditions hold without an event: processes that are gone.
                self.changed.wait(0.05)

    def settle(self) -> None:
        """Wait until every location is loaded, nothing is under way and everything is watched."""
        self.until(lambda: self.live.states and all(state.report is not None for state in self.live.states.values()))
        self.until(lambda: all(state.activity == "idle" for state in self.live.states.values()))
        assert self.supervisor.wait_until_watching(PATIENCE)

    def until_assets(self, name: str, *names: str) -> None:
        self.until(
            lambda: name in self.live.states and self.assets(name) == sorted(names) and not self.state(name).shown.stale
        )
        self.settle()

    def tell(self) -> str:
        lines = [f"problems {self.live.problems}"]
        for state in self.live.states.values():
            lines += [f"{state.name} {state.word} {state.activity} {self.assets(state.name)}"]
            lines += [f"  {record}" for record in state.history[:8]]
            lines += [f"  {problem}" for problem in state.shown.problems[:3]]
        return "\n".join(lines)

    def quiet(self, seconds: float = 0.4) -> int:
        """Give the number of loads after a time in which more could have come."""
        time.sleep(seconds)
        return sum(len(state.history) for state in self.live.states.values())

    def close(self) -> float:
        """End it; give the seconds that took."""
        began = time.monotonic()
        if self.supervisor is not None:
            self.supervisor.close()
        self.runner.close()
        return time.monotonic() - began


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path / "workspace")
    made.path.mkdir()
    yield made
    made.close()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("atoll")]
    assert not left
