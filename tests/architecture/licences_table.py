"""The tables of docs/licences.md, made from the locked packages: `make licences` writes them, and all texts."""

import email
import importlib.metadata
import re
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "licences.md"
TEXTS = ROOT / "build" / "licences"
LOCKS = {"slim": "image.txt", "full": "image-browser.txt"}
LOCKED = re.compile(
    r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>\S+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$",
    re.MULTILINE,
)
# The image's Python, as the markers of a lock see it; its slim form has no setuptools (Dockerfile).
IMAGE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "python_full_version": "3.11.9",
    "sys_platform": "linux",
}
NOT_IN_SLIM = {"setuptools"}
# What packages say of their licences, in the names of SPDX. BSD alone does not tell which of its forms it is.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "FreeBSD": "BSD-2-Clause",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU LGPL": "LGPL",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0",
    "GPLv2": "GPL-2.0",
    "GPLv3+": "GPL-3.0-or-later",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "LGPLv2+": "LGPL-2.0-or-later",
    "LGPLv3": "LGPL-3.0",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSF": "PSF-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
LICENCE_FILE = re.compile(r"\.dist-info/(?:.*/)?[^/]*(?:licen[cs]e|copying|notice|edl-v|epl-v)[^/]*$", re.IGNORECASE)
VENDORED = re.compile(r"/_vendor/[^/]+\.dist-info/METADATA$")
MARK = "<!-- table of {}: written by `make licences` -->\n"
END = "<!-- end of the table -->"


def find_locked(image):
    """Return the names of the packages that the lock of an image puts into it."""
    text = (ROOT / "requirements" / LOCKS[image]).read_text(encoding="utf-8")
    names = {found[1].lower() for found in LOCKED.finditer(text) if _is_for_the_image(found["marker"])}
    return names - NOT_IN_SLIM if image == "slim" else names


def _is_for_the_image(marker):
    return marker is None or Marker(marker.strip()).evaluate(IMAGE)


def find_missing(image):
    """Return the packages of an image that are not installed here."""
    return {package for package in find_locked(image) if find_package(package) is None}


def find_package(name):
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def licence_of(package):
    """Return the licence that an installed package states; what it states in several ways is joined."""
    return _stated(importlib.metadata.metadata(package))


def find_inside(package):
    """Return the packages that an installed package has copies of, each with its licence."""
    kept = [path for path in importlib.metadata.files(package) or [] if VENDORED.search(path.as_posix())]
    abouts = [email.message_from_string(path.locate().read_text(encoding="utf-8")) for path in kept]
    return {about["Name"]: _stated(about) for about in abouts}


def _stated(about):
    if expression := about.get("License-Expression"):
        return expression
    classifiers = [text.rpartition(" :: ")[2] for text in about.get_all("Classifier") or [] if "License ::" in text]
    texts = [(about.get("License") or "").partition("\n")[0], *classifiers]
    known = [SPDX.get(text, text) for text in texts if text not in ("", "UNKNOWN") and not text.startswith("Copyright")]
    return "; ".join(dict.fromkeys(known))


def texts_of(package):
    """Return the licence texts that an installed package keeps, by path."""
    kept = [path for path in importlib.metadata.files(package) or [] if LICENCE_FILE.search(path.as_posix())]
    return {path.as_posix(): path.locate().read_text(encoding="utf-8", errors="replace") for path in kept}


def build_table(image):
    """Return one row for each package of `slim`, or for each that `full` adds to it."""
    names = find_locked("slim") if image == "slim" else find_locked("full") - find_locked("slim")
    rows = [f"| `{name}` | {licence_of(name)} | {_shown_texts(name)} |" for name in sorted(names)]
    return "\n".join(["| package | licence | its texts |", "|:--|:--|:--|", *rows, ""])


def _shown_texts(package):
    names = {path.rpartition("/")[2] for path in texts_of(package)}
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def replaced(page, image):
    """Return the page with the table of one image as it is today."""
    begin = MARK.format(image)
    pattern = f"{re.escape(begin)}.*?{re.escape(END)}"
    return re.sub(pattern, lambda _: f"{begin}\n{build_table(image)}\n{END}", page, flags=re.DOTALL)


def write_texts():
    """Write the licence texts of all packages into one file for each image."""
    TEXTS.mkdir(parents=True, exist_ok=True)
    for image in LOCKS:
        parts = [
            f"{'=' * 100}\n{package} {importlib.metadata.version(package)}: {licence_of(package)} ({name})\n\n{text}"
            for package in sorted(find_locked(image))
            for name, text in sorted(texts_of(package).items())
        ]
        (TEXTS / f"{image}.txt").write_text("\n\n".join(parts), encoding="utf-8")


def main():
    page = PAGE.read_text(encoding="utf-8")
    for image in LOCKS:
        page = replaced(page, image)
    PAGE.write_text(page, encoding="utf-8")
    write_texts()


if __name__ == "__main__":
    main()
