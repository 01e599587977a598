#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sees that each sort of disagreement with a truth is noticed, and that exceptions excuse what they name and no more."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from agreement import agree  # noqa: E402
from exceptions import BadList, excuse, read_exceptions  # noqa: E402

_ENDS = {'src': '192.0.2.10', 'sport': 40000, 'dst': '198.51.100.20', 'dport': 80}


def truth(frame, host='www.example.test', **more):
    return dict(_ENDS, pcap='a/b.pcap', kind='http', frame=frame, host=host, target='/', **more)


def report(frame, host='WWW.example.test.', **more):
    return dict(_ENDS, file='a/b.pcap', protocol='http', frame=frame, host=host, target='/', **more)


def kinds(truths, reports):
    return [(d.kind, d.frame) for d in agree(truths, reports).disagreements]


def check_agreement():
    assert kinds([truth(4)], [report(4)]) == []
    assert kinds([truth(9, frame_hdr=4)], [report(4)]) == []
    assert kinds([truth(4)], [report(4), report(6)]) == [], 'a repeated copy'
    assert kinds([truth(4)], []) == [('missed', 4)]
    assert kinds([], [report(4)]) == [('extra', 4)]
    assert kinds([truth(4)], [report(5)]) == [('frame', 4)]
    assert kinds([truth(4, scope='carrier:wlan')], []) == []
    assert kinds([truth(4, scope='carrier:wlan')], [report(4)]) == []
    assert kinds([truth(4)], [report(4, host='other.example.test')]) == [('extra', 4), ('missed', 4)]
    assert agree([truth(4)], [], {'a/b.pcap'}).disagreements == []


def rows_of(folder, text):
    path = os.path.join(folder, 'exceptions.tsv')
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    sources = os.path.join(folder, 'sources.tsv')
    with open(sources, 'w', encoding='utf-8') as out:
        out.write('\t'.join(['project', 'path', 'commit', 'f' * 64, '1', 'stratum', 'a/b.pcap']) + '\n')
    return read_exceptions(path, sources)


def is_refused(folder, text):
    try:
        rows_of(folder, text)
    except BadList:
        return True
    return False


def check_exceptions(folder):
    wrong = agree([truth(4), truth(8, host='other.example.test')], []).disagreements
    row = "a/b.pcap\thttp\t{}\tours by choice\tbecause\n"
    assert len(excuse(wrong, rows_of(folder, row.format('4')))[0]) == 1
    assert excuse(wrong, rows_of(folder, row.format('3-8'))) == ([], [])
    assert excuse(wrong, rows_of(folder, row.format('4,8').replace('a/b.pcap', 'sha256:' + 'f' * 16))) == ([], [])
    assert len(excuse([], rows_of(folder, row.format('4')))[1]) == 1, 'without use'
    assert len(excuse(wrong, rows_of(folder, row.format('4').replace('http', 'tls')))[0]) == 2
    assert is_refused(folder, row.format('4').replace('because', ''))
    assert is_refused(folder, row.format('*'))
    assert is_refused(folder, row.format('4').replace('ours by choice', 'whatever'))
    assert is_refused(folder, ''.join(row.format(number) for number in range(41)))


def main():
    check_agreement()
    with tempfile.TemporaryDirectory(prefix='parapet-corpora-') as folder:
        check_exceptions(folder)
    print('each disagreement is noticed, exceptions excuse what they name')
    return 0


if __name__ == '__main__':
    sys.exit(main())
