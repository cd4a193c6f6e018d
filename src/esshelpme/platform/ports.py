"""TCP ports of this machine: is this one free, give me any."""

from __future__ import annotations

import errno
import socket

from esshelpme.platform.errors import Refusal


def refuse_if_taken(host: str, port: int) -> None:
    """Raise Refusal, in one line, when `host:port` cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Refusal(f"--host: {host!r} is no address of this machine ({error.strerror}).") from error
    with socket.socket(family, kind, protocol) as probe:
        # As the server does: a closed connection that still lingers does not count, a listening program does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refusal(
                    f"Port {port} is in use: stop the program that has it, or choose another with --port."
                ) from None
            if error.errno == errno.EACCES:
                raise Refusal(f"Port {port} needs root: choose one from 1024 on with --port.") from None
            raise Refusal(f"Cannot listen on {host} port {port}: {error.strerror}.") from None


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
