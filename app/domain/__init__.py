"""The rules that must be right: standard library only, no IO, no clock, no randomness.

Values in, values out; whoever calls brings the time, the seed and the calendar. A rule that rests
on a clause names it (`clauses.py`); a rule of our own says "house rule" and why.
"""
