"""How fast what people see follows: a logo redrawn, a motif edited, a sequence read in a browser, the site built.

    python benchmarks/look.py

Medians in look.json. Untrained networks of the default size for 100 and 500 bases, with eight motifs of JASPAR as their filters; a page in Chromium by Playwright (left out where there is none). One thread.
"""
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import RESULTS, parser, stamp

TABLE = "look.json"


def milliseconds(do, times):
    "Median of so many runs."
    spent = []
    for k in range(times):
        started = time.perf_counter()
        do(k)
        spent.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(spent), 2)


if __name__ == "__main__":
    parser(__doc__, jobs=False).parse_args()
    import numpy as np
    import torch
    torch.set_num_threads(1)
    from argminn.compiler import set_scanner
    from argminn.data import Sequences
    from argminn.model import ARGMINN, Config
    from argminn.motifs import jaspar, logo_svg
    from argminn.panels import bench_element
    from argminn.reader import alive, reader_page, web_model
    from argminn.sequences import decode
    from argminn.widgets import MotifBench
    rng, motifs = np.random.default_rng(0), [m.trim() for m in jaspar() if 8 <= m.trim().width <= 15][:4]
    told = dict(logo_ms=milliseconds(lambda k: logo_svg(motifs[k % 4]), 200))
    bench = MotifBench(motifs[0], sequences=Sequences.bare(rng.integers(0, 4, (500, 200), np.uint8), 1))
    told["bench_logo_ms"] = milliseconds(lambda k: setattr(bench.column, "value", 1 + (bench.column.value % bench.column.max)), 50)
    told["bench_edit_ms"] = milliseconds(lambda k: bench.nudge("ACGT"[k % 4], .1), 20) # logo, database match, sites in 500 sequences
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path:
        from playwright.sync_api import sync_playwright
        with sync_playwright() as p, tempfile.TemporaryDirectory() as folder:
            browser = p.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            for length in 100, 500:
                torch.manual_seed(0)
                model = ARGMINN(Config(length=length)).eval()
                found = set_scanner(model, motifs, 1e-3)
                Path(folder, "page.html").write_text(reader_page(web_model(model, found, (), [("random", decode(rng.integers(0, 4, length, np.uint8)))])))
                page = browser.new_page()
                page.goto(f"file://{folder}/page.html")
                texts = [decode(rng.integers(0, 4, length, np.uint8)) for _ in range(10)]
                each = page.evaluate("texts => texts.map(t => { const s = performance.now(); document.querySelector('#argminn-reader').reader.sequence = t; return performance.now() - s; })", texts)
                told[f"reader_{length}_bases_ms"] = round(statistics.median(each), 1)
                page.close()
            sequences = Sequences.bare(rng.integers(0, 4, (200, 100), np.uint8), np.arange(200)[:, None] % 2)
            torch.manual_seed(0)
            model = ARGMINN(Config(length=100)).eval()
            found = set_scanner(model, motifs, 1e-3)
            Path(folder, "page.html").write_text(alive(bench_element(motifs, sequences, found, web_model(model, found)), "reader.js", "bench.js"))
            page = browser.new_page()
            page.goto(f"file://{folder}/page.html")
            each = page.evaluate("""async () => {
                const bench = document.querySelector(".argminn-bench").bench, told = [];
                for (let k = 0; k < 8; k++) {
                    const started = performance.now();
                    bench.nudge("ACGT"[k % 4], .1, 1 + k);
                    const edited = performance.now();
                    while (bench.auroc === null) await new Promise(go => setTimeout(go, 1));
                    told.push([edited - started, performance.now() - started]);
                }
                return told;
            }""")
            told |= dict(zip(("page_bench_edit_ms", "page_bench_auroc_ms"), np.median(each, 0).round(1).tolist())) # logo, bits, match, sites in 200 sequences; then what the network says of them
            browser.close()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = subprocess.run([sys.executable, Path(__file__).parents[1] / "nbs" / "site.py", "--out", Path(folder) / "docs"], capture_output=True, text=True, check=True)
        told |= dict(site_seconds=round(time.perf_counter() - started, 1), site_pages=len(list(Path(folder, "docs").rglob("*.html"))))
    (RESULTS / TABLE).write_text(json.dumps(told, indent=1) + "\n")
    stamp(TABLE)
    print(told)
