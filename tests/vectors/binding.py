# SPDX-License-Identifier: Apache-2.0
"""Sets that bind: how a case of each is asked, and what must come out.

A check returns None where the case holds, OUT_OF_SCOPE where it says nothing of http and https, else what is wrong. Cases stand
in public files, so their text may be shown.
"""

OUT_OF_SCOPE = object()
_WEB = ('http:', 'https:')


def _is_relative(text):
    return not text.lstrip(''.join(map(chr, range(0x21)))).lower().replace('\t', '').replace('\n', '').startswith(_WEB)


def _resolves_against_base(case):
    """"http:x" beside a base of the same scheme is a relative reference, too."""
    base, text = case.get('base'), case['input'].lstrip().lower()
    scheme = text.partition(':')[0] + ':'
    return bool(base) and base.startswith(scheme) and text.startswith(scheme) and text[len(scheme):len(scheme) + 2] not in (
        '//', '\\\\', '/\\', '\\/')


def check_url(forms, case):
    """WHATWG URL: a list's spelling is the form of what a browser asks for, and so is that request on the wire."""
    if 'href' not in case and not case.get('failure'):
        got = forms.ask('url', text=case['input'])
        return f'is refused: {got["refused"]}, expected no refusal' if 'refused' in got else None
    if not case.get('failure') and not case['href'].startswith(_WEB):
        return OUT_OF_SCOPE
    relative = _is_relative(case['input']) or _resolves_against_base(case)
    if case.get('failure'):
        if relative:
            return OUT_OF_SCOPE
        got = forms.ask('url', text=case['input'])
        return None if 'refused' in got else f'is taken as {got}, expected a refusal'
    # A list holds no relative reference: there the absolute URL alone is looked at.
    got = forms.ask('url', text=case['href'] if relative else case['input'])
    if 'refused' in got:
        return f'is refused: {got["refused"]}, expected {case["href"]}'
    again = forms.ask('url', text=case['href'])
    if got != again:
        return f'gives {got}, what a browser makes of it {again}'
    wire = forms.ask('wire', authority=case['hostname'] + (':' + case['port'] if case['port'] else ''),
                     target=case['pathname'] + case['search'])
    if got != wire:
        return f'gives {got}, its request on the wire {wire}'
    name = case['hostname'].removesuffix('.')
    return None if got['host'] == name else f'gives host {got["host"]}, expected {name}'


def check_idna(forms, case):
    """UTS 46: a name of a list is the name that DNS and TLS show."""
    got = forms.ask('url', text='http://' + case['input'] + '/')
    expected = case['output']
    if expected is None:
        return None if 'refused' in got else f'is taken as {got["host"]}, expected a refusal'
    if 'refused' in got:
        return f'is refused: {got["refused"]}, expected {expected}'
    return None if got['host'] == expected.removesuffix('.') else f'gives {got["host"]}, expected {expected}'


def check_public_suffix(forms, case):
    got = forms.ask('registrable', text=case['input'])['registrable']
    expected = case['registrable']
    if expected is not None and not expected.isascii():
        expected = forms.ask('url', text=expected)['host']
    return None if got == expected else f'registrable domain {got}, expected {expected}'


CHECKS = {
    'made-url': check_url,
    'made-idna': check_idna,
    'made-psl': check_public_suffix,
    'wpt-urltestdata': check_url,
    'wpt-urltestdata-javascript-only': check_url,
    'wpt-verifydnslength_tests': check_url,
    'ada_extra_urltestdata': check_url,
    'ada_long_urltestdata': check_url,
    'wpt-toascii': check_idna,
    'wpt-IdnaTestV2': check_idna,
    'wpt-IdnaTestV2-removed': check_idna,
    'psl': check_public_suffix,
}
