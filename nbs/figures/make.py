"""All figures by one command: papermill runs each notebook with its computation, in a folder of its own, and goes on where it was stopped.

    python nbs/figures/make.py [--data ../shared/data] [--only 01 02 ...] [--quick] [--draw] [--publish]

Tables, models, notebooks and figures lie in _figures/full (or _figures/quick, about a tenth of the work); --publish puts the tables' rows into benchmarks/results once all have come. What lies beyond the paper's figures (17 and on) is computed only where it is named.
--draw computes nothing: figures from the committed tables, straight into figures/, and the notebooks' outputs anew.
"""
import argparse
import base64
import io
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]


def hours(notebook, quick):
    "What its parameters cell says, on two cores."
    return float(re.search(r"hours = ([\d.]+)", notebook.read_text())[1]) / (10 if quick else 1)


def gallery(folder):
    "README.md of the folder: every figure with its claim."
    claims = json.loads((folder / "claims.json").read_text())
    text = "\n".join(f"## {n[:2]} {n[3:].replace('_', ' ')}\n\n![{n}]({n}.png)\n\n{c}\n" for n, c in claims.items())
    (folder / "README.md").write_text(f"# Figures\n\nEach is drawn by the notebook of its name in [nbs/figures](../nbs/figures) from the tables in [benchmarks/results](../benchmarks/results); `made.json` there says which command made a table, when, with which versions and on which machine. `make figures` computes all of them again.\n\n{text}")


def sources(notebook):
    "Its code, without what papermill put in."
    return ["".join(c["source"]) for c in json.loads(notebook.read_text())["cells"] if c["cell_type"] == "code" and "injected-parameters" not in c["metadata"].get("tags", ())]


def accept(made, folder):
    "Take the figures of a notebook that ran through, and their claims."
    folder.mkdir(parents=True, exist_ok=True)
    for file in made.glob("*.*"):
        if file.name != "claims.json": shutil.copy(file, folder)
    if not (made / "claims.json").exists(): return
    old = json.loads((folder / "claims.json").read_text()) if (folder / "claims.json").exists() else {}
    (folder / "claims.json").write_text(json.dumps(dict(sorted((old | json.loads((made / "claims.json").read_text())).items())), indent=1, ensure_ascii=False) + "\n")


def smaller(png, most=80_000):
    "A picture in base64, in 256 colours where it is large: a notebook stays below 150 kB."
    from PIL import Image
    if len(png) <= most: return png
    out = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").quantize(256).save(out, "PNG", optimize=True)
    return base64.b64encode(out.getvalue()).decode()


def draw(notebook):
    "Run a notebook as it is, and keep its outputs."
    from execnb.nbio import read_nb, write_nb
    from execnb.shell import CaptureShell
    os.chdir(HERE)
    nb, shell = read_nb(notebook), CaptureShell(str(HERE))
    for cell in nb.cells:
        if cell.cell_type != "code": continue
        cell.outputs = shell.run(cell.source)
        if shell.exc: raise RuntimeError(f"{type(shell.exc).__name__}: {shell.exc}")
        for output in cell.outputs:
            if "image/png" in (data := output.get("data", {})): data["image/png"] = smaller(data["image/png"])
    write_nb(nb, notebook)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data", help="folder of the real data sets")
    parser.add_argument("--only", nargs="+", help="numbers of notebooks")
    parser.add_argument("--quick", action="store_true", help="fewer seeds and sets: about a tenth of the work")
    parser.add_argument("--draw", action="store_true", help="compute nothing, draw from the committed tables")
    parser.add_argument("--publish", action="store_true", help="take over what was computed")
    args = parser.parse_args()
    if args.quick and args.publish: parser.error("--quick makes tables of a tenth; expected a full run for --publish: leave one of them out")
    import papermill
    notebooks = [n for n in sorted(HERE.glob("[0-9]*.ipynb")) if (n.name[:2] in args.only if args.only else args.draw or n.name[:2] <= "16")]
    work = TOP / "_figures" / ("quick" if args.quick else "full")
    work.mkdir(parents=True, exist_ok=True)
    figures = TOP / "figures" if args.draw else work / "figures"
    if not args.draw:
        os.environ["ARGMINN_RESULTS"] = str(work / "results")
        (work / "results").mkdir(exist_ok=True)
    parameters = dict(compute=not args.draw, quick=args.quick, data=str(Path(args.data).resolve()))
    done = {n for n in notebooks if not args.draw and (out := work / "notebooks" / n.name).exists() and sources(out) == sources(n)}
    if not args.draw:
        for n in notebooks: print(f"{n.stem}: {'done' if n in done else f'{hours(n, args.quick):.2f} h'}")
        print(f"{sum(hours(n, args.quick) for n in notebooks if n not in done):.1f} hours expected on two cores; run it again to go on after a stop", flush=True)
    (work / "notebooks").mkdir(exist_ok=True)
    failed = []
    for n in notebooks:
        if n in done: continue
        started, part, made = time.time(), work / f"{n.stem}.ipynb", work / "drawn"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        os.environ["ARGMINN_FIGURES"] = str(made) # accepted once the notebook, its assertions too, ran through
        try:
            if args.draw: draw(n)
            else:
                papermill.execute_notebook(str(n), str(part), parameters=parameters, cwd=str(HERE), kernel_name="python3", progress_bar=False, log_output=True)
                part.replace(work / "notebooks" / n.name)
        except (papermill.PapermillExecutionError, RuntimeError) as e:
            failed.append(n.stem)
            print(f"{n.stem} failed: {e}"[-2000:] + ("" if args.draw else f"\nsee {part}"), file=sys.stderr, flush=True)
            continue
        accept(made, figures)
        print(f"{n.stem}: {(time.time() - started) / 60:.1f} min", flush=True)
    if (figures / "claims.json").exists(): gallery(figures)
    if failed: sys.exit(f"{len(failed)} of {len(notebooks)} notebooks failed: {', '.join(failed)}; run it again once that is mended")
    if args.publish and not args.draw:
        del os.environ["ARGMINN_RESULTS"]
        sys.path.insert(0, str(TOP / "benchmarks"))
        from common import take_over
        print(f"taken over into benchmarks/results: {', '.join(take_over(work / 'results'))}; draw anew with --draw")


if __name__ == "__main__":
    main()
