// A one-time link carries its code in the fragment, which browsers never send to a server or a log.
export function readCode(page: Document): void {
  const form = page.querySelector<HTMLFormElement>("form#welcome");
  const code = page.location.hash.slice(1);
  const field = form?.querySelector<HTMLInputElement>("#code");
  if (!form || !field || !(code || field.value)) return;
  if (code) field.value = code;
  // Out of the address bar and the history, so that nobody reads it over a shoulder.
  page.defaultView?.history.replaceState(null, "", page.location.pathname + page.location.search);
  form.querySelector<HTMLElement>("[data-code]")!.hidden = true;
  form.querySelector<HTMLElement>("[data-code-found]")!.hidden = false;
}
