# SPDX-License-Identifier: Apache-2.0
"""A hotline that serves its lists over HTTPS: a folder of files, with ETag, If-Modified-Since and credentials.

As a program: python3 hotline.py FOLDER PORT CERTIFICATE KEY LOG. A list is replaced by rename. FOLDER/access.json
may hold {"/name": "Authorization value"}. LOG gets a line "path status" for each request.
"""

import email.utils
import hashlib
import http.server
import json
import os
import ssl
import sys
import time


class ListServer(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = 30
    folder = ''
    log_file = None

    def do_GET(self):
        status, headers, body = self._answer()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)
        self.log_file.write(f'{self.path} {status}\n')
        self.log_file.flush()

    def _answer(self):
        try:
            with open(os.path.join(self.folder, 'access.json'), encoding='utf-8') as access:
                wanted = json.load(access).get(self.path)
        except FileNotFoundError:
            wanted = None
        if wanted is not None and self.headers.get('Authorization') != wanted:
            return 401, {'WWW-Authenticate': 'Basic realm="hotline"'}, b''
        name = os.path.basename(self.path)
        try:
            with open(os.path.join(self.folder, name), 'rb') as source:
                body = source.read()
                changed = int(os.fstat(source.fileno()).st_mtime)
        except (FileNotFoundError, IsADirectoryError):
            return 404, {}, b''
        tag = '"' + hashlib.sha256(body).hexdigest()[:32] + '"'
        headers = {'ETag': tag, 'Last-Modified': email.utils.formatdate(changed, usegmt=True),
                   'Content-Type': 'text/plain; charset=utf-8'}
        # RFC 9110 §13.2.2: If-None-Match first, the date only without it
        if 'If-None-Match' in self.headers:
            return (304 if tag in self.headers['If-None-Match'] else 200), headers, body
        since = email.utils.parsedate_tz(self.headers.get('If-Modified-Since', ''))
        return (304 if since and changed <= email.utils.mktime_tz(since) else 200), headers, body

    def log_message(self, *_arguments):
        pass


class Hotline:
    """The hotline as a scene sees it: publish() replaces a list in one step."""

    def __init__(self, folder, port):
        self.folder = folder
        self.port = port
        os.makedirs(folder, exist_ok=True)

    def url(self, name):
        return f'https://127.0.0.1:{self.port}/{name}'

    def publish(self, name, lines):
        """Returns CLOCK_REALTIME in ns, taken just before the new list is there."""
        temporary = os.path.join(self.folder, f'.{name}.new')
        with open(temporary, 'w', encoding='utf-8') as out:
            out.write(''.join(f'{line}\n' for line in lines))
        now = time.time_ns()
        os.replace(temporary, os.path.join(self.folder, name))
        return now

    def require(self, credentials):
        """{"name": "Authorization header value"}"""
        with open(os.path.join(self.folder, 'access.json'), 'w', encoding='utf-8') as out:
            json.dump({f'/{name}': value for name, value in credentials.items()}, out)


def main():
    folder, port, certificate, key, log = sys.argv[1:]
    ListServer.folder = folder
    ListServer.log_file = open(log, 'a', encoding='utf-8')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), ListServer)
    server.daemon_threads = True
    # the handshake belongs to the connection's thread, not to accept(): a silent client must not stop the others
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == '__main__':
    main()
