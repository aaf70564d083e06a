// @ts-check
// The live panel's entry: Streamlit calls `render` with each answer of the server (see protocol.js).
import { Panel } from "./panel.js";

/** @type {WeakMap<HTMLElement, Panel>} */
const panels = new WeakMap();

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
  return () => {
    panel.close();
    panels.delete(parentElement);
  };
}
