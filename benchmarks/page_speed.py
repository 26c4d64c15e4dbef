"""How steady and how fast the built pages are on a slow machine; a report, never a test.

For every page: cumulative layout shift and largest contentful paint on a local server, with the processor
slowed down four times, on a phone's screen; and what it transfers, compressed as GitHub Pages does.

    python benchmarks/page_speed.py [_site]
"""

from __future__ import annotations

import gzip
import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from publishing.links import read  # noqa: E402
from tests.browser import PHONE, browser, served  # noqa: E402

SLOWER = 4
OBSERVE = """
window.__shift = 0; window.__paint = 0;
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.__paint = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""


def measure(page: Any, address: str) -> tuple[float, float]:
    """Layout shift, and largest paint in milliseconds, after reading to the end of the page."""
    page.goto(address, wait_until="load")
    page.wait_for_timeout(400)
    paint = page.evaluate("window.__paint")
    # Scrolling shows what moves only when it comes into sight.
    height = page.evaluate("document.body.scrollHeight")
    for position in range(0, min(height, 20_000), 800):
        page.evaluate(f"window.scrollTo(0, {position})")
        page.wait_for_timeout(20)
    return page.evaluate("window.__shift"), paint


def weight(path: Path) -> int:
    """Compressed bytes of a page with its styles and scripts."""
    names = [name.partition("#")[0] for name in read(path).loads if ":" not in name]
    files = {path, *((path.parent / name).resolve() for name in names if name)}
    return sum(len(gzip.compress(file.read_bytes())) for file in files)


def main(site: Path) -> None:
    """Print a line for each page and the worst of each measure."""
    rows = []
    with served(site, under="a-project") as address, browser() as chromium:
        context = chromium.new_context(viewport=PHONE)
        context.add_init_script(OBSERVE)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        for lang in sorted(path.name for path in site.iterdir() if (path / "index.html").is_file()):
            folder = site / lang
            for path in [folder / "index.html", *sorted((folder / "chapters").glob("*.html"))]:
                name = path.relative_to(site).as_posix()
                shift, paint = measure(page, f"{address}/{name}")
                rows.append((name, shift, paint, weight(path)))
    print(f"{'page':44} {'CLS':>7} {'LCP ms':>8} {'kB':>7}")
    for name, shift, paint, size in rows:
        print(f"{name:44} {shift:7.4f} {paint:8.0f} {size / 1000:7.1f}")
    shift, paint, size = (max(row[place] for row in rows) for place in (1, 2, 3))
    median = statistics.median(row[2] for row in rows)
    print(f"\nworst: CLS {shift:.4f}, LCP {paint:.0f} ms, {size / 1000:.1f} kB; median LCP {median:.0f} ms")
    print(f"({len(rows)} pages, processor {SLOWER} times slower, {PHONE['width']} px)")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_site")
