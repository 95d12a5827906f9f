// What staff have written and not sent, for this tab only: it is gone with the tab, and another person's is never shown.
export class Drafts {
  constructor(private readonly key: string) {}

  keep(text: string): void {
    try {
      if (text) sessionStorage.setItem(`frontdesk-draft/${this.key}`, text);
      else sessionStorage.removeItem(`frontdesk-draft/${this.key}`);
    } catch {
      // A browser that keeps nothing still has the text in the box.
    }
  }

  kept(): string {
    try {
      return sessionStorage.getItem(`frontdesk-draft/${this.key}`) ?? "";
    } catch {
      return "";
    }
  }
}
