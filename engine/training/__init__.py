"""Lanes that train: blocks, experiment, history, save and load."""
