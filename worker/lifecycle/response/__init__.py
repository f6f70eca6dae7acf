"""What an act or a timer does to an incident: decided once, recorded, and its effects brought about."""
