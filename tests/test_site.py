"""The site as a visitor meets it: every page opened in Chromium, links followed, search tried, both colour schemes."""
import functools
import os
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from conftest import ROOT


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args): pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    "(folder, address) of the built site."
    out = tmp_path_factory.mktemp("site") / "docs"
    done = subprocess.run([sys.executable, ROOT / "nbs" / "site.py", "--out", out], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr[-2000:]
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(out)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield out, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_every_page(site, browser):
    "No console error, no failed or foreign request, no broken link, no picture without its words."
    folder, address = site
    page, wrong, here = browser.new_page(viewport=dict(width=1300, height=900)), [], [""]
    page.on("request", lambda r: wrong.append((here[0], "foreign", r.url)) if not r.url.startswith((address, "data:")) else None)
    page.on("response", lambda r: wrong.append((here[0], r.status, r.url)) if r.status >= 400 and not r.url.endswith("favicon.ico") else None)
    page.on("pageerror", lambda e: wrong.append((here[0], "error", str(e))))
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 55
    for file in pages:
        here[0] = str(file.relative_to(folder))
        page.goto(address + here[0])
        for link in page.eval_on_selector_all("a[href]", "x => x.map(a => a.href)"):
            if link.startswith(address):
                path, _, anchor = link[len(address):].partition("#")
                target = folder / path.split("?")[0]
                if not target.is_file(): wrong.append((here[0], "broken link", link))
            elif not link.startswith(("https://", "data:", "mailto:")): wrong.append((here[0], "odd link", link))
        if n := page.eval_on_selector_all("img", "x => x.filter(i => !i.alt).length"): wrong.append((here[0], "pictures without alt text", n))
    page.close()
    assert wrong == []


def test_search_finds_overlap(site, browser):
    page = browser.new_page()
    page.goto(site[1] + "search.html?q=overlap")
    page.locator("#search-results li").first.wait_for()
    assert any("scanner" in x for x in page.eval_on_selector_all("#search-results a", "x => x.map(a => a.href)"))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_schemes(site, browser, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto(site[1] + "29_reader.html")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (np.mean([int(x) for x in paper[4:-1].split(",")[:3]]) < 128) == (scheme == "dark")
    reader = page.locator(".argminn-reader").first # alive without a kernel
    reader.locator(".base").first.click()
    assert "Changed:" in reader.inner_text()
    page.goto(site[1] + "30_panels.html")
    rules, studio, bench = page.locator(".argminn-rules"), page.locator(".argminn-studio"), page.locator(".argminn-bench")
    counts = rules.locator("table").inner_text()
    rules.get_by_role("slider").last.focus()
    for _ in range(5): page.keyboard.press("ArrowLeft")
    assert "in [4,7]" in rules.inner_text() and rules.locator("table").inner_text() != counts
    letters = studio.locator(".letters").inner_text()
    studio.locator(".design").last.click()
    assert studio.locator(".letters").inner_text() != letters
    facts = bench.locator(".facts").inner_text()
    for _ in range(8): bench.get_by_role("button", name="T +").click()
    assert "best match" in facts and bench.locator(".facts").inner_text() != facts
    page.close()


def test_by_quarto(tmp_path, monkeypatch):
    "Where Quarto is on PATH it gets the same pages, and executes nothing (a stand-in here: it keeps what it was asked for)."
    import yaml
    tool = tmp_path / "bin" / "quarto"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\ncp -r "$2" {tmp_path}/project && mkdir "$2/_site" && echo "<p>$1</p>" > "$2/_site/index.html"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run([sys.executable, ROOT / "nbs" / "site.py", "--out", tmp_path / "docs"], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and (tmp_path / "docs" / "index.html").read_text() == "<p>render</p>\n", done.stderr[-2000:]
    project = tmp_path / "project"
    settings = yaml.safe_load((project / "_quarto.yml").read_text())
    assert settings["execute"] == dict(enabled=False) and settings["format"]["html"]["theme"]["dark"] and settings["website"]["navbar"]["search"]
    pages = [n for part in settings["website"]["sidebar"]["contents"] for n in part.get("contents", [part.get("href")])]
    assert all((project / n).is_file() for n in pages) and "gallery.md" in pages and {p.name for p in (ROOT / "nbs").glob("*.ipynb")} <= set(pages)
    assert (project / "static" / "site.css").is_file() and "pictures/01_prediction.svg" in (project / "gallery.md").read_text()
