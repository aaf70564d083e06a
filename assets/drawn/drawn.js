// Finds the module of the view that is asked for, assets/<page>/<view>.js, and gives it what Python sends.
const views = new WeakMap();

export default function render({ data, parentElement, setStateValue }) {
  const held = views.get(parentElement) ?? { closed: false };
  views.set(parentElement, held);
  held.data = data;
  held.send = (values) => setStateValue("values", values);
  held.ready ??= import(`../${data.page}/${data.view}.js`).then((module) => {
    if (!held.closed) held.view = new module.default(parentElement, held.data);
  });
  held.ready.then(() => {
    if (!held.view) return;
    held.view.send = held.send;
    held.view.receive(held.data);
  });
  return () => {
    held.closed = true;
    held.view?.close();
    views.delete(parentElement);
  };
}
