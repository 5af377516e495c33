"""What people touch in a browser: the reader in a report, driven by mouse and keyboard."""
import numpy as np
import pytest

from argminn.data import fit_length
from argminn.recipe import predict_logits
from argminn.run import Run
from argminn.sequences import encode
from conftest import fasta

SITE = "GGTCACGTGA"


@pytest.fixture
def opened(browser, request):
    "opened(file, **options): a page, whose errors, console messages and requests for anything but the file fail the test in the end."
    pages = []

    def open_(file, **options):
        page = browser.new_page(**options)
        told = []
        page.on("pageerror", lambda e: told.append(f"error: {e}"))
        page.on("console", lambda m: told.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        page.on("request", lambda r: told.append(f"request: {r.url}") if not r.url.startswith(("file://", "data:")) else None)
        page.goto(f"file://{file}")
        pages.append((page, told))
        return page

    yield open_
    for page, told in pages:
        page.close()
        assert told == []


def logit(page): return page.evaluate("document.querySelector('#argminn-reader').reader.reading.logits[0]")
def python_logit(run, text): return float(predict_logits(run.model, fit_length(encode(text), run.model.config.length)[0][None])[0, 0])


def test_reader_in_the_report(small_run, opened):
    "Python's answer for pasted DNA; a base changed by mouse and by keyboard, and back; layers stepped through; bad input changes nothing."
    run, page = Run.load(small_run), opened(small_run / "report.html", viewport=dict(width=1100, height=800))
    reader = page.locator("#argminn-reader")
    texts = [line for line in fasta(4, seed=9).splitlines() if not line.startswith(">")] + ["ACGTNNNNACGTACGTACGTACGT", f">a header\n{'ACGT' * 6}\n{SITE.lower()}"]
    for text in texts:
        reader.locator("textarea").fill(text)
        reader.get_by_role("button", name="Read", exact=True).click()
        bare = "".join(line for line in text.splitlines() if not line.startswith(">"))
        assert abs(logit(page) - python_logit(run, bare)) < 1e-4
        assert reader.locator(".base").count() == len(bare)
    text = "ACGT" * 5 + SITE + "TTAA" * 5
    reader.locator("textarea").fill(text)
    page.keyboard.press("Control+Enter")
    before, at = logit(page), 20 + SITE.index("CACGTG") + 2
    assert "probability" in reader.locator(".said").inner_text() and reader.locator("svg rect[rx]").count() >= 1 and "It reads" in reader.inner_text()
    reader.locator(f'[data-at="{at}"]').click() # C, then G
    changed = text[:at] + "ACGT"[("ACGT".index(text[at]) + 1) % 4] + text[at + 1:]
    assert reader.locator("textarea").input_value() == changed and abs(logit(page) - python_logit(run, changed)) < 1e-4
    assert "Changed:" in reader.inner_text() and "before:" in reader.locator(".said").inner_text() and logit(page) < before
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.at") == str(at - 1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press(text[at].lower()) # typed back
    assert reader.locator("textarea").input_value() == text and abs(logit(page) - before) < 1e-9 and "Changed:" not in reader.inner_text()
    page.keyboard.press("Enter")
    reader.get_by_role("button", name="Undo").click()
    assert reader.locator("textarea").input_value() == text
    layers = run.model.config.layers
    reader.get_by_title("the next layer").click()
    assert f"layer 1 of {layers}" in reader.inner_text() and reader.locator(".scroll svg").get_attribute("aria-label").endswith("attention of 1 layers")
    reader.get_by_title("the layer before").click()
    for wrong, line in (("ACGT!", 'holds "!"'), ("", "no sequence"), (">only a header", "no sequence"), ("A" * 5000, "has 5000 bases; expected up to")):
        reader.locator("textarea").fill(wrong)
        reader.get_by_role("button", name="Read", exact=True).click()
        assert line in reader.locator(".said.wrong").inner_text() and abs(logit(page) - before) < 1e-9
    page.evaluate("document.querySelector('#argminn-reader').reader.sequence = 'ACGTACGTACGTACGTACGTACGT'") # its state can be set
    assert page.evaluate("document.querySelector('#argminn-reader').reader.sequence") == "ACGT" * 6 and reader.locator(".wrong").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reader_page_in_both_schemes(small_run, opened, tmp_path, scheme):
    "A page of its own follows the reader's colour scheme; names cannot become markup."
    from argminn.reader import reader_page, web_model
    run = Run.load(small_run)
    (tmp_path / "page.html").write_text(reader_page(web_model(run.model, run.found, run.rules.short.rules, [("</script><img src=x onerror=alert(1)>", "ACGT" * 15)]), "<b>a title"))
    page = opened(tmp_path / "page.html", color_scheme=scheme)
    ink = page.evaluate("getComputedStyle(document.querySelector('#argminn-reader')).color")
    assert (np.mean([int(x) for x in ink[4:-1].split(",")]) > 128) == (scheme == "dark")
    assert page.locator("h1").inner_text() == "<b>a title" and page.locator("img").count() == 0
