"""Fetching the pages that cards cite, from a site on this machine that behaves like AWS's."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from conftest import run
from pages_site import MODIFIED, Served, Site, reach, resolving, serving
from releases import Clock

from deckwright.exchange.pages import fetch, visits, web
from deckwright.exchange.pages.fetch import PageState
from deckwright.facts.page_copies import PageCopies, PageCopy, copy_name

AWS = "https://docs.aws.amazon.com/"
LIMITS, VOICES = f"{AWS}polly/latest/dg/limits", f"{AWS}polly/latest/dg/voices"
OTHER = "https://learn.example.org/stable/forests.html"
MOVED = f"has moved to {AWS}polly/latest/dg/quotas.html"
FILE = "cards/services/polly.md"
CARD = (
    "\n## {name}\n\n- kind: quota\n- topic: voices\n{sources}- checked: 2026-08\n"
    "{evidence}\n{text}\n"
)
TEXTS = {
    "first": "Polly stores {{c1::100}} lexicons per account (fixed).",
    "second": "The longest name of a voice has {{c1::64}} letters (fixed).",
    "third": "A forest for speech can grow {{c1::1,000}} trees (fixed).",
    "fourth": "An audio stream ends after {{c1::10}} minutes without a request (fixed).",
}


def write_cards(folder: Path, *cards: str) -> None:
    (folder / "cards/services").mkdir(parents=True, exist_ok=True)
    (folder / "cards/services/polly.md").write_text("# Polly\n" + "".join(cards), "utf-8")


def card(name: str, *sources: str, quotes: str = "") -> str:
    lines = "".join(f"- source: {source}\n" for source in sources)
    evidence = f"- evidence: page::{quotes}\n" if quotes else ""
    return CARD.format(name=name, sources=lines, evidence=evidence, text=TEXTS[name])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with serving() as (site, port):
        reach(port, monkeypatch)
        yield site


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> list[float]:
    """The pauses between requests; the day is 2026-11-27 until a test sets it."""
    sleeps: list[float] = []
    make = partial(visits.Visits, sleep=sleeps.append)
    monkeypatch.setattr("deckwright.cli.commands.pages.Visits", make)
    clock.at("2026-11-27")
    return sleeps


@pytest.fixture
def project(bare: Path) -> Path:
    """Two cards with evidence on the same page, one on a page in HTML, one without."""
    forests = "learn.example.org/stable/forests.html"
    write_cards(
        bare,
        card("first", f"{LIMITS}.html", quotes="polly/latest/dg/limits~up to 100 lexicons"),
        card("second", f"{LIMITS}.html", quotes="polly/latest/dg/limits~100 lexicons per"),
        card("third", OTHER, f"{VOICES}.html", quotes=f"{forests}~up to 100 trees"),
        card("fourth", f"{VOICES}.html"),
    )
    return bare


TEXT = "# Limits\n\nUp to 100 lexicons per account.\n"


def counts(folder: Path, *arguments: str) -> dict[str, int]:
    """The numbers in the last line of `pages`, each with the first word after it."""
    last = run(folder, "pages", *arguments).err.splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}


def serve(site: Site) -> None:
    site.pages[f"{LIMITS}.md"] = Served(TEXT, etag='"a1"')
    forest = "<!DOCTYPE html><html><body><p id='most'>Up to 100 trees.</p></body></html>"
    site.pages[OTHER] = Served(forest, "text/html", modified=MODIFIED)


def copied(folder: Path, url: str) -> PageCopy:
    copy = PageCopies(folder / ".data/pages").read(url)
    assert copy is not None
    return copy


def test_only_pages_with_evidence_are_fetched_each_once_and_as_text(
    project: Path, site: Site, sleeps: list[float]
) -> None:
    serve(site)
    found = run(project, "pages")
    assert (found.code, found.out, found.err.count("\n")) == (0, "", 1)
    assert site.asked == [f"GET {LIMITS}.md", f"GET {OTHER}"]
    assert copied(project, f"{LIMITS}.html") == PageCopy(TEXT, "2026-11-27", etag='"a1"')
    assert copied(project, f"{OTHER}#most").modified == MODIFIED
    found = run(project, "pages", "forth")
    assert (found.code, "`fourth`" in found.err) == (2, True)
    assert counts(project, "fourth") == {"page": 1, "moved": 1}  # all sources of a card


def test_a_page_is_asked_for_once_a_day_and_then_on_condition(
    project: Path, site: Site, sleeps: list[float], clock: Clock
) -> None:
    serve(site)
    assert counts(project) == {"pages": 2, "new": 2}
    assert counts(project) == {"pages": 2, "already": 2}
    assert len(site.log) == 2
    clock.at("2026-12-31")
    assert counts(project) == {"pages": 2, "unchanged": 2}
    assert site.log[2][2]["If-None-Match"] == '"a1"'
    assert site.log[3][2]["If-Modified-Since"] == MODIFIED
    assert copied(project, f"{LIMITS}.html").copied == "2026-12-31"  # the site confirmed the copy

    clock.at("2027-01-01")
    site.pages[f"{LIMITS}.md"] = Served("# Limits\n\nUp to 200 lexicons.\n", etag='"a2"')
    site.pages[OTHER].modified = ""  # the same text is sent again
    assert counts(project) == {"pages": 2, "changed": 1, "unchanged": 1}
    copy = copied(project, f"{LIMITS}.html")
    assert "200" in copy.text
    (project / ".data/pages/learn.example.org/stable/forests.html").unlink()
    clock.at("2028-02-29")
    assert counts(project) == {"pages": 2, "new": 1, "unchanged": 1}


def test_requests_to_one_host_are_five_seconds_apart_and_say_who_asks(
    project: Path, site: Site, sleeps: list[float]
) -> None:
    serve(site)
    text = (project / "decks/project.toml").read_text("utf-8")
    address = 'repository = "https://code.example.com/group/deck"\n'
    (project / "decks/project.toml").write_text(address + text, "utf-8")
    site.pages[f"{VOICES}.md"] = Served("Text.\n")
    run(project, "pages", "first", "third", "fourth")
    names = [url.rpartition("/")[2] for url in site.asked]
    assert names == ["limits.md", "voices.md", "forests.html"]
    assert sleeps == [visits.PAUSE] == [5.0]  # another host does not have to wait
    (name,) = {headers["User-Agent"] for _, _, headers in site.log}
    assert name.startswith("deckwright/")
    assert name.endswith(" (+https://code.example.com/group/deck)")
    assert all("Cookie" not in headers for _, _, headers in site.log)


def test_a_site_that_refuses_is_left_alone(project: Path, site: Site, sleeps: list[float]) -> None:
    serve(site)
    site.pages[f"{VOICES}.md"] = Served("Text.\n")
    for status in (429, 403):
        site.log.clear()
        site.pages[f"{LIMITS}.md"] = Served(status=status)
        found = run(project, "pages", "first", "third", "fourth")
        assert found.code == 2
        assert site.asked.count(f"GET {LIMITS}.md") == 1
        assert f"GET {VOICES}.md" not in site.asked
        assert re.search(rf"^{LIMITS}.html .* \({status}\)$", found.err, re.MULTILINE)
        assert "2 not read" in found.err
    assert copied(project, OTHER)  # other sites are asked all the same


def test_a_site_that_does_not_answer_is_asked_three_times(
    project: Path, site: Site, sleeps: list[float]
) -> None:
    names = [f"page-{n}" for n in range(6)]
    write_cards(project, card("first", *(f"{AWS}g/{name}.html" for name in names)))
    for name in names:
        site.pages[f"{AWS}g/{name}.md"] = Served(broken="hang_up")
    found = run(project, "pages", "first")
    assert found.code == 2
    assert site.asked == [f"GET {AWS}g/page-{n}.md" for n in range(3)]
    first, stopped, last = found.err.splitlines()
    assert BROKEN["hang_up"] in first
    assert stopped.startswith(f"{AWS}g/page-3.html ")
    assert last == "6 pages: 6 not read"


def test_a_page_that_moved_or_is_gone_is_reported_with_its_cards(
    project: Path, site: Site, sleeps: list[float], clock: Clock
) -> None:
    serve(site)
    run(project, "pages")
    clock.at("2026-12-24")
    site.pages[f"{LIMITS}.md"] = Served(
        status=301, headers={"Location": "/polly/latest/dg/quotas.md"}
    )
    site.pages[OTHER] = Served(status=410)
    found = run(project, "pages")
    assert found.code == 1
    assert found.out == (
        f"{FILE}:3: first: {LIMITS}.html {MOVED}\n"
        f"{FILE}:13: second: {LIMITS}.html {MOVED}\n"
        f"{FILE}:23: third: {OTHER} is gone (410)\n"
    )
    assert found.err.startswith("2 pages: 2 moved ")
    assert len(site.log) == 4  # no redirect is followed
    assert run(project, "pages").out == found.out  # without asking again
    assert len(site.log) == 4
    assert copied(project, f"{LIMITS}.html") == PageCopy(copied="2026-12-24", gone=MOVED)


def test_a_page_without_markdown_is_gone(
    project: Path, site: Site, sleeps: list[float], clock: Clock
) -> None:
    for day, (page, why) in enumerate(
        (
            (
                Served("<!doctype html>\n<p>A login.", "text/markdown"),
                "is no longer .* as Markdown",
            ),
            (Served("<html>", "text/html"), "is no longer .* as Markdown"),
            (Served(status=404), r"is gone \(404\)"),
            (Served("{}", "application/json"), "is application/json .*"),
        ),
        start=1,
    ):
        clock.at(f"2026-11-{day:02}")
        site.pages = {f"{LIMITS}.md": page}
        found = run(project, "pages", "first")
        assert found.code == 1
        assert re.fullmatch(rf"{FILE}:3: first: {LIMITS}\.html {why}\n", found.out)


BROKEN = {
    **dict.fromkeys(("truncated", "chunk", "reset", "nonsense", "hang_up"), "incomplete"),
    "slow": "after 0 seconds",
    "unmeasured": "how long",
    "silent": "ReadTimeoutError",
}


def asked(folder: Path, day: str = "2026-11-28") -> PageState:
    """Ask for a page without the command line."""
    (state,) = fetch.fetch([f"{LIMITS}.html"], visits.Visits("x"), PageCopies(folder), day)
    return state


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_changes_no_copy(
    broken: str, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(site)
    assert asked(tmp_path, "2026-11-27").state == fetch.NEW
    before = PageCopies(tmp_path).read(f"{LIMITS}.html")
    monkeypatch.setattr(web, "SECONDS", 0.3)
    monkeypatch.setattr(web, "SILENCE", 0.2)
    site.pages[f"{LIMITS}.md"] = Served("# Limits\n", etag='"a2"', broken=broken)
    state = asked(tmp_path)
    assert (state.state, BROKEN[broken] in state.why) == (fetch.UNREAD, True), state.why
    assert PageCopies(tmp_path).read(f"{LIMITS}.html") == before


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Served("Much. " * 1000), "4,000 bytes"),
        (Served(b"\xff\xfe\x00"), "UTF-8"),
        (Served(" \n"), "empty"),
        (Served(status=206), "206"),
        (Served(status=304), "304"),
        (Served(status=301, headers={"Location": f"{LIMITS}.html"}), "301"),
        (Served(status=301), "301"),
        *((Served(status=301, headers={"Location": goal}), "redirects")
          for goal in ("http://[::1", "https://a]b/")),
    ],
)  # fmt: skip
def test_answers_that_are_no_page_are_not_kept(
    page: Served, said: str, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deckwright.exchange.pages.fetch.MAX_PAGE", 4000)
    site.pages[f"{LIMITS}.md"] = page
    state = asked(tmp_path)
    assert (state.state, said in state.why) == (fetch.UNREAD, True), state.why
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://docs.example.com/a",
        "https://10.1/a",
        "https://8.8.8.0X8/a",
        "https://127.0.0.0x/a",
        "https://127.0.0.1./a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://example.com:8443/a",
        "https://me@example.com/a",
        "https://[a/",
    ],
)
def test_only_sites_on_the_web_are_asked(url: str, site: Site) -> None:
    with pytest.raises(web.NoAnswerError):
        visits.Visits("x").ask("GET", url, 10)
    assert site.log == []


PUBLIC = "8.8.8.8"


def make_certificate(folder: Path) -> tuple[str, str]:
    """A certificate of docs.aws.amazon.com and its key, which no computer trusts."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key, certificate, name = f"{folder}/key.pem", f"{folder}/certificate.pem", "docs.aws.amazon.com"
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}")
    files = ("-keyout", key, "-out", certificate, "-addext", f"subjectAltName=DNS:{name}")
    subprocess.run(["openssl", "req", *made, *files], check=True, capture_output=True)
    return certificate, key


