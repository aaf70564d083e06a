// The page's style sheet, once in the document.
const href = new URL("capacity.css", import.meta.url).href;
if (!document.querySelector(`link[href="${href}"]`)) {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
