"""The address of a target, `host:port`, as the label `instance` has it."""

import ipaddress

# Ports that people know a system by; what else an exporter's address ends with is its own.
KNOWN_PORTS = frozenset(
    {22, 25, 53, 80, 389, 443, 636, 1433, 1521, 2181, 2379, 3306, 3389, 4222, 5432, 5433, 5671, 5672, 6379, 6380, 6432}
    | {7687, 8123, 9042, 9092, 9093, 9094, 9200, 9300, 9443, 11211, 15672, 26379, 27017, 33060, 50000, 61616}
)
# Where exporters listen, and the parts of a node.
_SCRAPED_PORTS = (range(9100, 10_000), range(10_249, 10_260))


def host_of(instance: str) -> str:
    """Of `pay-1:8080`; of what has no port, all of it."""
    return parts_of(instance)[0]


def parts_of(instance: str) -> tuple[str, int | None]:
    """The host, and the port where there is one."""
    host, _, port = instance.rpartition(":")
    if not host or not port.isdecimal() or (":" in host and not host.startswith("[")):
        return instance.strip("[]"), None
    return host.strip("[]"), int(port[:6])


def without_scraped_port(instance: str) -> str:
    if "://" in instance:
        return instance
    host, port = parts_of(instance)
    is_scraped = port is not None and any(port in ports for ports in _SCRAPED_PORTS)
    return host if is_scraped and port not in KNOWN_PORTS else instance


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
