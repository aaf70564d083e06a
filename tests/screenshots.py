"""`make screenshots`: every page and view at five sizes, light and dark, as pictures and as one contact sheet a size.

They are for looking at, one by one; nothing here passes or fails. Choose with words, as in
`python -m tests.screenshots arena 1280x720 dark`.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.panel import serve
from tests.browser.conftest import BROWSER, CHROMIUM, ROOT
from tests.views import VIEWS

FOLDER = ROOT / "screenshots"
SIZES = ((390, 844), (800, 600), (1280, 720), (1600, 900), (1920, 1080))
THEMES = ("light", "dark")
PLAY_MS = 3_000  # how long a run plays before its picture is taken
DRAWN = """
  () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-testid=stSkeleton]") && !document.querySelector(".dl-panel:not([data-run])")
"""
COLUMNS, WIDTH = 4, 640  # of a contact sheet


def take(page: Page, address: str, target: Path) -> None:
    """Open a view, play it for a while, pause, take its picture."""
    page.goto(address)
    page.locator("[data-testid='stApp'] h1, [data-testid='stApp'] h4").first.wait_for(timeout=30_000)
    page.wait_for_function(DRAWN, timeout=60_000)
    page.wait_for_timeout(1_500)
    play = page.get_by_role("button", name="Play", exact=True)
    if play.count() and play.first.is_enabled():
        play.first.click()
        page.wait_for_timeout(PLAY_MS)
        pause = page.get_by_role("button", name="Pause", exact=True)
        if pause.count():
            pause.first.click()
    page.wait_for_timeout(1_200)
    page.screenshot(path=target)


def contact_sheet(pictures: list[Path], target: Path) -> None:
    """All pictures of a size, with their names, on one sheet."""
    first = Image.open(pictures[0])
    height = round(WIDTH * first.height / first.width)
    lines = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (WIDTH + 12), lines * (height + 30)), "#888888")
    draw = ImageDraw.Draw(sheet)
    for index, path in enumerate(pictures):
        x, y = index % COLUMNS * (WIDTH + 12), index // COLUMNS * (height + 30)
        sheet.paste(Image.open(path).convert("RGB").resize((WIDTH, height)), (x, y + 18))
        draw.text((x + 4, y + 3), path.stem, fill="white")
    sheet.save(target)


def main(words: list[str]) -> None:
    views = {name: query for name, query in VIEWS.items() if chosen(words, name.split(), VIEWS)}
    sizes = [size for size in SIZES if chosen(words, [label(size)], [label(size) for size in SIZES])]
    themes = [theme for theme in THEMES if chosen(words, [theme], THEMES)]
    FOLDER.mkdir(exist_ok=True)
    with serve("app.py") as (address, _, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=CHROMIUM)
        for size in sizes:
            for theme in themes:
                pictures = []
                for name, query in views.items():
                    context = browser.new_context(
                        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, has_touch=size[0] < 500
                    )  # fmt: skip
                    pictures.append(FOLDER / f"{label(size)} {theme} {name}.png")
                    take(context.new_page(), f"{address}/{query}", pictures[-1])
                    context.close()
                contact_sheet(pictures, FOLDER / f"sheet {label(size)} {theme}.png")
        browser.close()


def label(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def chosen(words: list[str], names: list[str], among) -> bool:
    """Whether one of `names` was asked for, or nothing of its kind was."""
    known = {word for name in among for word in name.split()}
    asked = [word for word in words if word in known]
    return not asked or any(word in names for word in asked)


if __name__ == "__main__":
    main(sys.argv[1:])
