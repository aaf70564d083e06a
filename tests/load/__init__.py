"""A class at once: `python -m tests.load` opens many sessions on one server, presses Play in each, and counts.

A measurement, no test: `--help` lists what it can do. test_players.py holds the client itself to the protocol.
"""
