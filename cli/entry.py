"""Where `atoll` starts, and the only place that turns exceptions into text and an exit status."""

from __future__ import annotations

import sys

from atoll_host.cli.statuses import FAULT, INTERRUPTED


def main() -> None:
    """Run the command line and exit: 0 all well, 1 something is wrong, 2 usage or tool failure, 130 interrupted."""
    try:
        status: int | str | None = _run(sys.argv[1:])
    except SystemExit as ended:
        status = ended.code
    except BrokenPipeError:
        # Whoever read our output has had enough.
        _silence_output()
        status = 1
    except Exception:  # noqa: BLE001 — the last resort: a fault of ours keeps its traceback
        import traceback  # noqa: PLC0415 — only for a fault

        traceback.print_exc()
        sys.stderr.write("\nThis is a fault of atoll itself: please report it with the lines above\n")
        status = FAULT
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted\n")
        status = INTERRUPTED
    _ignore_interrupts()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_output()
    sys.exit(status)


def _run(arguments: list[str]) -> int | str | None:
    if arguments == ["--version"]:
        # Answered before anything heavy is imported.
        from importlib.metadata import version  # noqa: PLC0415 — only for this answer

        sys.stdout.write(f"atoll {version('atoll')}\n")
        return 0
    from atoll_host.cli.warming import warm_up  # noqa: PLC0415 — inside the reach of the handlers above

    warm_up(arguments)
    from atoll_host.cli.app import run  # noqa: PLC0415 — the run's process starts before all the commands are imported

    run(arguments)
    return 0


def _ignore_interrupts() -> None:
    """Keep a late Ctrl-C from replacing the exit status: a finalizing interpreter gives SIGINT its default action."""
    if "signal" in sys.modules:
        import signal  # noqa: PLC0415 — costs nothing when it is there, and too much for `--version` when it is not

        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _silence_output() -> None:
    import os  # noqa: PLC0415 — only on the way out

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
