"""Passes TCP on to a port of this machine, as fast as it is told, with small buffers as a slow link has.

slow-link.py PORT: prints its own port; each line of the standard input is a number of bytes a second, `inf` for no
limit. Ends with the standard input.
"""

import math
import socket
import sys
import threading
import time

BUFFER_BYTES = 16384
CHUNK_BYTES = 4096
rate = math.inf


def forward(near, far):
    due = time.monotonic()
    while data := near.recv(CHUNK_BYTES):
        far.sendall(data)
        if math.isinf(rate):
            continue
        due = max(due, time.monotonic() - 0.05) + len(data) / rate
        time.sleep(max(0.0, due - time.monotonic()))
    far.shutdown(socket.SHUT_WR)


def back(far, near):
    while data := far.recv(65536):
        near.sendall(data)
    near.shutdown(socket.SHUT_WR)


def run(work, *sockets):
    def guarded():
        try:
            work(*sockets)
        except OSError:
            for one in sockets:
                one.close()

    threading.Thread(target=guarded, daemon=True).start()


def serve(server, port):
    while True:
        near, _ = server.accept()
        far = socket.create_connection(("127.0.0.1", port))
        run(forward, near, far)
        run(back, far, near)


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
server.bind(("127.0.0.1", 0))
server.listen()
print(server.getsockname()[1], flush=True)
threading.Thread(target=serve, args=(server, int(sys.argv[1])), daemon=True).start()
for line in sys.stdin:
    rate = float(line)
