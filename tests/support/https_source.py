#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A hotline for tests: HTTPS on 127.0.0.1 under a throw-away CA, with each way of answering behind one path.

usage: https_source.py FOLDER
  makes FOLDER/ca.pem (to trust) and FOLDER/other-ca.pem (not to), listens on a free port of 127.0.0.1, prints it, and
  serves until its standard input ends.

  /file/NAME   FOLDER/NAME as it is now, with ETag, Last-Modified and 304        /short     ends before its length
  /basic       needs user "hotline", password "s3cret"                            /unmarked  no length, ends by closing
  /bearer      needs the token "t0ken"                                            /slow      a byte each 100 ms
  /chunked/N   N bytes in chunks    /declared/N  N bytes with their length        /redirect  302 to /file/list.txt
  /gzip        a Content-Encoding   /status/N    HTTP status N                    /none      304, asked or not
  /agent       the request head as JSON, without credentials
  /client      needs a client's certificate of FOLDER/ca.pem (FOLDER/client.pem, client.key)

  A POST to /report or /bearer puts what came into FOLDER/posted; to /status/N answers N.

  The second number printed is the port of a proxy that takes CONNECT and writes where to into FOLDER/proxied.
"""
import base64
import hashlib
import http.server
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import threading
import time

LINE = b"listed.example.test\n"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(folder):
    path = lambda name: os.path.join(folder, name)
    for ca in ("ca", "other-ca"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=Test " + ca, "-keyout", path(ca + ".key"), "-out", path(ca + ".pem"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=127.0.0.1",
            "-keyout", path("server.key"), "-out", path("server.csr"))
    with open(path("server.ext"), "w") as extensions:
        extensions.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "2", "-extfile", path("server.ext"), "-out", path("server.pem"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=provider",
            "-keyout", path("client.key"), "-out", path("client.csr"))
    openssl("x509", "-req", "-in", path("client.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-days", "2", "-out", path("client.pem"))
    os.chmod(path("client.key"), 0o600)


class Hotline(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = ""

    def log_message(self, *_):
        pass

    def answer(self, body, headers=(), status=200):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_file(self, name):
        path = os.path.join(self.folder, os.path.basename(name))
        try:
            with open(path, "rb") as file:
                body = file.read()
        except FileNotFoundError:
            return self.answer(b"", status=404)
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return None
        modified = self.date_time_string(int(os.stat(path).st_mtime))
        return self.answer(body, [("ETag", etag), ("Last-Modified", modified)])

    def do_GET(self):
        kind, _, rest = self.path.lstrip("/").partition("/")
        answers = {
            "file": lambda: self.answer_file(rest),
            "basic": lambda: self.authorised("Basic " + base64.b64encode(b"hotline:s3cret").decode()),
            "bearer": lambda: self.authorised("Bearer t0ken"),
            "chunked": lambda: self.chunked(int(rest)),
            "declared": lambda: self.answer(b"x" * int(rest)),
            "gzip": lambda: self.answer(LINE, [("Content-Encoding", "gzip")]),
            "client": lambda: self.answer(LINE, status=200 if self.connection.getpeercert() else 403),
            "short": self.short,
            "unmarked": self.unmarked,
            "slow": self.slow,
            "redirect": lambda: self.answer(b"", [("Location", "/file/list.txt")], 302),
            "status": lambda: self.answer(b"", status=int(rest)),
            "none": lambda: self.answer_nothing(304),
            "agent": lambda: self.answer(json.dumps(sorted(k.lower() for k in self.headers.keys())).encode()),
        }
        try:
            answers.get(kind, lambda: self.answer(b"", status=404))()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind, _, rest = self.path.lstrip("/").partition("/")
        if kind == "status":
            return self.answer(b"an answer", status=int(rest))
        if kind == "bearer" and self.headers.get("Authorization") != "Bearer t0ken":
            return self.answer(b"", status=401)
        with open(os.path.join(self.folder, "posted"), "wb") as out:
            out.write(self.headers.get("Content-Type", "").encode() + b"\n" + body)
        return self.answer(b"")

    def answer_nothing(self, status):
        self.send_response(status)
        self.end_headers()

    def authorised(self, expected):
        if self.headers.get("Authorization") == expected:
            self.answer(LINE)
        else:
            self.answer(b"", status=401)

    def chunked(self, size):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while size > 0:
            part = min(size, 16384)
            self.wfile.write(b"%x\r\n" % part + b"x" * part + b"\r\n")
            size -= part
        self.wfile.write(b"0\r\n\r\n")

    def short(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(LINE)
        self.close_connection = True

    def unmarked(self):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(LINE)
        self.close_connection = True

    def slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Proxy(http.server.BaseHTTPRequestHandler):
    folder = ""

    def log_message(self, *_):
        pass

    def do_CONNECT(self):
        with open(os.path.join(self.folder, "proxied"), "w") as out:
            out.write(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            ends = {self.connection: there, there: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[end].sendall(data)


def main():
    folder = sys.argv[1]
    make_certificates(folder)
    Hotline.folder = folder
    server = Server(("127.0.0.1", 0), Hotline)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(os.path.join(folder, "ca.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Proxy.folder = folder
    proxy = Server(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    print(server.server_address[1], proxy.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
