"""LAW of privacy: sensitivity, mechanisms, accounting, intervals and rendering.

Law: nothing here touches data except the one draw of noise; every charge is rounded up.
Imports: the standard library, domain words and errors; opendp in `mechanisms` alone.
"""
