"""What an operator does with a whole site: back it up, bring it back, let it serve again, bring it forward.

Law: nothing that exists is overwritten; a site is whole before and after, whatever happens in between.
May import: everything below the doors; never cli, demo, app or doctor.
"""
