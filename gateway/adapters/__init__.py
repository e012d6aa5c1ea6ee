"""DEVICES: what implements the ports. Imports: whatever its one library is, and everything below flows."""
