# SPDX-License-Identifier: Apache-2.0
"""Where Parapet keeps to less than a set that binds, each rule with its reason. Reviewed: a rule excuses a case only by what the
case itself says, never by its number, so that it is the same for cases nobody has seen."""

import unicodedata

REASONS = {}
_RULES = []


def _rule(name, reason, sets, refused=True):
    """`refused`: the case is excused only where Parapet refuses it."""
    REASONS[name] = reason

    def keep(excuses):
        _RULES.append((name, sets, refused, excuses))
        return excuses
    return keep


def _name_of(case):
    """What the set expects as the host, without the dot at its end."""
    expected = case.get('hostname') or case.get('output') or ''
    return expected.removesuffix('.')


@_rule('no DNS name', 'a name with an empty label, a label over 63 bytes or over 253 bytes in all can be asked of nobody',
       ('wpt-', 'ada_', 'made-'))
def _is_no_dns_name(case):
    labels = _name_of(case).split('.')
    return '' in labels or any(len(label) > 63 for label in labels) or len(_name_of(case)) > 253


@_rule('port 0', 'nobody can connect to port 0; in an entry it would mean the scheme\'s own port', ('wpt-url', 'ada_', 'made-'))
def _is_port_0(case):
    return case.get('port') == '0'


@_rule('an IPv4 address in IPv6', 'an IPv4-mapped IPv6 address is that IPv4 address: connections to both are the same packets',
       ('wpt-url', 'ada_', 'made-'), refused=False)
def _is_mapped(case):
    return case.get('hostname', '').startswith('[::ffff:')


@_rule('a newer Unicode', 'a character that ICU\'s Unicode does not know yet is in no name that could be registered before it',
       ('wpt-toascii', 'wpt-Idna', 'made-'))
def _is_newer(case):
    return case.get('output') is not None and any(unicodedata.category(c) == 'Cn' for c in case['input'])


def excuse(name, case, problem):
    """The first rule that excuses this case, or None."""
    return next((rule for rule, sets, refused, excuses in _RULES
                 if name.startswith(sets) and (not refused or problem.startswith('is refused')) and excuses(case)), None)
