"""Write README.md from nbs/index.ipynb: prose as it is, code in fences, printed output below it. `--check` only compares."""
import json
import re
import sys
from pathlib import Path

here = Path(__file__).parent
target = here.parent / "README.md"


def cell_text(cell):
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown": return source
    if source.startswith("#| echo: false"): return "\n".join("".join(o["data"]["text/markdown"]) for o in cell["outputs"])
    if "#| hide" in source or source.startswith("#|"): return ""
    text = ["".join(o.get("text", o.get("data", {}).get("text/plain", ""))) for o in cell["outputs"]]
    shown = "".join(f"\n\n```text\n{t.rstrip()}\n```" for t in text if t)
    return f"```python\n{source}\n```{shown}"


cells = json.loads((here / "index.ipynb").read_text(encoding="utf-8"))["cells"]
readme = "<!-- made from nbs/index.ipynb by nbs/readme.py -->\n\n" + "\n\n".join(filter(None, map(cell_text, cells))).strip() + "\n"
readme = re.sub(r"\]\(((?:figures/|tutorials/)?\w+\.ipynb)\)", r"](nbs/\1)", readme).replace("](../figures/", "](figures/")
if "--check" in sys.argv: sys.exit(readme != target.read_text(encoding="utf-8") and "README.md is not nbs/index.ipynb: run make export")
target.write_text(readme, encoding="utf-8")
