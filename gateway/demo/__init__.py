"""DEMO: a synthetic hospital with known answers, and the run that asks it.

May import anything but app and cli.
"""
