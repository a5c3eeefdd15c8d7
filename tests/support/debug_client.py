"""A debug adapter client, as small as can be (https://microsoft.github.io/debug-adapter-protocol)."""

from __future__ import annotations

import json
import socket


class DebugClient:
    """Attaches to a debugger that listens on this machine."""

    def __init__(self, port: int, seconds: float = 60.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self._file = self._socket.makefile("rb")
        self._number = 0
        self._waiting: list[dict] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def send(self, command: str, **arguments) -> int:
        """Send a request, and give its number."""
        self._number += 1
        body = json.dumps({"seq": self._number, "type": "request", "command": command, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self._number

    def ask(self, command: str, **arguments) -> dict:
        """Send a request, wait for its answer, and give what it says."""
        number = self.send(command, **arguments)
        answer = self.wait(lambda message: message["type"] == "response" and message["request_seq"] == number)
        assert answer["success"], answer
        return answer.get("body", {})

    def go_on(self, stopped: dict) -> None:
        """Let a thread go on. Its process may have ended before it answers."""
        self.send("continue", threadId=stopped["threadId"])

    def wait_for(self, event: str) -> dict:
        """Wait for an event, and give what it says."""
        return self.wait(lambda message: message["type"] == "event" and message["event"] == event).get("body", {})

    def wait(self, wanted) -> dict:
        """Give the first message that is wanted, of those that came before too."""
        for message in self._waiting:
            if wanted(message):
                self._waiting.remove(message)
                return message
        while True:
            message = self._read()
            if wanted(message):
                return message
            self._waiting.append(message)

    def _read(self) -> dict:
        size = 0
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        assert size, "the debugger has gone"
        return json.loads(self._file.read(size))
