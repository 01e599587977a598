#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/schema.json to the sources and to real output: everything stored or sent is listed, nothing can hold an address.

  tests/schema_test.py                     the schema itself, and the sources against it
  tests/schema_test.py --self-test         plants faults and sees each of them found
  further arguments hold real output to it; each may be given again:
    --log FILE       lines of a daemon's standard error
    --audit FILE     audit.jsonl; its chain is checked too
    --metrics FILE   the text of a scrape
    --socket FILE    answers of the control socket, one a line
    --replay FILE    lines of parapet replay --json, without --show-requests
"""

import argparse
import copy
import hashlib
import json
import os
import re
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..'))

# The closed set: a new kind must be argued for here as well as in the schema.
KINDS = {
    'count', 'gauge', 'ratio', 'size', 'time', 'duration', 'flag', 'enum', 'entry_id', 'entry_id_list', 'list_id', 'list_name',
    'pair_name', 'interface', 'generation', 'sequence', 'key_id', 'digest', 'hash', 'boot_id', 'code', 'error_context',
    'version', 'version_mark', 'path', 'program', 'level', 'layout', 'table_index', 'reserved', 'source_address', 'fixed_text',
    'secret_key', 'operator_question', 'approver', 'approver_list', 'reason', 'guard_summary', 'guard_names', 'legal_text',
    'configured_prefix', 'revealed', 'category_list', 'config_keys', 'report',
    'random', 'sealed',  # the archive: what a list says, behind its key
}
EXCEPTION = 'replay_show_requests'
# Words that would name an end of traffic. A field or kind is read as words between underscores.
_ADDRESS_WORDS = {'src', 'dst', 'sport', 'dport', 'ip', 'ipv4', 'ipv6', 'addr', 'address', 'mac', 'client', 'server', 'peer',
                  'remote', 'user', 'subscriber', 'host', 'hostname', 'target', 'url', 'sni', 'qname', 'name_asked', 'flow',
                  'tuple', 'prefix_asked'}
# Fields that bear such a word and are none: record → field.
_HARMLESS = {
    ('source_request', 'host'), ('source_request', 'user-agent'),          # the source's host; our own version
    ('control_socket_question', 'url'), ('control_socket_question', 'target'),  # typed by the operator, not kept
    ('control_socket_answer', 'host'), ('control_socket_answer', 'url'),  # how many entries of that kind
    ('fetching_child_request', 'client_certificate'), ('fetching_child_request', 'client_key'),  # files of our own
    ('digested_list', 'url_mark'),                                        # bits of a keyed digest
}
_IP_LITERAL = re.compile(r'(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:]))')
_NAME = re.compile(r'[a-z0-9-]{1,32}')


def read_text(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def tables_of(names_header):
    """The tables of counters/names.h: PARAPET_X → its words."""
    tables = {}
    for found in re.finditer(r'#define (PARAPET_\w+)\(X\)((?:.*\\\n)*.*)', names_header):
        tables[found.group(1)] = re.findall(r'\bX\((\w+)', found.group(2))
    return tables


def codes_of(result_header):
    body = re.search(r'enum class ErrorCode \{(.*?)\};', result_header, re.S).group(1)
    return re.findall(r'^\s*(\w+),', body, re.M)


class Schema:
    def __init__(self, tree, document=None):
        self.tree = tree
        self.document = document or json.loads(read_text(os.path.join(tree, 'docs/schema.json')))
        self.records = self.document['records']
        self.tables = tables_of(read_text(os.path.join(tree, 'src/counters/names.h')))
        self.codes = codes_of(read_text(os.path.join(tree, 'src/base/result.h')))

    def fields(self):
        """(record, field name, description) of every field there is."""
        for record, content in self.records.items():
            for group in (content.get('common', {}), content.get('fields', {})):
                for name, field in group.items():
                    yield record, name, field
            for event in content.get('events', {}).values():
                for name, field in event['fields'].items():
                    yield record, name, field
            for part in ('types', 'structs'):
                for group in content.get(part, {}).values():
                    for name, field in group.items():
                        yield record, name, field
            for name, family in content.get('families', {}).items():
                yield record, name, family
                for label, field in family['labels'].items():
                    yield record, label, field

    def words_of(self, field):
        if 'values' in field:
            return field['values']
        return self.tables.get(field.get('values_of'), None)


def check_schema(schema):
    faults = []
    if set(schema.document['kinds']) != KINDS:
        faults.append(f'kinds differ from the closed set: {sorted(set(schema.document["kinds"]) ^ KINDS)}')
    for record, name, field in schema.fields():
        where = f'{record}: {name}'
        if record == EXCEPTION:
            continue
        if field.get('kind') not in KINDS:
            faults.append(f'{where}: kind {field.get("kind")} is not in the closed set')
        last = re.sub(r'\[\]', '', name).split('.')[-1]
        words = set(re.split(r'[_.\-]', last)) | {last}
        if words & _ADDRESS_WORDS and (record, last) not in _HARMLESS:
            faults.append(f'{where}: its name could hold an address or a name from traffic')
    exceptions = [record for record, content in schema.records.items() if content.get('exception')]
    if exceptions != [EXCEPTION]:
        faults.append(f'exceptions are {exceptions}; the one named is {EXCEPTION}')
    return faults


def balanced(text, opening):
    """The text from `opening` (an index of a bracket) to its partner."""
    depth = 0
    in_string = False
    for at in range(opening, len(text)):
        c = text[at]
        if in_string:
            in_string = c != '"' or text[at - 1] == '\\'
        elif c == '"':
            in_string = True
        elif c in '({':
            depth += 1
        elif c in ')}':
            depth -= 1
            if depth == 0:
                return text[opening:at + 1]
    return text[opening:]


def calls(text, pattern):
    for found in re.finditer(pattern, text):
        yield balanced(text, found.end() - 1), text.count('\n', 0, found.start()) + 1


def source_files(tree, extensions=('.cpp', '.h')):
    for folder, _, names in os.walk(os.path.join(tree, 'src')):
        for name in sorted(names):
            if name.endswith(extensions):
                yield os.path.join(folder, name)


def check_log_calls(schema):
    faults, seen = [], set()
    log, audit = schema.records['log'], schema.records['audit']['types']
    for path in source_files(schema.tree):
        inside = os.path.relpath(path, schema.tree)
        if inside.startswith('src/base/log'):
            continue
        text = re.sub(r'//[^\n]*', '', read_text(path))
        for call, line in calls(text, r'\blog_(?:event|error)\('):
            head, _, rest = call.partition('{')
            events = re.findall(r'"(\w+)"', head)
            if not events:
                faults.append(f'{inside}:{line}: a log event without a literal name')
            for event in events:
                seen.add(event)
                _check_fields(faults, f'{inside}:{line}: log event {event}', log['events'].get(event, {}).get('fields'), rest)
        for call, line in calls(text, r'\b(?:audit|append)\((?=\s*"\w+"\s*[,)])'):
            head, _, rest = call.partition('{')
            event = re.search(r'"(\w+)"', head).group(1)
            seen.add('audit ' + event)
            _check_fields(faults, f'{inside}:{line}: audit record {event}', audit.get(event), rest)
    for event in log['events']:
        if event not in seen:
            faults.append(f'log event {event} is listed and nowhere written')
    for event in audit:
        if 'audit ' + event not in seen:
            faults.append(f'audit record {event} is listed and nowhere written')
    return faults


def _check_fields(faults, where, listed, text):
    if listed is None:
        faults.append(f'{where} is not listed')
        return
    for name in re.findall(r'\{\s*"(\w+)"\s*,', '{' + text):
        if name not in listed:
            faults.append(f'{where}: field {name} is not listed')


def check_structs(schema):
    faults = []
    for record, path in (('counter_file', 'src/counters/layout.h'), ('snapshot', 'src/snapshot/format.h'),
                         ('digested_list', 'src/lists/compile/digested_list.cpp'),
                         ('archive', 'src/lists/archive/format.h')):
        text = re.sub(r'//[^\n]*', '', read_text(os.path.join(schema.tree, path)))
        listed = schema.records[record]['structs']
        for found in re.finditer(r'\bstruct (?:alignas\(\d+\) )?(\w+) \{(.*?)\n\};', text, re.S):
            name = found.group(1)
            fields = re.findall(r'^\s*[\w:]+ (\w+)(?:\[\w+\])*;', found.group(2), re.M)
            if name not in listed:
                faults.append(f'{path}: struct {name} is not listed')
                continue
            for field in fields:
                if field not in listed[name]:
                    faults.append(f'{path}: {name}.{field} is not listed')
            for field in listed[name]:
                if field not in fields:
                    faults.append(f'schema: {record} {name}.{field} is listed and not there')
    return faults


def check_families(schema):
    faults = []
    listed = schema.records['metrics']['families']
    text = read_text(os.path.join(schema.tree, 'src/metrics/families.h'))
    there = {}
    for name, kind, labels in re.findall(r'\bX\((\w+), (Gauge|Counter|Histogram), "([^"]*)"', text):
        there['parapet_' + name] = (kind.lower(), [label for label in labels.split(',') if label])
    for name, (kind, labels) in there.items():
        family = listed.get(name)
        if family is None or family['type'] != kind or list(family['labels']) != labels:
            faults.append(f'src/metrics/families.h: {name} is not listed so')
    for name in listed:
        if name.startswith('parapet_') and name not in there:
            faults.append(f'schema: metric {name} is listed and not there')
    return faults


def check_alerts(schema):
    """Alerts name only metrics and labels that there are."""
    faults = []
    families = schema.records['metrics']['families']
    path = 'conf/alerts/parapet.rules.yml'
    for name, labels in re.findall(r'\b(parapet_\w+)(?:\{([^}]*)\})?', read_text(os.path.join(schema.tree, path))):
        family = families.get(name) or families.get(re.sub(r'_(bucket|sum|count)$', '', name))
        if family is None:
            faults.append(f'{path}: there is no metric {name}')
            continue
        for label in re.findall(r'(\w+)\s*[!=]', labels):
            if label not in family['labels']:
                faults.append(f'{path}: {name} has no label {label}')
    return faults


def judge(schema, field, value):
    """What is wrong with a real value; None where nothing is."""
    kind = field['kind']
    words = schema.words_of(field)
    if value is None and field.get('may_be_null'):
        return None
    if kind in ('count', 'gauge', 'size', 'generation', 'sequence'):
        return None if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 'is no whole number'
    if kind in ('time', 'duration', 'ratio'):
        return None if isinstance(value, (int, float)) and not isinstance(value, bool) else 'is no number'
    if kind == 'flag':
        return None if isinstance(value, bool) else 'is neither true nor false'
    if kind in ('entry_id_list', 'approver_list', 'category_list') and isinstance(value, list):
        value = ' '.join(value)
    if not isinstance(value, str):
        return 'is no string'
    if kind == 'enum' and words is not None:
        return None if value in words else 'is none of the listed words'
    if kind == 'code':
        return None if value in schema.codes or value == '' else 'is no error code'
    if kind in ('list_name', 'pair_name'):
        return None if _NAME.fullmatch(value) else 'is no configured name'
    if kind in ('approver', 'approver_list', 'category_list'):
        return None if all(_NAME.fullmatch(name) for name in value.split()) else 'is no configured name'
    if kind == 'config_keys':
        return None if re.fullmatch(r'([a-z0-9_-]+(\.[a-z0-9_-]+)*( |$))*', value) else 'is no list of keys'
    if kind == 'reason':
        return None if re.fullmatch(r'[A-Za-z0-9 #-]{1,200}', value) else 'is no reason'
    if kind in ('entry_id', 'key_id'):
        return None if re.fullmatch(r'[0-9a-f]{16}', value) else 'is no id'
    if kind == 'entry_id_list':
        return None if re.fullmatch(r'([0-9a-f]{16}( |$))*', value) else 'is no list of ids'
    if kind == 'hash':
        return None if re.fullmatch(r'[0-9a-f]{64}', value) else 'is no hash'
    for address in _IP_LITERAL.findall(value):
        if kind != 'path' and not address.startswith('127.') and address not in ('::1', '::'):
            return 'holds an address'
    return None


def lines_of(path):
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            yield f'{path}:{number}', line


def check_object(schema, where, entry, fields, faults):
    for name, value in entry.items():
        if name not in fields:
            faults.append(f'{where}: field {name} is not listed')
        elif problem := judge(schema, fields[name], value):
            faults.append(f'{where}: {name} {problem}')


def parse_line(where, line, faults):
    try:
        entry = json.loads(line)
        if isinstance(entry, dict):
            return entry
    except ValueError:
        pass
    faults.append(f'{where}: no JSON object')
    return None


def check_log(schema, path):
    faults = []
    log = schema.records['log']
    for where, line in lines_of(path):
        entry = parse_line(where, line, faults)
        if entry is None:
            continue
        event = log['events'].get(entry.get('event'))
        if event is None:
            faults.append(f'{where}: event {entry.get("event")} is not listed')
            continue
        if entry.get('program') not in event['programs']:
            faults.append(f'{where}: event {entry["event"]} is not one of {entry.get("program")}')
        common = {name: field for name, field in log['common'].items() if name != 'event'}
        rest = {name: value for name, value in entry.items() if name != 'event'}
        check_object(schema, where, rest, {**common, **event['fields']}, faults)
    return faults


def check_audit(schema, path):
    faults = []
    audit = schema.records['audit']
    previous = '0' * 64
    for number, (where, line) in enumerate(lines_of(path), 1):
        entry = parse_line(where, line, faults)
        if entry is None:
            continue
        fields = audit['types'].get(entry.get('type'))
        if fields is None:
            faults.append(f'{where}: record {entry.get("type")} is not listed')
            continue
        common = {name: field for name, field in audit['common'].items() if name != 'type'}
        rest = {name: value for name, value in entry.items() if name != 'type'}
        check_object(schema, where, rest, {**common, **fields}, faults)
        if entry.get('seq') != number or entry.get('prev') != previous:
            faults.append(f'{where}: the chain is broken')
        previous = hashlib.blake2b(line.encode(), digest_size=32).hexdigest()
    return faults


def check_metrics(schema, path):
    faults = []
    families = schema.records['metrics']['families']
    for where, line in lines_of(path):
        if line.startswith('#'):
            continue
        found = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line)
        if not found:
            faults.append(f'{where}: no sample')
            continue
        name, labels = found.group(1), dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found.group(2) or ''))
        base = re.sub(r'_(bucket|sum|count)$', '', name) if name not in families else name
        family = families.get(base)
        if family is None:
            faults.append(f'{where}: metric {name} is not listed')
            continue
        for label, value in labels.items():
            if label == 'le' and family['type'] == 'histogram':
                continue
            if label not in family['labels']:
                faults.append(f'{where}: label {label} is not listed')
            elif problem := judge(schema, family['labels'][label], value):
                faults.append(f'{where}: label {label} {problem}')
    return faults


def flatten(value, path=''):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f'{path}.{key}' if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from flatten(inner, path + '[]')
    else:
        yield path, value


def check_socket(schema, path):
    faults = []
    fields = schema.records['control_socket_answer']['fields']
    for where, line in lines_of(path):
        entry = parse_line(where, line, faults)
        for name, value in flatten(entry or {}):
            check_object(schema, where, {name: value}, fields, faults)
    return faults


def check_replay(schema, path):
    faults = []
    for where, line in lines_of(path):
        entry = parse_line(where, line, faults)
        check_object(schema, where, entry or {}, schema.records['replay']['fields'], faults)
    return faults


def check_sources(schema):
    return check_schema(schema) + check_log_calls(schema) + check_structs(schema) + check_families(schema) + check_alerts(schema)


def self_test(schema):
    """Each planted fault must be found."""
    def plant(change):
        document = copy.deepcopy(schema.document)
        change(document['records'])
        return check_sources(Schema(schema.tree, document))

    import tempfile

    def real(check, text):
        with tempfile.NamedTemporaryFile('w', suffix='.txt') as file:
            file.write(text + '\n')
            file.flush()
            return check(schema, file.name)

    log = '{"time":1.5,"level":"info","program":"parapetd","event":"explain","matches":1,"entry_ids":"%s"%s}'
    ids = '0123456789abcdef'
    planted = {
        'a field for an address': plant(lambda r: r['audit']['types']['explain'].update(src_ip={'kind': 'count'})),
        'a kind that is not in the set': plant(lambda r: r['log']['events']['stop']['fields'].update(x={'kind': 'text'})),
        'a second exception': plant(lambda r: r['replay'].update(exception=True)),
        'an event that is not listed': plant(lambda r: r['log']['events'].pop('published')),
        'a field that is not listed': plant(lambda r: r['audit']['types']['published'].pop('generation')),
        'a counter that is not listed': plant(lambda r: r['counter_file']['structs']['WorkerBlock'].pop('reasons')),
        'a metric that is not listed': plant(lambda r: r['metrics']['families'].pop('parapet_edge_up')),
        'a log line with another field': real(check_log, log % (ids, ',"url":"x"')),
        'a log line with a name for an id': real(check_log, log % ('listed.example.test', '')),
        'a log line of another program': real(check_log, log.replace('parapetd', 'parapet') % (ids, '')),
        'an address in a context': real(check_log, '{"time":1,"level":"warn","program":"parapetd","event":"start_failed",'
                                                   '"code":"io","context":"from 192.0.2.7"}'),
        'an address of version 6': real(check_log, '{"time":1,"level":"warn","program":"parapetd","event":"start_failed",'
                                                   '"code":"io","context":"from 2001:db8::7"}'),
        'a broken chain': real(check_audit, '{"seq":2,"time":1,"type":"stop","prev":"%s"}' % ('0' * 64)),
        'a label that is not listed': real(check_metrics, 'parapet_edge_up{host="x"} 1'),
        'a label value from traffic': real(check_metrics, 'parapet_frames_total{reason="192.0.2.1"} 1'),
        'an answer with another field': real(check_socket, '{"explain":{"url":"x"}}'),
        'a replay line with an address': real(check_replay, '{"file":"a.pcap","src":"192.0.2.1"}'),
    }
    clean = real(check_log, log % (ids, ''))
    missed = [name for name, faults in planted.items() if not faults]
    for name in missed:
        print(f'planted and not found: {name}')
    for fault in clean:
        print(f'found where nothing is: {fault}')
    print(f'{len(planted) - len(missed)} of {len(planted)} planted faults found')
    return 1 if missed or clean else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--self-test', action='store_true')
    checks = {'log': check_log, 'audit': check_audit, 'metrics': check_metrics, 'socket': check_socket, 'replay': check_replay}
    for name in checks:
        parser.add_argument('--' + name, action='append', default=[], metavar='FILE')
    arguments = parser.parse_args()
    schema = Schema(ROOT)
    if arguments.self_test:
        return self_test(schema)
    faults = check_sources(schema)
    files = 0
    for name, check in checks.items():
        for path in getattr(arguments, name):
            faults += check(schema, path)
            files += 1
    for fault in faults:
        print(fault)
    print(f'{sum(1 for _ in schema.fields())} fields listed, {files} files of output read, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
