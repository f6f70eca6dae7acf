"""How the partitions in the table of incidents are named: each kind by how its names begin, and all kinds here."""

# One for each incident, named by its id: lease, steps, attempts, what people did, what stood twice.
INCIDENT = "inc-"
# One for all: the list of incidents; deeds that belong to none; work that workers take turns at.
INDEX = "index"
AUDIT = "audit"
TURNS = "turns"
# One row, by which workers know their own messages.
MARKS = "marks"
# One for each event that is too large for a message.
SET_ASIDE = "aside:"
# One for each fingerprint, and for each group of them: to which incident it belongs.
IDENTITY = "identity:"
GROUP = "group:"
# One for each event that no other is told from: to which incident it belongs, where its sender floods.
PLACED = "placed:"
# One for each sender: how many incidents it asked for lately.
SENDER = "sender:"
# One for each thing that people are told of a shift: lease, steps, attempts. Named by when it is about.
NOTICE = "notice-"
# One for each incident whose response has begun: how it stands, its entries, what acts came to.
RESPONSE = "response:"
# One for each incident and each lane of its effects: lease, steps, how far the lane is.
LANE = "lane:"
# One for each incident that alerts belong to.
ALERTS = "alerts:"
# One for each incident of which the channel was read: its messages with what stood in them before.
MESSAGES = "messages:"
# One for each incident that was closed: its review as it stood then.
REVIEW = "review:"
