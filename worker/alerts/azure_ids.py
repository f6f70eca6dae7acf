"""The ids of Azure's resources, by the names that people know."""

from worker.domain.text import clean_line

# An id of a megabyte names nothing that anybody looks for.
_LONGEST = 2_048
_OF_HEALTH = "/providers/microsoft.resourcehealth/"


def name_of(resource_id: str) -> str:
    """`web-eu-01`, and of a part of another resource `sql-shop/orders`; of what is no id the last part."""
    parts = [part for part in clean_line(resource_id[:_LONGEST]).split("/") if part]
    lowered = [part.lower() for part in parts]
    if "providers" not in lowered:
        return parts[-1] if parts else ""
    # Behind the last `providers` stand its namespace and then a type and a name for each level.
    after = parts[len(parts) - lowered[::-1].index("providers") :]
    return "/".join(after[2::2]) or parts[-1]


def watched(resource_id: str) -> str:
    """The resource whose health state or annotation has this id."""
    found = resource_id.lower().find(_OF_HEALTH)
    return resource_id[:found] if found > 0 else resource_id
