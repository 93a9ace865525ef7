"""Which IP addresses are public: all that does not lead back into a network of ours."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

_UNICAST = ip_network("2000::/3")
"""RFC 4291: all global unicast addresses of today."""
_NAT64 = ip_network("64:ff9b::/96")
"""RFC 6052: a gateway reaches the IPv4 address in its last 32 bits."""
_MOST_ADDRESSES = 20


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet.

    Not: loopback, private, link-local (where clouds keep their metadata), shared (100.64/10),
    multicast, reserved; nor an IPv6 address that stands for such an IPv4 one, nor the tunnels 6to4
    and Teredo.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_global(address)
    if address.ipv4_mapped:
        return _is_global(address.ipv4_mapped)
    if address in _NAT64:
        return _is_global(IPv4Address(int(address) & 0xFFFFFFFF))
    is_tunnel = address.sixtofour is not None or address.teredo is not None
    return address in _UNICAST and not is_tunnel and _is_global(address)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    # Which networks ``is_global`` leaves out differs between releases of Python.
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses that a host has now, the system's preferred one first. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))[:_MOST_ADDRESSES]
