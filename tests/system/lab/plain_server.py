# SPDX-License-Identifier: Apache-2.0
"""Two ends in one program: Python's own http.server, and a proxy that takes CONNECT.

As a program: python3 plain_server.py PORT PROXY_PORT. Both say on stdout whom they served.
"""

import http.server
import select
import socket
import sys
import threading


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 60

    def answer(self):
        self.rfile.read(int(self.headers.get('Content-Length') or 0))
        body = f'served {self.headers.get("Host")} {self.path}\n'.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        print(f'200 "{self.headers.get_all("Host")}" "{self.headers.get("X-Case")}" "{self.requestline}"', flush=True)

    do_GET = do_POST = do_HEAD = do_OPTIONS = answer

    def log_message(self, *_arguments):
        pass


class TwoFamilies(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


def across(left, right):
    """Bytes both ways until either side ends."""
    with left, right:
        while True:
            for ready in select.select([left, right], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (right if ready is left else left).sendall(data)


def take_connect(connection, address):
    """One CONNECT: every host is this machine, at the port that was asked for."""
    head = b''
    while b'\r\n\r\n' not in head:
        more = connection.recv(4096)
        if not more:
            return
        head += more
    target = head.split(b' ')[1].decode('latin-1')
    print(f'200 CONNECT {target}', flush=True)
    onward = socket.create_connection((address, int(target.rpartition(':')[2])))
    connection.sendall(b'HTTP/1.1 200 connected\r\n\r\n')
    across(connection, onward)


def proxy(port):
    listener = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=take_connect, args=(connection, '127.0.0.1'), daemon=True).start()


def main():
    threading.Thread(target=proxy, args=(int(sys.argv[2]),), daemon=True).start()
    TwoFamilies(('::', int(sys.argv[1])), Page).serve_forever()


if __name__ == '__main__':
    main()
