# SPDX-License-Identifier: Apache-2.0
"""Sets of other canonical forms, which inform: what Parapet makes of their cases, counted."""

import base64
import re


def not_read(_forms, _case):
    return 'not read: no URL, name or request of HTTP/1'


def _spell(form):
    port = f':{form["port"]}' if form['port'] else ''
    return f'http://{form["host"]}{port}{form["path"]}' + (f'?{form["query"]}' if form['query'] else '')


def compare_url(forms, case):
    """Another form of the whole URL: whether both see the same thing in it."""
    got = forms.ask('url', text=case['input'])
    expected = case.get('output')
    if not expected or case.get('fail'):
        return None if 'refused' in got else f'{case["input"]!r} is {_spell(got)}, there it is none'
    want = forms.ask('url', text=expected)
    if got == want or ('refused' in got and 'refused' in want):
        return None
    return f'{case["input"]!r} is {got if "refused" in got else _spell(got)}, there {expected}'


def compare_path(forms, case):
    got = forms.ask('wire', authority='a.test', target=case['input'])
    want = forms.ask('wire', authority='a.test', target=case['output'])
    return None if got == want else f'{case["input"]!r} is {got["path"]}, there {case["output"]}'


def compare_address(forms, case):
    got = forms.ask('url', text='http://' + case['input'] + '/')
    expected = case['output'] or None
    host = got.get('host')
    return None if host == expected else f'{case["input"]!r} is {host}, there {expected}'


def compare_host(forms, case):
    got = forms.ask('url', text=case['input'])
    expected = None if case['fail'] else case['output']
    return None if got.get('host') == expected else f'{case["input"]!r} has host {got.get("host")}, there {expected}'


def compare_url_path(forms, case):
    got = forms.ask('url', text=case['input'])
    return None if got.get('path') == case['output'] else f'{case["input"]!r} has path {got.get("path")}, there {case["output"]}'


def compare_patterns(forms, case):
    """Safe Browsing looks up prefixes of one URL: the longest is the URL itself."""
    got, want = forms.ask('url', text=case['input']), forms.ask('url', text='http://' + case['patterns'][0])
    return None if got == want else f'{case["input"]!r} is {_spell(got)}, there {case["patterns"][0]}'


def compare_punycode(forms, case):
    got = forms.ask('url', text=case['decoded'] + '.test')
    expected = 'xn--' + case['encoded'].lower() + '.test'
    return None if got.get('host') == expected else f'{case["decoded"]!r} is {got.get("host")}, there {expected}'


def compare_utf8_query(forms, case):
    """Parapet knows UTF-8 alone in queries."""
    if 'utf-8' not in case['output']:
        return None
    got, want = (forms.ask('wire', authority='a.test', target='/?' + text) for text in (case['input'], case['output']['utf-8']))
    return None if got == want else f'{case["input"]!r} is {got["query"]}, there {case["output"]["utf-8"]}'


def path_of(target):
    """What Parapet keeps of a request target: the path of an absolute one, nothing of an authority."""
    absolute = re.match(r'[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*', target)
    if absolute:
        return target[absolute.end():] or '/'
    return '' if re.fullmatch(r'[^/*?#]+:[0-9]*', target) else target


def compare_requests(forms, bytes_sent, targets):
    got = forms.ask('http', base64=base64.b64encode(bytes_sent).decode())
    found = [request['target'] for request in got.get('requests', [])]
    targets = [path_of(target) for target in targets]
    return None if found[:len(targets)] == targets else f'requests {found}, there {targets}'


def compare_llhttp(forms, case):
    """A case stands in Markdown: line ends are CR LF, escapes spell others; some cases run over their closing fence."""
    text = case['request_as_in_md'].partition('```')[0]
    text = re.sub(r'\\\n', '', text).replace('\n', '\r\n')
    sent = text.replace('\\r', '\r').replace('\\n', '\n').replace('\\t', '\t').encode('latin-1', 'replace')
    targets = re.findall(r'span\[url\]="([^"]*)"', case['request_as_in_md'].partition('```')[2] or case['log'])
    return compare_requests(forms, sent, targets)


def compare_libhtp(forms, case):
    parts = re.split(rb'(?:^|\r?\n)(>>>|<<<)\r?\n', base64.b64decode(case['b64']))
    sent = b''.join(parts[i + 1] for i in range(1, len(parts) - 1, 2) if parts[i] == b'>>>')
    targets = [line.split()[1].decode('latin-1') for line in re.findall(rb'^(?:GET|POST|HEAD|PUT) \S+ HTTP/1\.\d', sent, re.M)]
    return compare_requests(forms, sent, targets)


CHECKS = {
    'urlcanon-semantic_precise': compare_url,
    'urlcanon-aggressive': compare_url,
    'urlcanon-surt': compare_url,
    'urlcanon-supplemental_whatwg': compare_url,
    'urlcanon-idempotence': compare_url,
    'urlcanon-path_dots': compare_path,
    'urlcanon-funky_ipv4': compare_address,
    'google-safebrowsing-TestParseIPAddress': compare_address,
    'google-safebrowsing-TestCanonicalHost': compare_host,
    'google-safebrowsing-TestCanonicalPath': compare_url_path,
    'google-safebrowsing-TestCanonicalURL': compare_url,
    'google-safebrowsing-TestGeneratePatterns': compare_patterns,
    'rusturl-punycode_tests': compare_punycode,
    'wpt-percent-encoding': compare_utf8_query,
    'llhttp': compare_llhttp,
    'libhtp': compare_libhtp,
}
