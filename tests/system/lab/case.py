# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: the build under test, a running scene for a class of tests, and their figures."""

import contextlib
import os
import unittest

from .lists import publish_standard_lists, standard_sources
from .scene import Scene

BUILD = os.environ.get('PARAPET_BUILD', 'build/gcc')
LONG = os.environ.get('PARAPET_LONG') == '1'


def figure(text):
    """A figure for the reader of the test's output."""
    print(f'      figure: {text}', flush=True)


class SceneCase(unittest.TestCase):
    """A scene with parapetd and parapet-edge, up for all tests of the class.

    ports      af_packet | af_xdp; None: the class is not run itself
    workers, scene_options, edge_options, sources(): what a class may change
    """

    ports = None
    workers = 1
    scene_options = {}
    edge_options = {}
    maxDiff = None

    @classmethod
    def sources(cls):
        """Publishes the class's lists and names the sources for control.toml."""
        publish_standard_lists(cls.scene.hotline)
        return standard_sources(cls.scene.hotline)

    @classmethod
    def before_edge(cls):
        """What a class does in its scene while nothing forwards yet."""

    @classmethod
    def setUpClass(cls):
        cls.undo = contextlib.ExitStack()
        cls.addClassCleanup(cls.undo.close)
        cls.scene = cls.undo.enter_context(Scene(BUILD, **cls.scene_options))
        cls.before_edge()
        cls.control = cls.scene.control(cls.sources())
        cls.edge = cls.scene.edge_program(cls.ports, workers=cls.workers, **cls.edge_options)
        cls.control.start()
        cls.edge.start()
        cls.edge.wait_generation_after(0)
        cls.scene.wait_forwarding()

    def assert_rows(self, rows):
        wrong = [f'{row.request}: expected {row.expected}, seen {row.seen}' for row in rows if not row.ok]
        self.assertEqual(wrong, [])


def on_each_kind_of_port(base):
    """Makes the classes that run `base` over af_packet and over af_xdp, and puts them into its module."""
    import sys
    module = sys.modules[base.__module__]
    for ports, suffix in (('af_packet', 'OverAfPacket'), ('af_xdp', 'OverAfXdp')):
        name = f'{base.__name__}{suffix}'
        setattr(module, name, type(name, (base,), {'ports': ports, '__module__': base.__module__, '__test__': True}))
    base.__test__ = False
    return base
