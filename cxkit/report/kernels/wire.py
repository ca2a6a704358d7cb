"""What the fork server and its client say to each other: small JSON messages, and open files."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["receive", "send"]

_LENGTH = struct.Struct("!I")
_MOST_FILES = 4


def send(line: socket.socket, message: Mapping[str, Any], files: Sequence[int] = ()) -> None:
    """Send a message, and open files with it; OSError where nobody listens any more.

    A short one goes out whole or not at all: server and kernel share a line to the client, and
    neither a pause nor a kill may put the message of one into that of the other.
    """
    text = json.dumps(message).encode()
    whole = _LENGTH.pack(len(text)) + text
    sent = socket.send_fds(line, [whole], files)
    line.sendall(whole[sent:])


def receive(line: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and the files that came with it; EOFError if there is none to come."""
    head, files, _, _ = socket.recv_fds(line, _LENGTH.size, _MOST_FILES, socket.MSG_CMSG_CLOEXEC)
    head += _exactly(line, _LENGTH.size - len(head))
    text = _exactly(line, _LENGTH.unpack(head)[0])
    return json.loads(text), list(files)


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = line.recv(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
