"""One request to a web site, and its answer, which is whole or refused.

Only https, without a proxy, cookies, or a login. No redirect is followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

SILENCE = 30.0  # seconds without a byte after which a request has failed
SECONDS = 120.0  # for one request and its whole answer
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address in its last bytes (RFC 6052)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is assigned of IPv6 (RFC 4291)
_SAFE = "/?%:@!$&'()*+,;=~"  # what an address keeps as it is


class NoAnswerError(Exception):
    """Why a request brought no answer that can be used."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(method: str, url: str, headers: Mapping[str, str], limit: int) -> Answer:
    """Make a request, and return the answer, with a body of at most `limit` bytes.

    Raises NoAnswerError if no answer comes, or only a part of one. Call `require_web` first.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    target = quote(f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}", _SAFE)
    overdue = threading.Event()
    try:
        with closing(http.client.HTTPSConnection(host)) as connection:
            connection.sock = connect(host)
            with _deadline(connection.sock, overdue):
                connection.request(method, target, headers={**headers, "Connection": "close"})
                with connection.getresponse() as response:
                    return _read(method, response, limit)
    except (NoAnswerError, OSError, http.client.HTTPException, ValueError) as error:
        if overdue.is_set():
            message = f"the answer was not complete after {SECONDS:.0f} seconds"
            raise NoAnswerError(message) from error
        raise NoAnswerError(_why(error)) from error


def connect(host: str) -> socket.socket:
    """Return a connection to a public address of `host`, which has to have its certificate.

    What the name resolves to is checked first, and nothing else is reached. The certificate
    is checked before the first byte is sent, within the time for the request. Raises
    NoAnswerError or OSError.
    """
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for address in addresses:
        if not _is_public(address):
            raise NoAnswerError(f"{host} has the address {address}, which is not public")
    for address in addresses:
        try:
            connection = socket.create_connection((address, 443), SILENCE)
            break
        except OSError:
            if address == addresses[-1]:
                raise
    return ssl.create_default_context().wrap_socket(
        connection, server_hostname=host, do_handshake_on_connect=False
    )


def _is_public(text: str) -> bool:
    """Whether an address is on the public internet, and not one of many or of a network."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            within = ipaddress.IPv4Address(address.packed[-4:])
        if within is None:
            return address.is_global and address in _UNICAST
        address = within
    return address.is_global and not address.is_multicast


def require_web(url: str) -> None:
    """Raise NoAnswerError if an address is not one of a site on the web."""
    try:
        parts = urlsplit(url)
        port = parts.port  # reading it checks it
    except ValueError as error:
        raise NoAnswerError("this is not an address") from error
    if parts.scheme != "https":
        raise NoAnswerError("the address does not begin with https://")
    host = parts.hostname or ""
    if port not in (None, 443) or "@" in parts.netloc or "." not in host or _is_number(host):
        raise NoAnswerError("the address has a port, a login, or no name of a web site")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdigit() or last.startswith("0x")
    return True


@contextmanager
def _deadline(open_socket: socket.socket, overdue: threading.Event) -> Iterator[None]:
    """Close a socket for its reader when the time is over, however slowly bytes come."""

    def stop() -> None:
        overdue.set()
        with suppress(OSError):  # it may just have been closed
            # Not the method of a TLS socket, which would change it under its reader.
            socket.socket.shutdown(open_socket, socket.SHUT_RDWR)

    timer = threading.Timer(SECONDS, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(method: str, response: http.client.HTTPResponse, limit: int) -> Answer:
    """Return a whole answer. Raises NoAnswerError."""
    headers = {name.lower(): value for name, value in response.getheaders()}
    if method == "HEAD" or response.status != 200:  # what others say is for people
        return Answer(response.status, headers, b"")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise NoAnswerError("the answer is compressed, although this was not asked for")
    if not response.chunked and response.length is None:
        raise NoAnswerError("the answer does not say how long it is")
    body = response.read(limit + 1)
    if len(body) > limit:
        raise NoAnswerError(f"the answer has more than {limit:,} bytes")
    if response.length:
        raise NoAnswerError(f"the answer is incomplete: {response.length:,} bytes are missing")
    return Answer(response.status, headers, body)


def _why(error: Exception) -> str:
    """Return why a request failed, in the words of a user."""
    if isinstance(error, NoAnswerError):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"nothing came for {SILENCE:.0f} seconds"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "there is no such web site, or this machine is offline"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer is incomplete"
    if isinstance(error, ConnectionError):
        return "the connection was closed"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "the answer is not HTTP"
