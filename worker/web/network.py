"""From where somebody calls, as far as that can be counted."""

import ipaddress

# A household or a machine has as many addresses of this network as it likes.
_IPV6_NETWORK = 64


def network(address: str) -> str:
    """An IPv4 address is itself in either spelling, one of IPv6 its network; what is neither stays as it is."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    # So every IPv4 address is written on a socket that listens to both kinds.
    return str(known.ipv4_mapped or ipaddress.ip_network((known, _IPV6_NETWORK), strict=False))
