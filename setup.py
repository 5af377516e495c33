"""Everything that setuptools is told stands in settings.ini."""
from configparser import ConfigParser
from pathlib import Path

import setuptools

settings = ConfigParser(delimiters=["="], interpolation=None)
settings.read("settings.ini", encoding="utf-8")
s = settings["DEFAULT"]
statuses = {"3": "3 - Alpha", "4": "4 - Beta", "5": "5 - Production/Stable"}
pythons = ["3.10", "3.11", "3.12", "3.13"]

setuptools.setup(
    name=s["lib_name"], version=s["version"], description=s["description"], keywords=s["keywords"], license="Apache-2.0",
    author=s["author"], author_email=s["author_email"], url=s["git_url"],
    long_description=Path("README.md").read_text(encoding="utf-8"), long_description_content_type="text/markdown",
    classifiers=[f"Development Status :: {statuses[s['status']]}", "Intended Audience :: Science/Research",
                 "Topic :: Scientific/Engineering :: Bio-Informatics",
                 *(f"Programming Language :: Python :: {v}" for v in pythons)],
    packages=setuptools.find_packages(include=["argminn", "argminn.*"]) + ["argminn.data_files"],
    package_dir={"argminn.data_files": "data"},
    package_data={"argminn": ["*.js", "*.css"], "argminn.data_files": ["*.gz", "*.md", "demo/*"]},
    python_requires=f">={s['min_python']}", install_requires=s["requirements"].split(),
    extras_require={"dev": s["dev_requirements"].split(), **{k: s[f"{k}_requirements"].split() for k in ("genome", "cluster", "baselines")}},
    entry_points={"console_scripts": s["console_scripts"].split("\n"), "nbdev": [f"{s['lib_name']}={s['lib_name']}._modidx:d"]},
    zip_safe=False,
)
