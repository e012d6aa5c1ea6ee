"""What an operator should know about a site: one file for each thing that is looked at.

Law: files and states of the kernel are read, nothing is changed and nobody is asked over a network; no
finding holds a key, a value from the data, the name of a source file or a count of rows or patients.
May import: everything below the doors; never cli, demo or app.
"""
