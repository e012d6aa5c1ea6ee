"""CORRIDOR: one file per use case. Imports: domain, laws, joints and ports; never a device or a door."""
