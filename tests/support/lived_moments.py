"""The names of the moments in a response, read from the requests alone: which effect of which lane, which look."""

import re

from chaos_moments import of_remote as of_launch

_POSTING = r"/v3/conversations(\?|$)|/messages(\?|$)|/activities(\?|$)"
# The Bot Connector answers to a post what Graph calls a message.
_CARD = r"(announcement|elsewhere):\w+"

# The first that fits names the request; each is (name, method, pattern in the path, pattern in the body).
_REMOTE = (
    ("open chat", "POST", r"/v3/conversations$", r'"isGroup":\s*false'),
    ("say", "POST", _POSTING, r"say:\w+/"),
    ("edit say", "PUT", r"/activities/|/messages/", r"say:\w+/"),
    ("offer draft", "POST", _POSTING, r"review-\d+:"),
    ("mention", "POST", _POSTING, r"tell-\d+:\w+/"),
    ("chat", "POST", _POSTING, r"tell-\d+:\w+"),
    ("sms", "POST", r"^/sms/", r'"to":|smsRecipients'),
    ("webhook", "POST", r"^/pager/", r"tell-\d+|incident\.(page|notice)"),
    ("update card", "PUT", r"/activities/|/messages/", _CARD),
    ("patch item", "PATCH", r"/wit/workItems/\d+", r"So far Tocsin"),
    ("attach", "POST", r"/wit/attachments", ""),
    ("link review", "PATCH", r"/wit/workItems/\d+", r"AttachedFile"),
    ("comment", "POST", r"/comments", ""),
    ("find comment", "GET", r"/comments", ""),
    ("archive", "POST", r"/archive$", ""),
    ("unarchive", "POST", r"/unarchive$", ""),
    ("read operation", "GET", r"/operations/", ""),
    ("read channel", "GET", r"/channels/[^/]+\?.*isArchived", ""),
    ("read replies", "GET", r"/messages/[^/]+/replies", ""),
    ("read message", "GET", r"/messages/\d+", ""),
    ("read changes", "GET", r"/messages/delta", ""),
    ("find message", "GET", r"/messages(\?|$)", ""),
    ("read type", "GET", r"/workitemtypes/", ""),
    ("read item updates", "GET", r"/workItems/\d+/updates", ""),
)


def of_remote(method: str, path: str, body: bytes) -> frozenset[str]:
    text = body.decode(errors="replace")
    for name, wanted, in_path, in_body in _REMOTE:
        if method == wanted and re.search(in_path, path, re.IGNORECASE) and re.search(in_body, text):
            return frozenset({name})
    return of_launch(method, path, body)
