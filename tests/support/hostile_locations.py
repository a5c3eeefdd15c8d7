"""Locations that harm whatever they can reach, and good ones, for `test_hostile.py`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

GOOD = """
import tempfile
from pathlib import Path

from atoll import Definitions, asset

Path(tempfile.gettempdir(), "mine").write_text("{name}")


@asset(description="{name}")
def {name}():
    return 1


print("{name} was here")
defs = Definitions(assets=[{name}])
"""
ENDING = "\nimport atoll\ndefs = atoll.Definitions()\n"
GOOD_NAMES = [f"good_{number}" for number in range(10)]


@dataclass(frozen=True)
class Hostile:
    """A location that does harm.

    Attributes:
        text: its source.
        kinds: what may be reported of it; nothing where it loads all the same.
        limits: what workspace.yaml says of it beside its name.
    """

    text: str
    kinds: tuple[str, ...] = ()
    limits: str = ""


def _daemon(action: str) -> str:
    return f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {action}
        time.sleep(600)
    os._exit(0)
os.wait()
"""


HANGING = {
    "hangs_in_python": Hostile("while True: pass\n", ("timeout",)),
    "hangs_asleep": Hostile("import time\ntime.sleep(600)\n", ("timeout",)),
    "hangs_in_c": Hostile("import re\nre.match('(a+)+$', 'a' * 64 + 'b')\n", ("timeout",)),
    "hangs_on_a_lock": Hostile(
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n", ("timeout",)
    ),
    "hangs_in_a_thread": Hostile(
        "import threading, time\nthread = threading.Thread(target=time.sleep, args=(600,))\nthread.start()\nthread.join()\n",
        ("timeout",),
    ),
    "hangs_deaf_to_signals": Hostile(
        "import signal, time\nfor number in range(1, 65):\n"
        "    try:\n        signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\n"
        "while True:\n    time.sleep(1)\n",
        ("timeout",),
    ),
    "hangs_with_handlers": Hostile(
        "import signal, time\nfor number in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGIO):\n"
        "    signal.signal(number, lambda *_: None)\nwhile True:\n    time.sleep(1)\n",
        ("timeout",),
    ),
    "hangs_with_children": Hostile(
        "import subprocess, sys\nfor _ in range(5):\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "input_ = subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])\n",
        ("timeout",),
    ),
    "hangs_on_a_pipe": Hostile("import os\nreading, writing = os.pipe()\nos.read(reading, 1)\n", ("timeout",)),
    # Whoever stops itself may be woken: all are, after they were stopped to find one that forks without end.
    "hangs_stopped": Hostile("import os, signal\nwhile True: os.kill(os.getpid(), signal.SIGSTOP)\n", ("timeout",)),
}
HARMING = {
    "eats_memory": Hostile("x = []\nwhile True: x.append(b'x' * 4_000_000)\n", ("memory",), "memory: 256MiB"),
    "eats_memory_in_children": Hostile(
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        x = bytearray(b'x' * 100_000_000)\n"
        "        time.sleep(600)\ntime.sleep(600)\n",
        ("memory",),
        "memory: 256MiB",
    ),
    "eats_time": Hostile("while True: pass\n", ("cpu",), "cpu: 1"),
    "forks_on_and_on": Hostile(
        # It doubles eleven times, so that a machine on which nothing stops it survives.
        "import os, time\nfor _ in range(11):\n    os.fork()\ntime.sleep(60)\n",
        ("processes", "timeout"),
    ),
    "hands_itself_on": Hostile(
        "import os, time\nend = time.monotonic() + 60\nwhile time.monotonic() < end:\n"
        "    if os.fork(): os._exit(0)\n    os.setsid()\n",
        ("exited",),
    ),
    "daemonises": Hostile(_daemon("pass") + ENDING),
    "daemonises_without_variables": Hostile(
        "import subprocess, sys\n"
        "code = 'import os, sys, time\\nif os.fork(): os._exit(0)\\nos.setsid()\\ntime.sleep(600)'\n"
        "subprocess.run([sys.executable, '-c', code], env={}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        + ENDING
    ),
    "hangs_at_exit": Hostile("import atexit, time\natexit.register(time.sleep, 600)\n" + ENDING),
    "raises_at_exit": Hostile("import atexit\natexit.register(lambda: 1 / 0)\n" + ENDING),
    "leaves_a_thread": Hostile(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n" + ENDING
    ),
    "fills_stderr": Hostile(
        "import os\nfor _ in range(3000): os.write(2, b'x' * 100_000)\nraise RuntimeError('after all that')\n",
        ("exception",),
    ),
    "fills_stdout": Hostile("for _ in range(3000): print('x' * 100_000)\n" + ENDING),
    "fills_its_temporary_folder": Hostile(
        "import tempfile\nfor number in range(200):\n"
        "    with open(tempfile.mkdtemp() + '/file', 'wb') as file:\n        file.write(b'x' * 500_000)\n" + ENDING
    ),
    "hides_in_its_temporary_folder": Hostile(
        "import os, tempfile\nfolder = tempfile.mkdtemp()\nopen(folder + '/file', 'w').close()\nos.chmod(folder, 0)\n"
        + ENDING
    ),
    "kills_its_parent": Hostile("import os\nos.kill(os.getppid(), 9)\n", ("exception",)),
    "kills_everybody": Hostile("import os\nos.kill(-1, 9)\n", ("no_definitions", "crashed")),
    "kills_its_group": Hostile("import os\nos.killpg(0, 9)\n", ("crashed",)),
    "closes_descriptors": Hostile("import os\nos.closerange(0, 70000)\n", ("protocol",)),
    "writes_garbage": Hostile(
        "import os\nfor number in range(3, 300):\n    try:\n        os.write(number, b'{garbage\\n\\xff\\n')\n"
        "    except OSError:\n        pass\n" + ENDING
    ),
    "recurses": Hostile("def work(): work()\nwork()\n", ("exception",)),
    "crashes_by_recursion": Hostile(
        "import sys, functools\nsys.setrecursionlimit(10**9)\nx = ()\nfor _ in range(10**6): x = (x,)\nrepr(x)\n"
        "class A: pass\nA.__repr__ = lambda self: repr(self)\nrepr(A())\n",
        ("crashed", "memory", "exception"),
    ),
    "aborts": Hostile("import os\nos.abort()\n", ("crashed",)),
    "shouts": Hostile("raise RuntimeError('x' * 100_000_000)\n", ("exception",)),
    "falls_deep": Hostile(
        "import sys\nsys.setrecursionlimit(20_000)\ndef work(n):\n    if n == 0: raise RuntimeError('deep')\n    work(n - 1)\nwork(8_000)\n",
        ("exception", "crashed"),
    ),
    "says_halves_of_characters": Hostile(
        "import atoll\n@atoll.asset(description='half \\udc80')\ndef one(): return 1\ndefs = atoll.Definitions(assets=[one])\n"
    ),
    "raises_halves_of_characters": Hostile("raise ValueError('half \\ud800')\n", ("exception",)),
    "raises_what_cannot_be_said": Hostile(
        "class Odd(Exception):\n    def __str__(self): raise SystemExit\nraise Odd\n", ("exception",)
    ),
    "removes_its_folder": Hostile(
        "import os, tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)\n" + ENDING
    ),
    "replaces_streams": Hostile(
        "import sys\nclass Odd:\n    def __getattr__(self, name): raise RuntimeError(name)\n"
        "sys.stdin = sys.stdout = sys.stderr = Odd()\n" + ENDING
    ),
    "limits_files": Hostile("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n" + ENDING),
    "limits_everything": Hostile(
        "import resource\nfor name in ('RLIMIT_NOFILE', 'RLIMIT_STACK', 'RLIMIT_CORE'):\n"
        "    resource.setrlimit(getattr(resource, name), (0, 0))\n" + ENDING,
        ("protocol", "exception", "crashed", "import_error"),
    ),
    "replaces_itself": Hostile("import os\nos.execv('/bin/sh', ['sh', '-c', 'exit 0'])\n", ("exited",)),
    "is_huge": Hostile(
        "import atoll\n@atoll.asset(description='x' * 20_000_000)\ndef one(): return 1\ndefs = atoll.Definitions(assets=[one])\n"
    ),
}
HOSTILE = {**HANGING, **HARMING}


def entry(name: str, timeout: float) -> str:
    """Give the entry of workspace.yaml."""
    limits = HOSTILE[name].limits if name in HOSTILE else ""
    return (
        f"  - python_file:\n      relative_path: {name}.py\n      executable_path: {sys.executable}\n"
        f"      timeout: {timeout if name in HOSTILE else 120:g}\n" + (f"      {limits}\n" if limits else "")
    )


def write(folder, names: list[str], timeout: float):
    """Write a workspace of such locations."""
    texts = {name: GOOD.replace("{name}", name) if name in GOOD_NAMES else HOSTILE[name].text for name in names}
    entries = "".join(entry(name, timeout) for name in names)
    return folder.write({"workspace.yaml": "load_from:\n" + entries, **{f"{name}.py": texts[name] for name in names}})


def mingled() -> list[str]:
    """Give all names, the good ones spread among the others."""
    names = list(HOSTILE)
    step = len(names) // len(GOOD_NAMES)
    for number, name in enumerate(GOOD_NAMES):
        names.insert(number * (step + 1) + 1, name)
    return names
