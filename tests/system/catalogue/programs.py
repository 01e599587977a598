# SPDX-License-Identifier: Apache-2.0
"""Real client programs, as they come: curl, dig, kdig, openssl, gnutls-cli, ngtcp2's client and Chromium."""

import os
import shutil
import tempfile
import threading

from lab.catalogue import Case, Seen
from lab.ends import APACHE, DNS_ELSEWHERE, H2C, HTTP, HTTPS, PROXY, QUIC, QUIC_RETRY, S_SERVER
from lab.scene import SERVER_ADDRESSES

IPV4, IPV6 = SERVER_ADDRESSES


def bracketed(address):
    return f'[{address}]' if ':' in address else address


def curl(*words, scheme='http', port=HTTP, address=IPV4, wanted='served', limit=3):
    def ask(bench, name):
        proxied = any(word in ('-x', '--proxy') for word in words)
        target = [] if proxied else ['--connect-to', f'::{bracketed(address)}:{port}', '--noproxy', '*']
        done = bench.run('curl', '-sSk', '--max-time', limit, *target, *words, f'{scheme}://{name.host}/')
        return Seen(wanted in done.stdout, done.returncode not in (0, 28), f'curl {done.returncode}')
    return ask


def curl_cases():
    for version, address in (('IPv4', IPV4), ('IPv6', IPV6)):
        yield 'H1', f'HTTP/1.1 over {version}', curl('--http1.1', address=address)
        yield 'S1', f'HTTPS over {version}', curl(scheme='https', port=HTTPS, address=address)
        yield 'H16', f'HTTP/2 by prior knowledge over {version}', curl('--http2-prior-knowledge', port=H2C, address=address)
        yield 'H16', f'HTTP/2 by Upgrade over {version}', curl('--http2', port=APACHE, address=address)
        yield 'H7', f'absolute target over {version}', curl('-x', f'http://{bracketed(address)}:80')
        yield 'T20', f'TCP Fast Open over {version}', curl('--tcp-fastopen', address=address)
    yield 'H9', 'HTTP/1.0', curl('--http1.0')
    yield 'H9', 'HTTP/1.0, Apache', curl('--http1.0', port=APACHE)
    yield 'H10', 'POST with a body of 20,000 bytes', curl('-d', 'x' * 20000)
    yield 'H10', 'POST of unknown length', curl('-H', 'Transfer-Encoding: chunked', '-d', 'abc')
    yield 'H11', 'CONNECT and TLS behind it', curl('-x', f'http://{IPV4}:{PROXY}', scheme='https')
    yield 'H16', 'HTTP/2 by prior knowledge, Apache', curl('--http2-prior-knowledge', port=APACHE)
    yield 'S1', 'HTTPS with TLS 1.2', curl('--tls-max', '1.2', scheme='https', port=HTTPS)
    yield 'S1', 'HTTPS without ALPN', curl('--no-alpn', scheme='https', port=HTTPS)
    yield 'S1', 'HTTPS, s_server', curl('--http1.1', scheme='https', port=S_SERVER, wanted='s_server')


def dig(*words, kind='A', program='dig'):
    def ask(bench, name):
        done = bench.run(program, f'@{IPV6 if "-6" in words else IPV4}', *words, name.host, kind)
        return Seen(done.returncode == 0 and 'NOERROR' in done.stdout, done.returncode != 0 and 'reset' in done.stdout)
    return ask


def dig_cases():
    common = ('+tries=1', '+timeout=1')
    for title, words, kind in (
            ('plain', (), 'A'),
            ('plain over IPv6', ('-6',), 'AAAA'),
            ('TCP', ('+tcp',), 'A'),
            ('TCP over IPv6', ('-6', '+tcp'), 'A'),
            ('HTTPS', (), 'HTTPS'),
            ('without EDNS', ('+noedns', '+nocookie'), 'A'),
            ('DNSSEC', ('+dnssec', '+cdflag', '+adflag'), 'A'),
            ('subnet', ('+subnet=192.0.2.0/24',), 'A'),
            ('padding', ('+padding=468',), 'A'),
            ('any', ('+notcp',), 'ANY'),
            ('port 5300', ('-p', str(DNS_ELSEWHERE)), 'A'), ('port 5300, TCP', ('-p', str(DNS_ELSEWHERE), '+tcp'), 'A'),
            ('an option nobody knows', ('+ednsopt=65001:0102',), 'A')):
        yield 'D5', f'dig, {title}', dig(*common, *words, kind=kind)
    for title, words in (('plain', ()), ('TCP', ('+tcp',)), ('padding', ('+padding=468',)),
                         ('TCP Fast Open', ('+tcp', '+fastopen'))):
        yield 'D4', f'kdig, {title}', dig('+retry=0', '+timeout=1', *words, program='kdig')


def tls_program(*words, request=True):
    """A TLS client that reads a request from its stdin. {host} and {address} are filled in."""
    def ask(bench, name):
        argv = [word.replace('{host}', name.host) for word in words]
        text = f'GET / HTTP/1.1\r\nHost: {name.host}\r\nConnection: close\r\n\r\n' if request else ''
        done = bench.scene.client.run(['timeout', '3', *argv], check=False, text_in=text)
        return Seen('served' in done.stdout or 's_server' in done.stdout, done.returncode not in (0, 124))
    return ask


