# SPDX-License-Identifier: Apache-2.0
"""The real ends of the catalogue: every server on one namespace, each with a log that names the host it served."""

import base64
import hashlib
import os
import re

from .processes import Daemon, run, wait_until
from .servers import unbound_configuration

LISTED, SPARED = 'listed.example.test', 'spared.example.test'  # equally long, so that twins differ in the name alone
ZONES = [LISTED, SPARED, 'benign.example.test']
HTTP, HTTPS, H2C, S_SERVER, GNUTLS, APACHE, QUIC, QUIC_RETRY, DNS_ELSEWHERE, PYTHON = (
    80, 443, 8080, 4433, 5556, 8090, 443, 4443, 5300, 8000)
HTTP_ELSEWHERE, HTTPS_ELSEWHERE, PROXY = 7001, 7002, 3128
_HERE = os.path.dirname(__file__)

_NGINX = '''user root;
master_process off;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log crit;
events {{ worker_connections 1024; }}
http {{
  log_format served '$status "$ssl_server_name" "$host" "$http_x_case" "$request"';
  access_log {folder}/nginx.log served;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  keepalive_timeout 60; keepalive_requests 100000; client_body_timeout 60; client_header_timeout 60;
  large_client_header_buffers 8 80k; client_max_body_size 4m; server_names_hash_bucket_size 128;
  merge_slashes off; default_type text/plain; underscores_in_headers on;
  server {{
    listen 80 default_server fastopen=64; listen [::]:80 default_server fastopen=64;
    listen 7001; listen [::]:7001; listen 8080 http2; listen [::]:8080 http2;
    location / {{ return 200 "served $host $http_x_case\\n"; }}
  }}
{tls}
}}
'''
_NGINX_TLS = '''  server {{
    listen 443 ssl http2{default}; listen [::]:443 ssl http2{default};
    listen 7002 ssl{default}; listen [::]:7002 ssl{default};
    server_name *.{zone}; ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;
    location / {{ return 200 "served $ssl_server_name $host\\n"; }}
  }}
'''
_APACHE = '''ServerRoot {folder}
ServerName ends.example.test
PidFile {folder}/apache.pid
Listen 8090
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so
LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
User nobody
Group nogroup
StartServers 1
ThreadsPerChild 4
MaxRequestWorkers 4
ServerLimit 1
Protocols h2c http/1.1
H2Direct on
H2MinWorkers 1
HttpProtocolOptions Unsafe LenientMethods Allow0.9
LimitRequestFieldSize 70000
LimitRequestLine 70000
KeepAliveTimeout 60
DocumentRoot {folder}/www
RewriteEngine On
RewriteRule ^ /index.html [L]
LogFormat "%>s \\"%{{Host}}i\\" \\"%{{X-Case}}i\\" \\"%r\\"" served
CustomLog {folder}/apache.log served
ErrorLog {folder}/apache-error.log
<Directory {folder}/www>
Require all granted
</Directory>
'''

