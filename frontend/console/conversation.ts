// The live conversation: lines as they come, the panel, typing both ways, and a reply box that never loses a draft.
import { LitElement, css, html, nothing } from "lit";
import { Drafts } from "./drafts";
import { Live } from "./live";
import { parse, swap } from "./partial";

interface Line {
  seq: number;
  html: string;
}

const TYPING_EVERY = 2500;
const SEND_SECONDS = 15;

class ConsoleConversation extends LitElement {
  static override properties = { status: { state: true }, typing: { state: true }, isEnded: { state: true } };
  static override styles = css`
    :host { display: grid; }
    .said { grid-column: 1 / -1; margin: 0; padding: 0.5rem 0.75rem; border-inline-start: 4px solid; }
    .said:empty, .said.quiet { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); padding: 0; border: 0; }
    a { color: inherit; }
  `;

  declare status: string;
  declare typing: boolean;
  declare isEnded: boolean;
  private live?: Live;
  private drafts!: Drafts;
  private wasOffline = false;
  private isSending = false;
  private isQuiet = true;
  private typedAt = 0;

  constructor() {
    super();
    this.status = "";
    this.typing = false;
    this.isEnded = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.drafts = new Drafts(this.dataset.draft!);
    this.live = new Live(this.dataset.live!, { received: (parts) => this.received(parts), changed: (c) => this.connection(c) });
    this.live.start();
    this.addEventListener("submit", this.submitted);
    this.addEventListener("input", this.wrote);
    this.addEventListener("keydown", this.pressed);
    this.restoreDraft();
    this.toEnd(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live?.stop();
  }

  private get log(): HTMLElement {
    return this.querySelector<HTMLElement>("[data-log]")!;
  }

  private get form(): HTMLFormElement | null {
    return this.querySelector<HTMLFormElement>("form[data-reply]");
  }

  private received(parts: Record<string, unknown>): void {
    if (Array.isArray(parts.lines)) this.show(parts.lines as Line[]);
    if (typeof parts.panel === "string") swap(this.querySelector("[data-panel]")!, parts.panel);
    if (typeof parts.typing === "boolean") this.typing = parts.typing;
    if (typeof parts.state === "string" && parts.state !== this.dataset.state) {
      this.dataset.state = parts.state;
      if (typeof parts.compose === "string") swap(this.querySelector("[data-compose]")!, parts.compose);
      this.restoreDraft();
    }
  }

  private show(lines: Line[]): void {
    const list = this.querySelector("[data-lines]")!;
    const follow = this.isAtEnd();
    for (const line of lines) {
      const item = parse(line.html).firstElementChild!;
      const known = list.querySelector(`[data-seq="${line.seq}"]`);
      if (known) {
        if (known.outerHTML !== item.outerHTML) known.replaceWith(item);
      } else {
        const later = [...list.children].find((other) => Number((other as HTMLElement).dataset.seq) > line.seq);
        list.insertBefore(item, later ?? null);
      }
    }
    this.querySelector("[data-empty]")?.remove();
    this.toEnd(follow);
  }

  private isAtEnd(): boolean {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  private toEnd(follow: boolean): void {
    if (follow) this.log.scrollTop = this.log.scrollHeight;
  }

  private connection(state: "online" | "offline" | "ended"): void {
    if (state === "online") this.say(this.wasOffline ? this.dataset.online! : "");
    else this.say(state === "offline" ? this.dataset.offline! : this.dataset.ended!, false);
    this.isEnded = state === "ended";
    this.wasOffline = state !== "online";
  }

  private say(text: string, isQuiet = true): void {
    this.isQuiet = isQuiet;
    this.status = text;
  }

  private readonly wrote = (event: Event): void => {
    if (!(event.target instanceof HTMLTextAreaElement) || event.target.id !== "reply") return;
    this.drafts.keep(event.target.value);
    if (Date.now() - this.typedAt > TYPING_EVERY) {
      this.typedAt = Date.now();
      this.live?.say("typing");
    }
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target instanceof HTMLTextAreaElement) {
      event.preventDefault();
      this.form?.requestSubmit();
    }
  };

  private readonly submitted = (event: SubmitEvent): void => {
    if (event.target !== this.form || !this.form) return;
    event.preventDefault();
    if (!this.isSending) void this.send(this.form);
  };

  private async send(form: HTMLFormElement): Promise<void> {
    const box = form.querySelector("textarea")!;
    const text = box.value;
    this.isSending = true;
    this.say(this.dataset.sending!);
    try {
      const sent = await this.post(form);
      // The next text is another message: with the old id it would be taken for a repetition.
      form.querySelector<HTMLInputElement>("[name=client_id]")!.value = sent.client_id;
      if (box.value === text) box.value = "";
      this.drafts.keep(box.value);
      this.say(this.dataset.sent!);
    } catch (error) {
      const reason = error instanceof Refusal ? error.message : this.dataset.noConnection!;
      this.say(this.dataset.notSent!.replace("%", reason), false);
    } finally {
      this.isSending = false;
    }
    box.focus();
  }

  private async post(form: HTMLFormElement): Promise<{ client_id: string }> {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) fields.set(name, String(value));
    const answer = await fetch(form.action, {
      method: "POST", body: fields, redirect: "manual", signal: AbortSignal.timeout(SEND_SECONDS * 1000),
      headers: { accept: "application/json", "x-csrf-token": fields.get("csrf") ?? "" },
    });
    const document = (await answer.json()) as { client_id: string; error?: { message: string } };
    if (!answer.ok) throw new Refusal(document.error?.message ?? "");
    return document;
  }

  private restoreDraft(): void {
    const box = this.form?.querySelector("textarea");
    if (box && !box.value) box.value = this.drafts.kept();
  }

  override render() {
    return html`<p class="said ${this.isQuiet ? "quiet" : ""}" role="status">${this.status}${this.isEnded
        ? html` <a href="/console/sign-in?next=${location.pathname}">${this.dataset.signIn}</a>` : nothing}</p>
      <slot></slot>
      <p class="said typing" role="status" part="typing">${this.typing ? this.dataset.typing : nothing}</p>`;
  }
}

class Refusal extends Error {}

customElements.define("console-conversation", ConsoleConversation);
