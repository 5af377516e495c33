"""The site from the notebooks and _quarto.yml: by Quarto where it is on PATH, else by Sphinx and myst-nb, from the outputs that the notebooks hold.

    python nbs/site.py [--out _docs]
"""
import argparse
import ast
import html
import importlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
TOP = HERE.parent

CONF = '''project, author, copyright, html_title = "argminn", "The ARGMINN founders", "the ARGMINN founders", "argminn"
exclude_patterns = ["_site", "jupyter_execute"]
extensions = ["myst_nb", "sphinx_copybutton"]
nb_execution_mode, nb_ipywidgets_js, nb_merge_streams = "off", {}, True
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None), ("html", "image/svg+xml", 5)]
myst_enable_extensions, myst_heading_anchors = ["colon_fence"], 3
mathjax_path = "unused.js" # no page has an equation; nothing is asked for elsewhere
html_theme, html_show_sourcelink, html_copy_source = "furo", False, False
html_static_path, html_extra_path = ["static"], []
html_theme_options = dict(source_repository=REPOSITORY, source_branch="main", source_directory="nbs/", light_css_variables={"color-brand-primary": "#1f6f8b", "color-brand-content": "#1f6f8b"}, dark_css_variables={"color-brand-primary": "#6fb1c6", "color-brand-content": "#6fb1c6"})
html_css_files = ["site.css"]
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type", "misc.highlighting_failure"]
'''
CSS = '''.content { max-width: 60em; } .cell_output img { max-width: 100%; background: #fff; border-radius: 6px; } .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 18px; } .gallery p { font-size: 14px; margin: 4px 0 0; }
.gallery img { background: #fff; border: 1px solid var(--color-background-border); border-radius: 6px; width: 100%; height: 170px; object-fit: contain; } .cell_output table { font-size: 13px; display: block; overflow-x: auto; } pre { font-size: 13px; }
'''


def documented(source, module):
    "Markdown of the public definitions of an exported cell: signature, parameters, docstring."
    from nbdev.showdoc import BasicMarkdownRenderer, show_doc
    told = []
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and hasattr(module, node.name):
            text = show_doc(getattr(module, node.name), renderer=BasicMarkdownRenderer)._repr_markdown_()
            text = re.sub(r"\[source\]\(.*?\)\{.*?\}|\[source\]\(.*?\)", "", text)
            told.append("\n\n" + re.sub(r"^---\s*$", "", text, flags=re.M).replace("[0m", "").strip())
    return "\n".join(told)


def page_of(notebook):
    "The notebook as the site shows it: exported cells as API, hidden cells away, directives away."
    nb, module, cells = json.loads(notebook.read_text()), None, []
    for cell in nb["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown": cells.append(cell); continue
        if "#| default_exp" in source:
            module = importlib.import_module("argminn." + source.split("default_exp")[1].split()[0])
            continue
        flags = re.findall(r"^#\|\s*(.+)$", source, re.M)
        if "hide" in flags: continue
        if any(f.startswith("export") for f in flags):
            if module and (text := documented(source, module)): cells.append(dict(cell_type="markdown", id=cell["id"] + "d", metadata={}, source=text.splitlines(keepends=True)))
            continue
        if "echo: false" in flags and all("text/markdown" in o.get("data", {}) for o in cell["outputs"]): # a page of its own words: its links are followed
            cells.append(dict(cell_type="markdown", id=cell["id"], metadata={}, source="\n".join("".join(o["data"]["text/markdown"]) for o in cell["outputs"])))
            continue
        kept = re.sub(r"^#\|.*\n?", "", source, flags=re.M)
        cells.append(cell | dict(source=kept.splitlines(keepends=True), metadata={}))
    return nb | dict(cells=cells)


def fresh(out):
    "Make room for the site; a folder that holds something else is kept."
    if out.exists() and any(out.iterdir()) and not ((out / "objects.inv").exists() or (out / "sitemap.xml").exists()): sys.exit(f"{out} holds something that is no site; expected an empty or new folder, or an older site: give another --out")
    shutil.rmtree(out, ignore_errors=True)


def prepared(source, raw):
    "In an empty folder what either builder reads: notebooks as pages, pictures, the gallery; raw: the gallery's HTML as the builder's Markdown has it. The settings."
    settings = yaml.safe_load((TOP / "_quarto.yml").read_text())
    shutil.copytree(TOP / "figures", source / "pictures", ignore=shutil.ignore_patterns("*.md"))
    for part in settings["website"]["sidebar"]["contents"]:
        for name in part.get("contents", [part.get("href")]):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(page_of(HERE / name))
            target.write_text(text.replace("../figures/", "pictures/") if name == "index.ipynb" else text)
    claims = json.loads((TOP / "figures" / "claims.json").read_text())
    plain = lambda c: html.escape(re.sub(r"[*`]", "", c))
    cards = "".join(f'<div><a href="figures/{n}.html"><img src="pictures/{n}.svg" alt="{plain(c)}" loading="lazy"></a><p><b>{n[3:].replace("_", " ")}</b>: {plain(c)}</p></div>' for n, c in claims.items())
    (source / "gallery.md").write_text(f'# Figure gallery\n\nEach picture is drawn by the notebook of its name; its claim is read from the committed table.\n\n```{raw}\n<div class="gallery">{cards}</div>\n```\n')
    (source / "static").mkdir()
    (source / "static" / "site.css").write_text(CSS)
    return settings


def by_sphinx(source):
    "Build with Sphinx; the folder of the pages."
    settings = prepared(source, "{raw} html")
    (source / "conf.py").write_text(f"REPOSITORY = {settings['website']['repo-url'] + '/'!r}\n" + CONF)
    trees = [(part["section"], [str(Path(n).with_suffix("")) for n in part["contents"]] + ["gallery"] * (part["section"] == "Figures")) for part in settings["website"]["sidebar"]["contents"] if "section" in part]
    index = json.loads((source / "index.ipynb").read_text())
    index["cells"] += [dict(cell_type="markdown", id=f"tree{k}", metadata={}, source=f"```{{toctree}}\n:caption: {name}\n:hidden:\n\n" + "\n".join(pages) + "\n```") for k, (name, pages) in enumerate(trees)]
    (source / "index.ipynb").write_text(json.dumps(index))
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-b", "html", "-j", "2", str(source), str(source / "_site")], check=True) # what it leaves lies beside it
    shutil.copytree(source / "pictures", source / "_site" / "pictures", dirs_exist_ok=True)
    return source / "_site"


def by_quarto(source):
    "The same with Quarto; nothing is executed."
    settings = prepared(source, "{=html}")
    settings["project"] |= {"output-dir": "_site", "resources": ["pictures/*"]}
    settings["project"]["render"].append("gallery.md")
    settings["execute"] = dict(enabled=False)
    settings["format"]["html"]["css"] = "static/site.css"
    next(part for part in settings["website"]["sidebar"]["contents"] if part.get("section") == "Figures")["contents"].append("gallery.md")
    (source / "_quarto.yml").write_text(yaml.safe_dump(settings, sort_keys=False))
    subprocess.run(["quarto", "render", str(source)], check=True)
    return source / "_site"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TOP / "_docs")
    args = parser.parse_args()
    fresh(args.out) # a mistake there shows before the work
    with tempfile.TemporaryDirectory(prefix="_proc", dir=TOP) as source: shutil.copytree((by_quarto if shutil.which("quarto") else by_sphinx)(Path(source)), args.out)
    print(f"{args.out}: {len(list(args.out.rglob('*.html')))} pages")


if __name__ == "__main__": main()
