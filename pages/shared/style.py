"""What the look of every page adds to Streamlit's."""

# as narrow margins for a page of charts before they are there as after
CHARTS = "<style>.stMainBlockContainer { padding: 3.75rem 1.5rem .75rem; }</style>"
# the first line is no higher than the buttons beside it; a data set is chosen by its picture, with its name below
STYLE = """<style>
[data-testid=stMain] h1 { padding: .2rem 0; }
[data-testid=stMain] [data-testid=stMarkdownContainer]:has(h1) { margin-bottom: 0; }
@media (max-width: 1500px) { /* an icon; its name stays for screen readers */
  :is([class*="diagnosis-open"], [class*="runs-open"], [class*="home-open"]) button p { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%); }
  :is([class*="diagnosis-open"], [class*="runs-open"], [class*="home-open"]) button:has(p) > div { gap: 0; }
  :is([class*="diagnosis-open"], [class*="runs-open"], [class*="home-open"]) button { padding: 0 .1rem; }
  [data-testid=stHorizontalBlock]:has(> [class*="diagnosis-open"]) { gap: .4rem; }
}
[role=radiogroup]:has(img[src*="assets/datasets"]) { display: grid; grid-template-columns: repeat(3, 1fr); gap: .3rem; }
[role=radio]:has(img[src*="assets/datasets"]) { height: 100%; width: 100%; padding: .2rem 0; border-radius: .5rem; }
[role=radiogroup]:has(img[src*="assets/datasets"]) > :not(:has(img)) { grid-column: 1 / -1; }
[role=radio]:has(img[src*="assets/datasets"]) p { font-size: .8rem; line-height: 1.2; text-align: center; white-space: normal; overflow-wrap: break-word; hyphens: auto; }
@media (max-width: 760px) { [data-testid=stMain] [data-testid=stButtonGroup] [role=radiogroup] { flex-wrap: wrap; } }
img[src*="assets/datasets"] { display: block; height: 2.2rem; max-height: none; margin: 0 auto .1rem; }
</style>"""