def test_a_site_needs_a_valid_certificate_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is resolved once: what it resolves to later does not count."""
    certificate, dead = make_certificate(tmp_path), "2606:4700:4700::1111"
    with serving(certificate) as (site, port):
        serve(site)
        opened = resolving(port, monkeypatch, PUBLIC)
        with pytest.raises(web.NoAnswerError, match="self-signed"):
            visits.Visits("x").ask("GET", f"{LIMITS}.md", 10)
        monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
        resolving(port, monkeypatch, PUBLIC)
        with pytest.raises(web.NoAnswerError, match="Hostname mismatch"):
            visits.Visits("x").ask("GET", OTHER, 10)
        assert (site.log, opened) == ([], [PUBLIC])
        opened = resolving(port, monkeypatch, dead, PUBLIC, dead=dead)
        assert asked(tmp_path / "pages").state == fetch.NEW
        assert (opened, site.asked) == ([dead, PUBLIC], [f"GET {LIMITS}.md"])


@pytest.mark.parametrize(
    "addresses",
    [
        "127.0.0.1", "10.0.0.1", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.0.2.1",
        "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "fd00:ec2::254", "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1", "4000::1",
        f"{PUBLIC} 127.0.0.1",
    ],
)  # fmt: skip
def test_only_public_addresses_are_reached(
    addresses: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the site is reached by its address
    opened = resolving(1, monkeypatch, *addresses.split())
    with pytest.raises(web.NoAnswerError, match="isn't public"):
        visits.Visits("x").ask("GET", OTHER, 10)
    assert (opened, site.log) == ([], [])


def test_public_addresses_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (PUBLIC, "2606:4700::1", f"::ffff:{PUBLIC}", "64:ff9b::808:808"):
        opened = resolving(1, monkeypatch, address, dead=address)
        with pytest.raises(web.NoAnswerError, match="NewConnectionError"):
            visits.Visits("x").ask("GET", OTHER, 10)
        assert opened == [address]


def test_what_a_site_says_cannot_write_on_the_terminal(
    project: Path, site: Site, sleeps: list[float]
) -> None:
    headers = {"Location": "https://example.com/\x1b[2J" + "a" * 2000}
    site.pages[f"{LIMITS}.md"] = Served(status=301, headers=headers)
    found = run(project, "pages", "first")
    assert found.code == 1
    assert "\x1b" not in found.out
    assert len(found.out) < 700


def test_addresses_are_checked_without_their_pages(
    project: Path, site: Site, sleeps: list[float]
) -> None:
    gone = "https://other.example.org/gone"
    write_cards(
        project,
        card("first", f"{LIMITS}.html", OTHER, f"{OTHER}#most"),
        card("second", f"{gone}-not", gone, f"{VOICES}.html"),
        card("third", gone, "https://odd.example.org/"),
    )
    serve(site)
    site.pages[f"{LIMITS}.html"] = Served("<html>", "text/html")
    site.pages[f"{VOICES}.html"] = Served(status=301, headers={"Location": "list.html"})
    site.pages["https://odd.example.org/"] = Served(status=405)
    site.pages[f"{gone}-not"] = Served("<html>", "text/html")
    found = run(project, "pages", "--links")
    assert found.code == 2
    lines = sorted(line.partition(": ")[2] for line in found.out.splitlines())
    assert lines == [
        f"second: {VOICES}.html has moved to {AWS}polly/latest/dg/list.html",
        f"second: {gone} is gone (404)",
        f"third: {gone} is gone (404)",
    ]
    odd, last = found.err.splitlines()
    assert re.fullmatch(r"https://odd\.example\.org/ .*\b405", odd)
    assert re.findall(r"\d+ \w+", last) == ["6 pages", "3 still", "2 moved", "1 not"]
    methods = dict(request.split(" ")[::-1] for request in site.asked)
    assert methods[f"{LIMITS}.html"] == "HEAD"
    assert methods["https://odd.example.org/"] == "GET"  # after HEAD
    assert not (project / ".data").exists()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"{LIMITS}.html", "docs.aws.amazon.com/polly/latest/dg/limits.md"),
        ("https://a.org/b.html?c=d/e#f", "a.org/b.html%3Fc=d/e/index.html"),
        ("https://a.org/b/", "a.org/b/index.html"),
        ("https://a.org/%2e%2e/b.md", "a.org/%2e%2e/b.md"),
        ("https://a.org/../b.html", ""),
        ("https://a.org/..\\b.html", "a.org/..%5Cb.html"),
        ("https://a.org//b.html", ""),
        ("https://a.org/" + "b" * 300, ""),
    ],
)
def test_no_address_leads_out_of_the_folder(address: str, name: str) -> None:
    assert copy_name(address) == name


@pytest.mark.parametrize("text", [b"\xff\xff", b"a" * 4_100_000])
def test_a_damaged_copy_is_none(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.org").mkdir()
    (tmp_path / "a.org/b.md").write_bytes(text)
    assert PageCopies(tmp_path).read("https://a.org/b.md") is None
