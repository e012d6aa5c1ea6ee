"""DOOR: gRPC in, domain words out. Authenticate, limit, convert, call one flow, convert, map errors."""
