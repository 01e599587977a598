# SPDX-License-Identifier: Apache-2.0
"""A scene in network namespaces: real clients, an edge, real servers and a hotline, all of it gone afterwards."""
