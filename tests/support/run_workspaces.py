"""Workspaces whose assets note themselves what they did, in a ledger that no crash takes back."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

from command_line import ATOLL, Folder

LEDGER = '''
import json, os, sys, time

def note(what):
    """Append a line and have it on the disk before anything else happens."""
    line = json.dumps([what, os.getpid(), "%d.%d" % sys.version_info[:2]]).encode() + b"\\n"
    descriptor = os.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ledger.jsonl"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line)
    os.fsync(descriptor)
    os.close(descriptor)
'''

ISLANDS = {
    "old.py": LEDGER
    + """
from typing import Dict, List
from atoll import AssetCheckResult, Definitions, asset, asset_check

@asset(group_name="raw")
def orders(context) -> List[int]:
    note("orders")
    print("printed by orders")
    context.log.info("eleven orders")
    return list(range(11))

@asset
def totals(orders: List[int], prices: Dict[str, float]) -> Dict[str, float]:
    note("totals")
    return {str(order): order * prices["each"] for order in orders}

@asset_check(asset=totals, blocking=True)
def totals_are_positive(totals) -> AssetCheckResult:
    return AssetCheckResult(passed=min(totals.values()) >= 0)

defs = Definitions(assets=[orders, totals], asset_checks=[totals_are_positive])
""",
    "new.py": LEDGER
    + """
from atoll import Definitions, asset

@asset
def prices(orders: list[int]) -> dict[str, float]:
    note("prices")
    return {"each": 2.5 + len(orders)}

@asset
def report(totals: dict[str, float]) -> float:
    note("report")
    return sum(totals.values())

defs = Definitions(assets=[prices, report])
""",
}


def write_locations(path: Path, files: dict[str, str], pythons: dict[str, str]) -> Folder:
    """Write a workspace of files, each loaded by an interpreter as it is."""
    folder = Folder(path)
    entries = [
        {
            "python_file": {
                "relative_path": name,
                "location_name": name.removesuffix(".py"),
                "executable_path": pythons[name],
            }
        }
        for name in files
        if name in pythons
    ]
    return folder.write({**files, "workspace.yaml": json.dumps({"load_from": entries})})


def ledger(folder: Folder) -> list[str]:
    """Give what user code noted, in order."""
    file = folder.path / "ledger.jsonl"
    return [json.loads(line)[0] for line in file.read_text().splitlines()] if file.exists() else []


def start(folder: Folder, *words: str, **options) -> subprocess.Popen:
    """Start `atoll` with these words, in a session of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR"}}
    return subprocess.Popen(
        [*ATOLL, *words],
        cwd=folder.path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def runs(folder: Folder) -> list[dict]:
    """Give what `atoll runs list` says, which ends those whose process is gone."""
    return folder.run("runs", "list", "--limit", "1000", "--json").ended(0).json()["data"]


def read(folder: Folder, query: str) -> list[tuple]:
    """Ask the database itself."""
    file = folder.path / ".atoll" / "runs.db"
    if not file.exists():
        return []
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        connection.close()


def stored(folder: Folder) -> dict[str, object]:
    """Give every stored JSON value by its path."""
    root = folder.path / ".atoll" / "storage"
    return {str(file.relative_to(root)): json.loads(file.read_text()) for file in sorted(root.rglob("*.json"))}


def parts(folder: Folder) -> list[Path]:
    """List the files that were being written."""
    return list((folder.path / ".atoll").rglob("*.part"))


def host_pids(folder: Folder) -> list[int]:
    """Give the processes that look after runs which have not ended."""
    found = read(folder, "SELECT pid FROM runs WHERE pid IS NOT NULL AND ended IS NULL")
    return [pid for (pid,) in found]


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """End a process, if it is still there."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
