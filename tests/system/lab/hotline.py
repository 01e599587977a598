# SPDX-License-Identifier: Apache-2.0
"""A hotline that serves its lists over HTTPS: a folder of files, with ETag, If-Modified-Since and credentials.

As a program: python3 hotline.py FOLDER PORT CERTIFICATE KEY LOG. A list is replaced by rename. FOLDER/access.json
may hold {"/name": "Authorization value"}, FOLDER/manners.json {"/name": how it misbehaves}. LOG gets a line "path status" for each request.
A report that is posted becomes a line of FOLDER/posted.jsonl.
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
        how = self._manner()
        if how:
            self._misbehave(how)
            return
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

    def do_POST(self):
        """A report: it becomes a line of FOLDER/posted.jsonl."""
        body = self.rfile.read(int(self.headers['Content-Length']))
        how = self._manner()
        if how:
            self._misbehave(how)
            return
        status = 204 if self._may_ask() else 401
        if status == 204:
            with open(os.path.join(self.folder, 'posted.jsonl'), 'a', encoding='utf-8') as posted:
                posted.write(json.dumps({'path': self.path, 'type': self.headers['Content-Type'], 'body': body.decode()}) + '\n')
        self.send_response(status)
        self.end_headers()
        self.log_file.write(f'{self.path} {status}\n')
        self.log_file.flush()

    def _may_ask(self):
        try:
            with open(os.path.join(self.folder, 'access.json'), encoding='utf-8') as access:
                wanted = json.load(access).get(self.path)
        except FileNotFoundError:
            return True
        return wanted is None or self.headers.get('Authorization') == wanted

    def _manner(self):
        try:
            with open(os.path.join(self.folder, 'manners.json'), encoding='utf-8') as manners:
                return json.load(manners).get(self.path)
        except FileNotFoundError:
            return None

    def _misbehave(self, how):
        """Answers that no honest source gives; each ends with its connection."""
        self.close_connection = True
        line = b'listed.example.test\n'
        status, _, value = how.partition(' ')
        if status.isdigit():
            self.send_response(int(status))
            self.send_header('Content-Length', '0')
            if value:
                self.send_header('Location', value)
            self.end_headers()
            return
        self.send_response(200)
        if how == 'short':
            self.send_header('Content-Length', str(len(line) * 100))
        elif how == 'encoded':
            self.send_header('Content-Encoding', 'gzip')
            self.send_header('Content-Length', str(len(line)))
        elif how in ('endless', 'slow'):
            self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        try:
            if how == 'endless':
                while True:
                    self.wfile.write(b'2800\r\n' + b'\n' * 0x2800 + b'\r\n')
            elif how == 'slow':
                while True:
                    self.wfile.write(b'1\r\n\n\r\n')
                    time.sleep(0.05)
            else:
                self.wfile.write(line)
        except OSError:
            pass  # the other side had enough

    def _answer(self):
        if not self._may_ask():
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
        return self.publish_bytes(name, ''.join(f'{line}\n' for line in lines).encode())

    def publish_bytes(self, name, content):
        temporary = os.path.join(self.folder, f'.{name}.new')
        with open(temporary, 'wb') as out:
            out.write(content)
        now = time.time_ns()
        os.replace(temporary, os.path.join(self.folder, name))
        return now

    def posted(self):
        """What was reported to it: {"path", "type", "body"}, the oldest first."""
        try:
            with open(os.path.join(self.folder, 'posted.jsonl'), encoding='utf-8') as lines:
                return [json.loads(line) for line in lines]
        except FileNotFoundError:
            return []

    def behave(self, manners):
        """{"name": how}: "short", "unmarked", "encoded", "endless", "slow", "STATUS" or "STATUS LOCATION"; {} for well again."""
        path = os.path.join(self.folder, 'manners.json')
        with open(f'{path}.new', 'w', encoding='utf-8') as out:
            json.dump({f'/{name}': how for name, how in manners.items()}, out)
        os.replace(f'{path}.new', path)

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
