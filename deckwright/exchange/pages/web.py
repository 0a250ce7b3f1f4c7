"""One request to a web site, and its answer, which is whole or refused.

Only https, without a proxy, cookies, or a login. No redirect is followed. This is the only
importer of urllib3 (https://urllib3.readthedocs.io).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3 import exceptions

SILENCE = 30.0  # seconds without a byte after which a request has failed
SECONDS = 120.0  # for the text of an answer
_CHUNK = 65_536  # bytes that are read at once
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address in its last bytes (RFC 6052)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that is assigned of IPv6 (RFC 4291)


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
    try:
        return _ask(method, url, headers, limit)
    except exceptions.SSLError as error:
        raise NoAnswerError(f"there is no secure connection: {error}") from error
    except (socket.gaierror, UnicodeError) as error:
        message = "there is no such web site, or your computer is offline"
        raise NoAnswerError(message) from error
    except (exceptions.HTTPError, OSError, ValueError) as error:
        message = f"no answer came, or an incomplete one ({type(error).__name__})"
        raise NoAnswerError(message) from error


def _ask(method: str, url: str, headers: Mapping[str, str], limit: int) -> Answer:
    parts = urlsplit(url)
    host = parts.hostname or ""
    target = f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}"
    error: Exception = NoAnswerError(f"{host} has no address")
    for pool in pools(host):
        with pool:
            try:
                response = pool.urlopen(
                    method,
                    target,
                    headers={**headers, "Host": host, "Connection": "close"},
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    timeout=SILENCE,
                    preload_content=False,
                    decode_content=False,
                )
            except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as unreachable:
                error = unreachable
                continue
            with closing(response):
                return _read(method, response, limit)
    raise error


def pools(host: str) -> Iterator[urllib3.HTTPConnectionPool]:
    """Yield a connection to each address of a host, which has to have its certificate.

    The name is resolved once, and nothing but these addresses is reached. Raises
    NoAnswerError if one of them is not public.
    """
    places = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in places))
    for address in addresses:
        if not _is_public(address):
            raise NoAnswerError(f"{host} has the address {address}, which isn't public")
    context = ssl.create_default_context()
    for address in addresses:
        literal = f"[{address}]" if ":" in address else address
        yield urllib3.HTTPSConnectionPool(literal, 443, server_hostname=host, ssl_context=context)


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
        raise NoAnswerError("this isn't an address") from error
    if parts.scheme != "https":
        raise NoAnswerError("the address doesn't begin with https://")
    # A name ends in letters; whatever ends in a number can be an IP address.
    last = (parts.hostname or "").rstrip(".").rpartition(".")[2]
    is_name = "." in (parts.hostname or "") and not last.isdigit() and not last.startswith("0x")
    if port not in (None, 443) or "@" in parts.netloc or not is_name:
        raise NoAnswerError("the address has a port, a login, or no name of a web site")


def _read(method: str, response: urllib3.BaseHTTPResponse, limit: int) -> Answer:
    """Return a whole answer. Raises NoAnswerError."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if method == "HEAD" or response.status != 200:  # what others say is for people
        return Answer(response.status, headers, b"")
    if "chunked" not in headers.get("transfer-encoding", "") and "content-length" not in headers:
        raise NoAnswerError("the answer doesn't say how long it is")
    body, end = bytearray(), time.monotonic() + SECONDS
    while chunk := response.read1(_CHUNK):  # raises an error if the answer is incomplete
        body += chunk
        if len(body) > limit:
            raise NoAnswerError(f"the answer has more than {limit:,} bytes")
        if time.monotonic() > end:
            raise NoAnswerError(f"the answer wasn't complete after {SECONDS:.0f} seconds")
    return Answer(response.status, headers, bytes(body))
