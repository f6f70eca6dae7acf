"""Schedules as people write them, of any layers, for properties of whatever becomes of them."""

from hypothesis import strategies as st

PEOPLE = ["ines", "jon", "kai", "lia"]
ENTRIES = st.one_of(st.sampled_from(PEOPLE), st.just(["jon", "kai"]), st.none())
REPLACED = st.sampled_from(PEOPLE)
LISTS = st.lists(ENTRIES, min_size=1, max_size=4)
STARTS = st.sampled_from(["2027-01-04T09:00", "2027-03-01T02:30", "2027-03-27T18:00", "2027-04-05T09:00"])
WINDOWS = st.sampled_from([["mon-fri 09:00-17:00"], ["mon-sun 18:00-08:00"], ["fri 17:00 - mon 08:00"]])
EVERY = st.sampled_from(["12 hours", "1 day", "2 days", "1 week", "1 month", "1 window", None])
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
# Around the change of the clock in Europe on 28 March, and in Australia on 4 April.
MOMENTS = st.sampled_from(["2027-03-20T12:00", "2027-03-28T02:30", "2027-04-01T09:00", "2027-04-12T09:00"])


@st.composite
def layers(draw, name):
    layer = {"name": name, "starts": draw(STARTS), "people": draw(LISTS), "every": draw(EVERY)}
    layer["priority"] = draw(st.sampled_from([0, 0, 1]))
    layer["depth"] = draw(st.sampled_from([1, 1, 2]))
    if layer["every"] == "1 window" or draw(st.booleans()):
        layer["windows"] = draw(WINDOWS)
    if draw(st.integers(0, 3)) == 0:
        layer["time_zone"] = draw(ZONES)
    if draw(st.integers(0, 3)) == 0:
        layer["ends"] = "2027-05-01T00:00"
    if draw(st.integers(0, 2)) == 0:
        layer["changes"] = [{"from": max(draw(MOMENTS), layer["starts"]), "people": draw(LISTS)}]
    return layer


@st.composite
def schedules(draw):
    names = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True))
    schedule = {"time_zone": draw(ZONES), "layers": [draw(layers(name)) for name in names]}
    if draw(st.integers(0, 2)) == 0:
        schedule["overrides"] = [
            {
                "from": "2027-03-21T08:00",
                "to": "2027-03-22T08:00",
                "person": "lia",
                "replaces": draw(st.sampled_from(PEOPLE)),
            },
            {"from": "2027-03-30T02:00Z", "to": "2027-04-02T08:00Z", "person": "ines", "add": draw(st.booleans())},
            {
                "swap": [
                    {"person": "jon", "from": "2027-03-23T08:00", "to": "2027-03-24T08:00"},
                    {"person": "kai", "from": "2027-03-25T08:00", "to": "2027-03-26T08:00"},
                ]
            },
        ]
    return schedule
