"""HOSPITAL: a synthetic hospital with nine clinical tables and known answers, drawn from one seed.

Law of the package: the same seed gives the same rows, whatever the machine, the day or the order of calls.
Nothing here stems from a real person or from any data set. All rates are invented round figures, shaped like
a general hospital's so that answers read plausibly; they are not findings. The standard
library, and the lists of demo.notes.
"""
