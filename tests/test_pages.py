"""Fetching the pages that cards cite, from a site on this machine that behaves like AWS's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import TODAY, run
from pages_site import MODIFIED, Hours, Served, Site, reach, resolving, serving
from releases import Clock, commit, git

from deckwright.exchange.pages import fetch, visits, web
from deckwright.exchange.pages.fetch import Fetched
from deckwright.exchange.pages.store import PageStore
from deckwright.facts.page_copies import HTML, MARKDOWN, IndexRow, PageCopies, PageCopy

AWS = "https://docs.aws.amazon.com/"
LIMITS, VOICES = f"{AWS}polly/latest/dg/limits", f"{AWS}polly/latest/dg/voices"
OTHER = "https://learn.example.org/stable/forests.html"
MOVED = f"moved to {AWS}polly/latest/dg/quotas.html"
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
def hours(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Hours:
    """The time that passes between requests; the day is 2026-11-27 until a test sets it."""
    hours = Hours()
    monkeypatch.setattr("deckwright.cli.commands.pages.Visits", hours.visits)
    clock.at("2026-11-27")
    return hours


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
    project: Path, site: Site, hours: Hours
) -> None:
    serve(site)
    found = run(project, "pages")
    assert (found.code, found.out, found.err.count("\n")) == (0, "", 1)
    assert site.asked == [f"GET {LIMITS}.md", f"GET {OTHER}"]
    assert copied(project, f"{LIMITS}.html") == PageCopy(
        f"{LIMITS}.html", TEXT, MARKDOWN, "2026-11-27"
    )
    assert copied(project, f"{OTHER}#most").media_type == HTML
    found = run(project, "pages", "forth")
    assert (found.code, "`fourth`" in found.err) == (2, True)
    assert counts(project, "fourth") == {"page": 1, "moved": 1}  # all sources of a card


def test_a_page_is_asked_for_once_a_day_and_then_on_condition(
    project: Path, site: Site, hours: Hours, clock: Clock
) -> None:
    serve(site)
    assert counts(project) == {"pages": 2, "new": 2}
    assert counts(project) == {"pages": 2, "already": 2}
    assert len(site.log) == 2
    clock.at("2026-12-31")
    assert counts(project) == {"pages": 2, "unchanged": 2}
    assert site.log[2][2]["If-None-Match"] == '"a1"'
    assert site.log[3][2]["If-Modified-Since"] == MODIFIED
    assert copied(project, f"{LIMITS}.html").date == "2026-12-31"  # the site confirmed the copy

    clock.at("2027-01-01")
    site.pages[f"{LIMITS}.md"] = Served("# Limits\n\nUp to 200 lexicons.\n", etag='"a2"')
    site.pages[OTHER].modified = ""  # the same text is sent again
    assert counts(project) == {"pages": 2, "changed": 1, "unchanged": 1}
    copy = copied(project, f"{LIMITS}.html")
    assert "200" in copy.text
    files = {path.name for path in (project / ".data/pages").iterdir()}
    assert len(files) == 3  # the index and the newest copy of each page
    (project / ".data/pages" / next(name for name in files if name.endswith(".html"))).unlink()
    clock.at("2028-02-29")
    assert counts(project) == {"pages": 2, "new": 1, "unchanged": 1}


def test_requests_to_one_host_are_five_seconds_apart_and_say_who_asks(
    project: Path, site: Site, hours: Hours
) -> None:
    serve(site)
    text = (project / "decks/project.toml").read_text("utf-8")
    address = 'repository = "https://code.example.com/group/deck"\n'
    (project / "decks/project.toml").write_text(address + text, "utf-8")
    site.pages[f"{VOICES}.md"] = Served("Text.\n")
    run(project, "pages", "first", "third", "fourth")
    names = [url.rpartition("/")[2] for url in site.asked]
    assert names == ["limits.md", "voices.md", "forests.html"]
    assert hours.sleeps == [visits.PAUSE] == [5.0]  # another host does not have to wait
    (name,) = {headers["User-Agent"] for _, _, headers in site.log}
    assert name.startswith("deckwright/")
    assert name.endswith(" (+https://code.example.com/group/deck)")
    assert all("Cookie" not in headers for _, _, headers in site.log)


def test_a_site_that_refuses_is_left_alone(project: Path, site: Site, hours: Hours) -> None:
    serve(site)
    site.pages[f"{VOICES}.md"] = Served("Text.\n")
    for status, wait in ((429, "120"), (403, "")):
        site.log.clear()
        site.pages[f"{LIMITS}.md"] = Served(status=status, headers={"Retry-After": wait})
        found = run(project, "pages", "first", "third", "fourth")
        assert found.code == 2
        assert site.asked.count(f"GET {LIMITS}.md") == 1
        assert f"GET {VOICES}.md" not in site.asked
        (said,) = re.findall(
            rf"^docs\.aws\.amazon\.com .* \({status}\)(.*)$", found.err, re.MULTILINE
        )
        assert re.findall(r"\d+", said) == ([wait] if wait else [])
        assert "2 not read" in found.err
    assert copied(project, OTHER)  # other sites are asked all the same


def test_a_site_that_does_not_answer_is_asked_three_times(
    project: Path, site: Site, hours: Hours
) -> None:
    names = [f"page-{n}" for n in range(6)]
    write_cards(project, card("first", *(f"{AWS}g/{name}.html" for name in names)))
    for name in names:
        site.pages[f"{AWS}g/{name}.md"] = Served(broken="hang_up")
    found = run(project, "pages", "first")
    assert found.code == 2
    assert site.asked == [f"GET {AWS}g/page-{n}.md" for n in range(3)]
    said, last = found.err.splitlines()[-2:]
    assert re.match(r"3 .* docs\.aws\.amazon\.com ", said)
    assert BROKEN["hang_up"] in said
    assert last == "6 pages: 6 not read"


def test_a_page_that_moved_or_is_gone_is_reported_with_its_cards(
    project: Path, site: Site, hours: Hours, clock: Clock
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
        f"{FILE}:7: first: {LIMITS}.html {MOVED}\n"
        f"{FILE}:17: second: {LIMITS}.html {MOVED}\n"
        f"{FILE}:27: third: {OTHER} gone (410)\n"
    )
    assert found.err.startswith("2 pages: 2 moved ")
    assert len(site.log) == 4  # no redirect is followed
    assert run(project, "pages").out == found.out  # without asking again
    assert len(site.log) == 4
    assert PageCopies(project / ".data/pages").instead_of(f"{LIMITS}.html") == MOVED
    assert copied(project, f"{LIMITS}.html").date == "2026-11-27"


def test_a_page_without_markdown_is_told_from_a_page_that_is_gone(
    project: Path, site: Site, hours: Hours, clock: Clock
) -> None:
    html = Served("<html><body>It is elsewhere.</body></html>", "text/html")
    hidden = Served("<!doctype html>\n<p>A login.", "text/markdown")
    moved = Served(status=302, headers={"Location": f"{VOICES}.html"})
    for day, (markdown, page, said) in enumerate(
        (
            (html, html, "no longer served as Markdown"),
            (hidden, html, "no longer served as Markdown"),
            (Served(status=404), html, "no longer served as Markdown"),
            (Served(status=404), Served(status=404), "gone (404)"),
            (Served(status=404), moved, f"moved to {VOICES}.html"),
            (Served("{}", "application/json"), html, "no longer served as Markdown"),
        ),
        start=1,
    ):
        clock.at(f"2026-11-{day:02}")
        site.pages = {f"{LIMITS}.md": markdown, f"{LIMITS}.html": page}
        found = run(project, "pages", "first")
        assert (found.code, found.out.count(f": first: {LIMITS}.html {said}\n")) == (1, 1)
    assert site.asked[:2] == [f"GET {LIMITS}.md", f"HEAD {LIMITS}.html"]
    site.pages = {OTHER: Served(b"%PDF-1.7", "application/pdf")}
    found = run(project, "pages", "third")
    assert f"third: {OTHER} application/pdf " in found.out


BROKEN = {
    **dict.fromkeys(
        ("truncated", "chunk", "reset", "nonsense", "hang_up"), "incomplete or not HTTP"
    ),
    "slow_head": "after 0 seconds",
    "unmeasured": "how long",
    "silent": "nothing came",
}


def asked(folder: Path, hours: Hours, day: str = "2026-11-28") -> Fetched:
    """Ask for a page without the command line."""
    (result,) = fetch.fetch([f"{LIMITS}.html"], hours.visits("x"), PageStore(folder), day)
    return result


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_answer_is_asked_for_once_more_and_changes_no_copy(
    broken: str, tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(site)
    hours = Hours()
    assert asked(tmp_path, hours, "2026-11-27").state == fetch.NEW
    before = PageCopies(tmp_path).read(f"{LIMITS}.html")
    monkeypatch.setattr(web, "SECONDS", 0.3)
    monkeypatch.setattr(web, "SILENCE", 0.2)
    site.pages[f"{LIMITS}.md"] = Served("# Limits\n", etag='"a2"', broken=broken)
    result = asked(tmp_path, hours)
    assert (result.state, BROKEN[broken] in result.why) == (fetch.UNREAD, True), result.why
    assert len(site.log) == 3
    assert hours.sleeps == [5.0]
    assert PageCopies(tmp_path).read(f"{LIMITS}.html") == before


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Served("Much. " * 1000), "4,000 bytes"),
        (Served(b"\xff\xfe\x00"), "encoding"),
        *((Served("x", f"text/markdown; charset={name}"), name)
          for name in ("nonsense", "idna", "rot13", "utf-16", "utf-7", "punycode", "x" * 30)),
        (Served("x", headers={"Content-Encoding": "gzip"}), "compressed"),
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
    result = asked(tmp_path, Hours())
    assert (result.state, said in result.why) == (fetch.UNREAD, True), result.why
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
        assert asked(tmp_path / "pages", Hours()).state == fetch.NEW
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
    with pytest.raises(web.NoAnswerError, match="not public"):
        visits.Visits("x").ask("GET", OTHER, 10)
    assert (opened, site.log) == ([], [])


def test_public_addresses_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (PUBLIC, "2606:4700::1", f"::ffff:{PUBLIC}", "64:ff9b::808:808"):
        opened = resolving(1, monkeypatch, address, dead=address)
        with pytest.raises(web.NoAnswerError, match="no connection"):
            visits.Visits("x").ask("GET", OTHER, 10)
        assert opened == [address]


def test_what_a_site_says_cannot_write_on_the_terminal(
    project: Path, site: Site, hours: Hours
) -> None:
    headers = {"Location": "https://example.com/\x1b[2J" + "a" * 2000}
    site.pages[f"{LIMITS}.md"] = Served(status=301, headers=headers)
    found = run(project, "pages", "first")
    assert found.code == 1
    assert "\x1b" not in found.out
    assert len(found.out) < 700


def test_addresses_are_checked_without_their_pages(project: Path, site: Site, hours: Hours) -> None:
    gone, anchored = "https://other.example.org/gone", f"{OTHER}#most"
    write_cards(
        project,
        card("first", f"{LIMITS}.html", anchored, f"{OTHER}#least", f"{OTHER}#:~:text=Up%20to"),
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
    missing, *others = sorted(line.partition(": ")[2] for line in found.out.splitlines())
    assert missing.startswith(f"first: {OTHER}#least ")
    assert others == [
        f"second: {VOICES}.html moved to {AWS}polly/latest/dg/list.html",
        f"second: {gone} gone (404)",
        f"third: {gone} gone (404)",
    ]
    odd, last = found.err.splitlines()
    assert re.fullmatch(r"https://odd\.example\.org/ .*\b405", odd)
    assert re.findall(r"\d+ \w+", last) == ["8 pages", "4 still", "3 moved", "1 not"]
    assert f"{FILE}:20: second: {gone} gone (404)\n" in found.out
    methods = dict(request.split(" ")[::-1] for request in site.asked)
    assert methods[f"{LIMITS}.html"] == "HEAD"
    assert methods["https://odd.example.org/"] == "GET"  # after HEAD
    assert not (project / ".data").exists()


def test_pages_can_be_copied_from_a_mirror(
    project: Path, site: Site, hours: Hours, clock: Clock, own_git: None
) -> None:
    mirror = project / "mirror"
    for name in ("docs/polly/latest/dg/limits.md", "polly/latest/dg/voices.md"):
        (mirror / name).parent.mkdir(parents=True)
        (mirror / name).write_text(TEXT, "utf-8")
    git(mirror, "init", "-q")
    commit(mirror)
    found = run(project, "pages", "first", "third", "fourth", "--mirror", "mirror")
    assert (found.code, site.log) == (2, [])
    unread, last = found.err.splitlines()
    assert (unread.split()[0], last) == (OTHER, "3 pages: 2 new, 1 not read")
    copy = copied(project, f"{LIMITS}.html")
    assert (copy.date, copy.media_type) == (TODAY.isoformat(), MARKDOWN)

    clock.at("2026-12-02")
    site.pages[f"{LIMITS}.md"] = Served("# Limits\n\nUp to 200 lexicons.\n", etag='"b"')
    assert counts(project, "first") == {"page": 1, "changed": 1}
    assert "If-None-Match" not in site.log[0][2]
    run(project, "pages", "first", "--mirror", "mirror")
    assert "200" in copied(project, f"{LIMITS}.html").text  # the newer copy stays


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "a//b", "%2e%2e/secret", "a\\b"])
def test_no_address_leads_out_of_a_mirror(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("Secret.\n", "utf-8")
    (tmp_path / "mirror/docs").mkdir(parents=True)
    assert PageCopies(tmp_path, tmp_path / "mirror").read(f"{AWS}{path}.html") is None


@pytest.mark.parametrize("file", ["../../secret.md", "..", "missing.md", "bytes.md", 5, None])
def test_a_damaged_folder_has_no_copies(file: object, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path.parent / "secret.md").write_text("Secret.\n", "utf-8")
    (tmp_path / "pages/bytes.md").write_bytes(b"\xff\xff")
    index = json.dumps([["https://a.example.com/", file, MARKDOWN]]) if file else "<<<<<<< HEAD"
    (tmp_path / "pages/index.json").write_text(index, "utf-8")
    assert PageCopies(tmp_path / "pages").read("https://a.example.com/") is None
    assert PageStore(tmp_path / "pages").text(IndexRow("https://a.example.com/", "..")) == ""


def test_an_interrupted_run_goes_on_where_it_stopped(
    project: Path, site: Site, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(site)
    site.pages[f"{VOICES}.md"] = Served("Text.\n")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Hours, "sleep", stop)
    stopped = run(project, "pages", "first", "fourth")
    assert (stopped.code, stopped.err) == (130, "stopped\n")
    assert counts(project, "first", "fourth") == {"pages": 2, "new": 1, "already": 1}
