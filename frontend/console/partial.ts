// The server's own partials, put into the page without losing the reader's place.
export function swap(target: Element, html: string): void {
  const made = template(html);
  // What has not changed stays: somebody may be reading it, or be about to press it.
  if (made.innerHTML.trim() === target.innerHTML.trim()) return;
  const focused = document.activeElement;
  const id = focused && target.contains(focused) ? focused.id : "";
  target.replaceChildren(made.content);
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}

export function parse(html: string): DocumentFragment {
  return template(html).content;
}

function template(html: string): HTMLTemplateElement {
  const made = document.createElement("template");
  made.innerHTML = html; // made by the server's templates, which escape everything residents and staff wrote
  return made;
}
