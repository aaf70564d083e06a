"""What the browser tests do with a live panel, and read from it."""


def step(page) -> int:
    return int(page.locator(".dl-panel").get_attribute("data-step"))


def readout(page, label: str) -> str:
    return page.locator(".dl-readout > div", has_text=label).locator("dd").inner_text()


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def wait_for_step(page, at_least: int, seconds: float = 20) -> None:
    page.wait_for_function(
        f"Number(document.querySelector('.dl-panel')?.dataset.step) >= {at_least}", timeout=1000 * seconds
    )


def settled(page) -> None:
    """Wait for the exact figures that come at rest."""
    page.wait_for_timeout(700)