def tls_cases():
    s_client = ('openssl', 's_client', '-quiet', '-servername', '{host}')
    yield 'S1', 's_client', tls_program(*s_client, '-connect', f'{IPV4}:443')
    yield 'S1', 's_client over IPv6', tls_program(*s_client, '-connect', f'[{IPV6}]:443')
    yield 'S1', 's_client, TLS 1.2', tls_program(*s_client, '-connect', f'{IPV4}:443', '-tls1_2')
    yield 'S1', 's_client, records of 600 bytes', tls_program(*s_client, '-connect', f'{IPV4}:443', '-max_send_frag', '600')
    yield 'S9', 's_client, a second hello for another group', tls_program(
        *s_client, '-connect', f'{IPV4}:443', '-groups', 'P-384:X25519')
    yield 'S1', 'gnutls-cli', tls_program('gnutls-cli', '--no-ca-verification', '--logfile=/dev/null', '--sni-hostname={host}',
                                          '--port=443', IPV4)
    yield 'S8', 'gnutls-cli with many groups', tls_program(
        'gnutls-cli', '--no-ca-verification', '--logfile=/dev/null', '--sni-hostname={host}', '--port=443',
        '--priority=NORMAL:-GROUP-ALL:+GROUP-FFDHE8192:+GROUP-X25519:+GROUP-SECP521R1', IPV4)


# for programs that send no other name than the one they resolved
_WITH_HOSTS = ('unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"')


def ngtcp2(*words, port=QUIC, address=IPV4, again=False):
    """ngtcp2's client. again: a second connection resumes the first one's session, with early data."""
    def ask(bench, name):
        with tempfile.TemporaryDirectory() as folder:
            kept = [f'--session-file={folder}/session', f'--tp-file={folder}/parameters'] if again else []

            def once(host):
                hosts = os.path.join(folder, 'hosts')
                with open(hosts, 'w', encoding='ascii') as out:
                    out.write(f'{address} {host}\n')
                return bench.run(*_WITH_HOSTS, hosts, 'gtlsclient', '--no-quic-dump', '--exit-on-all-streams-close',
                                 '--handshake-timeout=1s', '--timeout=2s', *kept, *words, host, port,
                                 f'https://{host}/index.html')
            if again:
                once('first.benign.example.test')
            done = once(name.host)
        return Seen(':status: 200' in done.stdout + done.stderr, False)
    return ask


def quic_cases():
    for version, address in (('IPv4', IPV4), ('IPv6', IPV6)):
        yield 'Q1', f'ngtcp2 over {version}', ngtcp2(address=address)
        yield 'Q8', f'ngtcp2 after a Retry over {version}', ngtcp2(address=address, port=QUIC_RETRY)
        yield 'Q13', f'ngtcp2 with early data over {version}', ngtcp2(address=address, again=True)
    yield 'Q4', 'ngtcp2 with a long connection id', ngtcp2('--dcid', '00112233445566778899aabbccddeeff0011')
    yield 'Q4', 'ngtcp2 without an id of its own', ngtcp2('--scid', '')
    yield 'Q10', 'ngtcp2 with datagrams of 1,452 bytes', ngtcp2('--max-udp-payload-size=1452')
    yield 'Q7', 'ngtcp2 that forces a version negotiation', ngtcp2('-v', '0x1a2a3a4a', '--preferred-versions=v1')
    yield 'Q6', 'ngtcp2 with version 2 of the drafts', ngtcp2('-v', 'v2draft')
    yield 'Q6', 'ngtcp2 with draft 29', ngtcp2('-v', '0xff00001d')


_BROWSERS_AT_ONCE = threading.Semaphore(2)


def chromium(*words, address=IPV4):
    def ask(bench, name):
        folder = tempfile.mkdtemp(prefix='parapet-browser-')
        try:
            with _BROWSERS_AT_ONCE:
                done = bench.run(
                    'timeout', '-k', '1', '25', 'chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
                    '--disable-background-networking', '--disable-component-update', '--disable-sync',
                    f'--user-data-dir={folder}',
                    '--ignore-certificate-errors', f'--ignore-certificate-errors-spki-list={bench.ends.key_digest}',
                    f'--host-resolver-rules=MAP * {bracketed(address)}', '--dump-dom',
                    *[word.replace('{host}', name.host) for word in words], f'https://{name.host}/')
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Seen('served' in done.stdout, 'Page load failed' in done.stderr)
    return ask


def browser_cases():
    """Chromium's hello holds GREASE, extensions in random order and a key of 1,200 bytes, so that it takes two segments."""
    yield 'S7', 'Chromium', chromium('--disable-quic')
    yield 'S7', 'Chromium over IPv6', chromium('--disable-quic', address=IPV6)
    yield 'Q1', 'Chromium, QUIC', chromium('--enable-quic', '--origin-to-force-quic-on={host}:443')


def cases():
    for row, title, ask in curl_cases():
        yield Case(row, f'curl, {title}', ask)
    for row, title, ask in (*dig_cases(), *tls_cases(), *quic_cases()):
        yield Case(row, title, ask)
    for row, title, ask in browser_cases():
        yield Case(row, title, ask, slow=True)
