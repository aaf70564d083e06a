// @ts-check
// The live panel's entry: Streamlit calls `render` with each answer of the server (see protocol.js).
import { Panel } from "./panel.js";

/** @type {WeakMap<HTMLElement, Panel>} */
const panels = new WeakMap();
// Streamlit may take a panel away and mount another in its place while the page runs again: what played goes on.
const TAKEN_MS = 10_000;
/** @type {{run: string | null, at: number}} */
let taken = { run: null, at: 0 };

function loadStyle() {
  const href = new URL("live.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
loadStyle();

/** @param {{data: Uint8Array | null, parentElement: HTMLElement, setTriggerValue: (name: string, value: any) => void}} component */
export default function render(component) {
  const { data, parentElement, setTriggerValue } = component;
  const panel = panels.get(parentElement) ?? new Panel(parentElement);
  panels.set(parentElement, panel);
  panel.pulls.send = (request) => setTriggerValue("pull", request);
  panel.receive(data);
  if (panel.run !== null && panel.run === taken.run && !panel.playing) {
    const isSoon = performance.now() - taken.at < TAKEN_MS;
    taken = { run: null, at: 0 };
    if (isSoon) panel.toggle();
  }
  return () => {
    if (panel.playing) taken = { run: panel.run, at: performance.now() };
    panel.close();
    panels.delete(parentElement);
  };
}
