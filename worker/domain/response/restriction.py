"""What is said of a restricted incident where others than its members read."""


def where_to_read(incident_id: str) -> str:
    return f"It is restricted: its members read what it says by `tocsin incidents show {incident_id}`."
