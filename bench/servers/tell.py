"""What all servers say once they answer."""

import socket


def tell_port(listener: socket.socket) -> None:
    """The port, to who started the process."""
    print(listener.getsockname()[1], flush=True)
