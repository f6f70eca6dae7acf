"""HTTP/1.1 by the letter where leniency lets two readers of the same bytes see different requests.

h11 takes bare line feeds, folded headers, a length said twice, and one beside chunks; a proxy in front of us may not.
"""

import re

import h11

_END_OF_HEAD = re.compile(rb"\n\r?\n")
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_FOLDED = re.compile(rb"\n[ \t]")
_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_CODING = re.compile(rb"\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_OLD = re.compile(rb"[^\n]*HTTP/1\.0\r?\n")
_DIGITS = re.compile(rb"[0-9]+[ \t]*")


class StrictConnection(h11.Connection):
    """A server's side; `fault` is the sentence for whoever sent what next_event refused, if we know better than h11."""

    def __init__(self, head_limit: int) -> None:
        super().__init__(h11.SERVER, head_limit)
        self.fault: str | None = None
        self._is_chunked = False

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """As in h11; raises RemoteProtocolError."""
        is_head = self.their_state is h11.IDLE
        is_looked_at = is_head or (self._is_chunked and self.their_state is h11.SEND_BODY)
        before = self.trailing_data[0] if is_looked_at else b""
        if is_head and (end := _END_OF_HEAD.search(before)):
            self._refuse(_fault_of_head(before[: end.end()]))
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._is_chunked = any(name == b"transfer-encoding" for name, _ in event.headers)
        elif isinstance(event, h11.EndOfMessage) and before:
            # Nothing but the last chunk's size and the trailers.
            self._refuse(_fault_of_lines(before[: len(before) - len(self.trailing_data[0])]))
        return event

    def _refuse(self, fault: str | None) -> None:
        if fault is not None:
            self.fault = fault
            raise h11.RemoteProtocolError(fault)


def _fault_of_head(head: bytes) -> str | None:
    lengths = _LENGTH.findall(head)
    if len(lengths) > 1:
        return "The header Content-Length stands twice; send it once."
    if lengths and not _DIGITS.fullmatch(lengths[0]):
        return "The header Content-Length is no number of bytes; send digits alone."
    has_coding = _CODING.search(head) is not None
    if lengths and has_coding:
        return "Content-Length and Transfer-Encoding contradict each other; send one of them."
    if has_coding and _OLD.match(head):
        return "HTTP/1.0 knows no Transfer-Encoding; send Content-Length."
    return _fault_of_lines(head)


def _fault_of_lines(lines: bytes) -> str | None:
    if _BARE.search(lines):
        return "A line ends in CR and LF; one of them stands alone."
    if _FOLDED.search(lines):
        return "A header is folded over two lines; send it on one."
    return None
