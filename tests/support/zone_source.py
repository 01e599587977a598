#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A primary for tests, which can also misbehave: DNS over TCP, its zones in FOLDER, signed with TSIG (RFC 8945).

usage: zone_source.py FOLDER ADDRESS PORT [for-good]
  prints the port (PORT 0: a free one) and serves until its standard input ends, or for good. FOLDER/ZONE is read for every
  question:

  {"serial": 7, "rules": [["NAME", "TARGET"], ...],       NAME.ZONE CNAME TARGET
   "key": ["hmac-sha256", "NAME", "BASE64"],               none: unsigned
   "how": "..."}                                           how the transfer goes:

  good · in_parts (three messages, the middle one unsigned) · last_unsigned · all_unsigned · unsigned_99 / unsigned_100
  (so many unsigned in a row) · other_secret · other_name · old (signed an hour ago) · bad_key · cut (half a message,
  then the end) · no_end (the last message is missing) · endless · slow (a byte each 100 ms) · truncated (TC) · refused ·
  other_id · other_question · no_soa · other_soa · behind_soa · outside · empty_message · garbage · chaos (class CH) ·
  soa_only_older (the transfer's serial is 1)
"""
import base64
import hashlib
import hmac
import json
import os
import socket
import struct
import sys
import threading
import time

SOA, CNAME, TSIG, AXFR, IN, ANY = 6, 5, 250, 252, 1, 255


def wire(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def record(owner, kind, data, rr_class=IN):
    return wire(owner) + struct.pack(">HHIH", kind, rr_class, 60, len(data)) + data


class Answer:
    """One question's answer: its messages, each signed in turn."""

    def __init__(self, connection, zone, question, query_mac):
        self.connection, self.zone, self.query = connection, zone, question
        self.how = zone.get("how", "good")
        self.mac, self.first, self.unsigned = query_mac, True, b""

    def message(self, records, flags=0x8400):
        identity, name, kind = self.query
        if self.how == "other_id":
            identity ^= 1
        if self.how == "other_question":
            kind = 1
        question = name + struct.pack(">HH", kind, IN)
        return struct.pack(">HHHHHH", identity, flags, 1, len(records), 0, 0) + question + b"".join(records)

    def tsig(self, message):
        algorithm, name, secret = self.zone["key"]
        if self.how == "other_secret":
            secret = base64.b64encode(b"x" * 32).decode()
        if self.how == "other_name":
            name = "another." + name
        now = int(time.time()) - (3600 if self.how == "old" else 0)
        error = 17 if self.how == "bad_key" else 0
        times = struct.pack(">HIH", now >> 32, now & 0xffffffff, 300)
        closing = struct.pack(">HH", error, 0)
        variables = wire(name) + struct.pack(">HI", ANY, 0) + wire(algorithm) + times + closing if self.first else times
        signed = struct.pack(">H", len(self.mac)) + self.mac + self.unsigned + message + variables
        mac = b"" if error else hmac.new(base64.b64decode(secret), signed, getattr(hashlib, algorithm[5:])).digest()
        data = wire(algorithm) + times + struct.pack(">H", len(mac)) + mac + message[:2] + closing
        self.mac, self.first, self.unsigned = mac, False, b""
        return wire(name) + struct.pack(">HHIH", TSIG, ANY, 0, len(data)) + data

    def send(self, message, sign=True):
        if sign and self.zone.get("key"):
            message = message[:10] + b"\0\1" + message[12:] + self.tsig(message)
        else:
            self.unsigned += message
        framed = struct.pack(">H", len(message)) + message
        if self.how == "slow":
            for byte in framed:
                self.connection.sendall(bytes([byte]))
                time.sleep(0.1)
        self.connection.sendall(framed[:len(framed) // 2] if self.how == "cut" else framed)


def soa(zone_name, serial):
    return record(zone_name, SOA, wire("ns.example.test") + wire("admin.example.test")
                  + struct.pack(">IIIII", serial, 60, 60, 3600, 60))


def transfer(answer, zone_name, zone):
    how = answer.how
    first = soa(zone_name, 1 if how == "soa_only_older" else zone["serial"])
    rules = [record(f"{name}.{zone_name}", CNAME, wire(target)) for name, target in zone.get("rules", [])]
    if how in ("in_parts", "last_unsigned", "all_unsigned"):
        answer.send(answer.message([first]), how != "all_unsigned")
        answer.send(answer.message(rules), False)
        answer.send(answer.message([first]), how == "in_parts")
    elif how.startswith("unsigned_"):
        answer.send(answer.message([first]))
        for number in range(int(how[9:])):
            answer.send(answer.message([record(f"n{number}.test.{zone_name}", CNAME, wire("."))]), False)
        answer.send(answer.message([first]))
    elif how == "endless":
        answer.send(answer.message([first]))
        while True:
            answer.send(answer.message([record(f"more.example.test.{zone_name}", CNAME, wire("."))] * 400))
    elif how == "truncated":
        answer.send(answer.message([], 0x8600))
    elif how == "refused":
        answer.send(answer.message([], 0x8005), False)
    elif how == "garbage":
        answer.send(answer.message([first])[:-3])
    else:
        records = {"no_soa": rules + [first], "no_end": [first] + rules, "other_soa": [first] + rules
                   + [soa(zone_name, zone["serial"] + 1)], "behind_soa": [first, first] + rules,
                   "outside": [first, record("elsewhere.test", CNAME, wire(".")), first], "empty_message": [],
                   "chaos": [first, record(f"a.example.test.{zone_name}", CNAME, wire("."), 3), first]}
        answer.send(answer.message(records.get(how, [first] + rules + [first])))


def read_whole(connection, size):
    received = b""
    while len(received) < size:
        got = connection.recv(size - len(received))
        if not got:
            raise EOFError
        received += got
    return received


def skip_name(message, at):
    while message[at]:
        at += 1 + message[at]
    return at + 1


def mac_of(message, at):
    """Of the TSIG record at the end of a query; empty: none."""
    if message[10:12] == b"\0\0":
        return b""
    at = skip_name(message, skip_name(message, at) + 10) + 8
    size = struct.unpack_from(">H", message, at)[0]
    return message[at + 2:at + 2 + size]


def serve(connection, folder):
    with connection:
        try:
            while True:
                message = read_whole(connection, struct.unpack(">H", read_whole(connection, 2))[0])
                end = skip_name(message, 12)
                labels, at = [], 12
                while message[at]:
                    labels.append(message[at + 1:at + 1 + message[at]].decode())
                    at += 1 + message[at]
                kind = struct.unpack_from(">H", message, end)[0]
                zone_name = ".".join(labels)
                with open(os.path.join(folder, zone_name), encoding="utf-8") as file:
                    zone = json.load(file)
                in_transfer = kind == AXFR
                how = zone.get("how", "good")
                if not in_transfer and how not in ("all_unsigned", "other_secret", "other_name", "bad_key", "old"):
                    zone["how"] = "good"
                answer = Answer(connection, zone, (struct.unpack_from(">H", message)[0], message[12:end], kind),
                                mac_of(message, end + 4))
                if in_transfer:
                    transfer(answer, zone_name, zone)
                else:
                    answer.send(answer.message([soa(zone_name, zone["serial"])]), zone["how"] != "all_unsigned")
                if zone.get("how") in ("cut", "no_end"):
                    return
        except (OSError, EOFError):
            return


def main():
    folder, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(16)
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0], folder), daemon=True).start()
    if sys.argv[4:] == ["for-good"]:
        accept()
    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
