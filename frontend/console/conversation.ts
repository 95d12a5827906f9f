// The live conversation: lines as they come, the panel, typing both ways, and a reply box that never loses a draft.
import { html, nothing, render } from "lit";
import { Drafts } from "./drafts";
import { Live } from "./live";
import { parse, swap } from "./partial";

interface News {
  said: string;
  trouble: string;
  isTyping: boolean;
  isEnded: boolean;
}

interface Line {
  seq: number;
  html: string;
}

const TYPING_EVERY = 2500;
const SEND_SECONDS = 15;

class ConsoleConversation extends HTMLElement {
  private live?: Live;
  private drafts!: Drafts;
  private wasOffline = false;
  private isSending = false;
  private typedAt = 0;
  private news: News = { said: "", trouble: "", isTyping: false, isEnded: false };

  connectedCallback(): void {
    this.drafts = new Drafts(this.dataset.draft!);
    this.live = new Live(this.dataset.live!, { received: (parts) => this.received(parts), changed: (c) => this.connection(c) });
    this.live.start();
    this.addEventListener("submit", this.submitted);
    this.addEventListener("input", this.wrote);
    this.addEventListener("keydown", this.pressed);
    this.restoreDraft();
    this.toEnd(true);
    // The style sheet may come after the script; the end is somewhere else then.
    window.addEventListener("load", () => this.toEnd(true), { once: true });
  }

  disconnectedCallback(): void {
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
    if (typeof parts.typing === "boolean") this.tell({ isTyping: parts.typing });
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
    // The first connection is no news: a reply that was not sent meanwhile stays told.
    if (state === "online" && this.wasOffline) this.tell({ trouble: "", said: this.dataset.online! });
    if (state !== "online") this.tell({ trouble: state === "offline" ? this.dataset.offline! : this.dataset.ended!, isTyping: false });
    this.tell({ isEnded: state === "ended" });
    this.wasOffline = state !== "online";
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
    this.drafts.keep(text);
    this.isSending = true;
    this.tell({ said: this.dataset.sending!, trouble: "" });
    try {
      const sent = await this.post(form);
      // The next text is another message: with the old id it would be taken for a repetition.
      form.querySelector<HTMLInputElement>("[name=client_id]")!.value = sent.client_id;
      if (box.value === text) box.value = "";
      this.drafts.keep(box.value);
      this.tell({ said: this.dataset.sent! });
    } catch (error) {
      const reason = error instanceof Refusal ? error.message : this.dataset.noConnection!;
      this.tell({ said: "", trouble: this.dataset.notSent!.replace("%", reason) });
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
    if (!box) return;
    if (box.value) this.drafts.keep(box.value); // typed before this script ran
    else box.value = this.drafts.kept();
  }

  private tell(news: Partial<News>): void {
    this.news = { ...this.news, ...news };
    const { said, trouble, isTyping, isEnded } = this.news;
    const link = isEnded ? html` <a href="/console/sign-in?next=${location.pathname}">${this.dataset.signIn}</a>` : nothing;
    const parts = html`${trouble ? html`<p class="trouble">${trouble}${link}</p>` : nothing}
      ${isTyping ? html`<p>${this.dataset.typing}</p>` : nothing}<p class="unseen">${said}</p>`;
    render(parts, this.querySelector<HTMLElement>("[data-news]")!);
  }
}

class Refusal extends Error {}

customElements.define("console-conversation", ConsoleConversation);