class Ends:
    """Starts them all; served() reads their logs. folder: for configurations and logs."""

    def __init__(self, folder, namespace, authority, end_with):
        self.folder = folder
        self.namespace = namespace
        self._end_with = end_with
        self._read = {}
        self._text = {}
        os.makedirs(os.path.join(folder, 'www'), exist_ok=True)
        with open(os.path.join(folder, 'www', 'index.html'), 'w', encoding='ascii') as page:
            page.write('served\n')
        self._certificates = {zone: authority.issue(zone, dns_names=[zone, f'*.{zone}']) for zone in ZONES}
        everything = authority.issue('ends', dns_names=[f'*.{zone}' for zone in ZONES])
        self._start_nginx()
        self._start('apache', ['/usr/sbin/apache2', '-X', '-f', self._write('apache.conf', _APACHE.format(folder=folder))],
                    log=None)
        self._start_unbound()
        certificate, key = everything
        self.key_digest = self._key_digest(certificate)
        self._start('s_server', ['stdbuf', '-oL', 'openssl', 's_server', '-accept', S_SERVER, '-cert', certificate, '-key',
                                 key, '-servername', 'ends.example.test', '-cert2', certificate, '-key2', key, '-www',
                                 '-groups', 'X25519:P-256'])
        self._start('gnutls-serv', ['stdbuf', '-oL', 'gnutls-serv', '--http', '--port', GNUTLS, '--x509certfile', certificate,
                                    '--x509keyfile', key, '--noticket', '--disable-client-cert'])
        for name, port, more in (('quic', QUIC, []), ('quic-retry', QUIC_RETRY, ['-V'])):
            self._start(name, ['gtlsserver', '--no-quic-dump', '--no-http-dump', '-d', f'{folder}/www', *more, '*', port, key,
                               certificate])
        self._start('python', ['/usr/bin/python3', '-u', os.path.join(_HERE, 'plain_server.py'), PYTHON, PROXY])
        wait_until(self._listening, 15, 'the ends to listen', 0.05)

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='ascii') as out:
            out.write(text)
        return path

    def _start(self, name, argv, log='own'):
        output = os.path.join(self.folder, f'{name}.out')
        daemon = Daemon(name, argv, output, self.namespace, directory=self.folder)
        self._end_with(daemon.stop)
        path = output if log == 'own' else os.path.join(self.folder, f'{name}.log')
        self._read[path] = 0
        self._text[path] = ''

    @staticmethod
    def _key_digest(certificate):
        """SHA-256 of the public key in base64: Chromium takes a QUIC certificate from an unknown authority only by it."""
        key = run(['openssl', 'x509', '-in', certificate, '-pubkey', '-noout']).stdout
        der = base64.b64decode(''.join(key.split('-----')[2].split()))
        return base64.b64encode(hashlib.sha256(der).digest()).decode()

    def _start_nginx(self):
        tls = ''.join(_NGINX_TLS.format(zone=zone, certificate=pair[0], key=pair[1],
                                        default=' default_server' if index == 0 else '')
                      for index, (zone, pair) in enumerate(self._certificates.items()))
        path = self._write('nginx.conf', _NGINX.format(folder=self.folder, tls=tls))
        self._start('nginx', ['/usr/sbin/nginx', '-p', self.folder, '-c', path], log=None)

    def _start_unbound(self):
        lines = ['verbosity: 1', f'logfile: "{self.folder}/unbound.log"', 'log-replies: yes', 'log-tag-queryreply: yes',
                 'interface-automatic: no']
        lines += [f'interface: {address}@{port}' for port in (53, DNS_ELSEWHERE) for address in ('0.0.0.0', '::0')]
        for zone in ZONES:
            lines += [f'local-zone: "{zone}." redirect', f'local-data: "{zone}. 60 IN A 192.0.2.80"',
                      f'local-data: "{zone}. 60 IN AAAA 2001:db8::80"']
        path = self._write('unbound.conf', unbound_configuration(self.folder, lines))
        self._start('unbound', ['/usr/sbin/unbound', '-d', '-c', path], log=None)

    def _listening(self):
        ports = self.namespace.run(['ss', '-ltunH']).stdout
        tcp = (HTTP, HTTPS, H2C, S_SERVER, GNUTLS, APACHE, PYTHON, 53, DNS_ELSEWHERE, HTTP_ELSEWHERE, HTTPS_ELSEWHERE, PROXY)
        lines = ports.splitlines()
        return (all(any(line.startswith('tcp') and f':{port} ' in line for line in lines) for port in tcp) and
                all(any(line.startswith('udp') and f':{port} ' in line for line in lines) for port in (53, QUIC, QUIC_RETRY)))

    def _refresh(self):
        for path, position in self._read.items():
            with open(path, 'rb') as log:
                log.seek(position)
                more = log.read()
            more = more[:more.rfind(b'\n') + 1]
            self._read[path] = position + len(more)
            self._text[path] += more.decode('latin-1').lower()

    def served(self, host):
        """Whether a server's own log says that it served this host (or, with a token, any host with it)."""
        self._refresh()
        served = re.compile(rf'^(?!4\d\d |5\d\d ).*{re.escape(host.lower())}', re.MULTILINE)
        return any(served.search(text) for text in self._text.values())
