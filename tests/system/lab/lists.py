# SPDX-License-Identifier: Apache-2.0
"""The two lists of the standard scene and the sources that name them."""

HOTLINE_LIST = [
    '# the hotline: one host or URL a line',
    'listed.example.test',
    'http://pages.example.test/stop/this.html',
]
POLICE_LIST = [
    'value,kind',
    'domain.example.test,domain',
    'http://gallery.example.test/private,prefix',
]


def publish_standard_lists(hotline):
    hotline.publish('list.txt', HOTLINE_LIST)
    hotline.publish('police.csv', POLICE_LIST)


def standard_sources(hotline):
    """Sources of control.toml: the hotline's list is plain (hosts and exact URLs), the police's has a kind column."""
    return [
        {'name': 'hotline', 'url': hotline.url('list.txt'), 'format': 'plain', 'poll_interval_ms': 500},
        {'name': 'police', 'url': hotline.url('police.csv'), 'format': 'csv', 'poll_interval_ms': 500,
         'csv': {'delimiter': ',', 'header': True, 'value_column': 'value', 'kind_column': 'kind'}},
    ]
