# SPDX-License-Identifier: Apache-2.0
"""A bare forwarder: copies every frame between two interfaces and looks at none."""

import contextlib
import multiprocessing
import select

from .frames import Wire


class Forwarder:
    def __init__(self, namespace, left, right):
        self._wires = (Wire(namespace, left), Wire(namespace, right))
        self._process = multiprocessing.get_context('fork').Process(target=self._copy, daemon=True)
        self._process.start()

    def _copy(self):
        across = {self._wires[0].socket: self._wires, self._wires[1].socket: self._wires[::-1]}
        while True:
            for ready in select.select(list(across), [], [])[0]:
                source, target = across[ready]
                while (frame := source.receive(0)) is not None:
                    with contextlib.suppress(OSError):
                        target.send(frame)

    def stop(self):
        if not self._process.is_alive():
            return
        self._process.kill()
        self._process.join()
        for wire in self._wires:
            wire.__exit__()
