// The server's own partials, put into the page without losing the reader's place.
export function swap(target: Element, html: string): void {
  const focused = document.activeElement;
  const id = focused && target.contains(focused) ? focused.id : "";
  target.replaceChildren(parse(html));
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}

export function parse(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html; // made by the server's templates, which escape everything residents and staff wrote
  return template.content;
}
