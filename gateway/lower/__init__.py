"""JOINT: Query + catalogue -> Expression. Every name resolved, every literal typed, every key with its full
domain; the result depends on public text alone, and evaluating it cannot fail on any data.
"""
