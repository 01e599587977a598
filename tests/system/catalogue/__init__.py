# SPDX-License-Identifier: Apache-2.0
"""The catalogue of tricks as requests to real servers: each module holds the cases of one layer."""
