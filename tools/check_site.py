"""Load each page of the documentation in a browser: no error, no missing image, no dead link.

    sphinx-build -W -n -b html doc doc/_build/html
    python tools/check_site.py doc/_build/html
    python tools/check_site.py doc/_build/html --pictures FOLDER    # wide, narrow, light and dark

It takes the extra "site", and Chromium with its driver from the system. The search has to find
"focal". The exit status is 1 if anything is wrong.
"""

import argparse
import functools
import http.server
import re
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

#: Pages that pictures are made of.
PICTURED = (
    "index.html",
    "start/coming_from/pytorch.html",
    "guide/which_loss.html",
    "guide/which_loss/imbalance.html",
    "reference/index.html",
    "reference/sigmoid_focal_loss.html",
    "auto_examples/index.html",
    "boosting.html",
)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files without writing a line for each."""

    def log_message(self, *args):
        """Say nothing."""


def serve(folder):
    """Serve a folder on this machine; return its address."""
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def open_browser(profile):
    """Chromium without a window, and without what it asks the network for by itself."""
    driver, browser = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or browser is None:
        sys.exit("chromium and chromedriver are needed.")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(driver), options=options)


FIND = """
const images = [...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src);
const links = [...document.querySelectorAll('a[href]')].map(a => a.href);
return [images, links];
"""


def check_pages(browser, folder, address):
    """What is wrong, as texts, one for each finding."""
    wrong, ids, links = [], {}, {}
    for path in sorted(folder.rglob("*.html")):
        page = path.relative_to(folder).as_posix()
        if page.startswith("_static/"):
            continue
        browser.get(urljoin(address, page))
        images, links[page] = browser.execute_script(FIND)
        ids[page] = set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))
        wrong += [f"{page}: the image {src} is missing" for src in images]
        for entry in browser.get_log("browser"):
            if entry["level"] == "SEVERE":
                wrong.append(f"{page}: {entry['message']}")
    for page, targets in links.items():
        for target in sorted(set(targets)):
            if not target.startswith(address):
                continue
            there, anchor = urldefrag(target)
            path = unquote(urlparse(there).path).lstrip("/") or "index.html"
            if not (folder / path).is_file():
                wrong.append(f"{page}: no file for the link {target}")
            elif anchor and path in ids and unquote(anchor) not in ids[path]:
                wrong.append(f"{page}: no place for the link {target}")
    return wrong, len(links)


def check_search(browser, address, word):
    """The number of pages that the search finds."""
    browser.get(urljoin(address, f"search.html?q={word}"))
    count = "return document.querySelectorAll('#search-results li').length"
    WebDriverWait(browser, 20).until(lambda b: b.execute_script(count) > 0)
    return browser.execute_script(count)


def take_pictures(browser, address, folder):
    """Of some pages, in both widths and both modes."""
    folder.mkdir(parents=True, exist_ok=True)
    for width in (1400, 420):
        browser.set_window_size(width, 1300)
        for mode in ("light", "dark"):
            for page in PICTURED:
                browser.get(urljoin(address, page))
                browser.execute_script(
                    "document.documentElement.dataset.theme = arguments[0];"
                    "document.documentElement.dataset.mode = arguments[0];",
                    mode,
                )
                time.sleep(1)  # fonts and formulas
                name = page.removesuffix(".html").replace("/", "-")
                browser.save_screenshot(str(folder / f"{name}-{width}-{mode}.png"))


def main():
    """Check, print, and end with the status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    address = serve(args.folder)
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(profile)
        try:
            if args.pictures:
                take_pictures(browser, address, args.pictures)
                return
            wrong, n_pages = check_pages(browser, args.folder, address)
            found = check_search(browser, address, "focal")
        finally:
            browser.quit()
    print(*wrong, sep="\n")
    print(f"{n_pages} pages, {len(wrong)} findings; the search for 'focal' finds {found} pages")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
