"""The partner's Python client: light, and built on the same words as the gateway.

    from gateway.client import Gateway

    with Gateway("gateway.hospital.example:8443", "my-keys", agreement="a-1", purpose="HRESCH") as gateway:
        answer = gateway.query("SELECT sex, COUNT(*) AS n FROM encounters GROUP BY sex", share=2)
        print(answer.to_polars())

May import: grpc, protobuf, jwt, gateway.v1, wire, domain, errors, adapters.file_keys.
"""

from gateway.client.answer import Answer, Column, Cost, Estimate, Remaining
from gateway.client.folder import PartnerFolder, SiteTrust
from gateway.client.gateway import Gateway
from gateway.client.records import Note, NoteBatch, Text
from gateway.client.tokens import TokenMint

__all__ = [
    "Answer",
    "Column",
    "Cost",
    "Estimate",
    "Gateway",
    "Note",
    "NoteBatch",
    "PartnerFolder",
    "Remaining",
    "SiteTrust",
    "Text",
    "TokenMint",
]
