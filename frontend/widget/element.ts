// <frontdesk-chat>: a launcher with a panel, or with mode="inline" the panel alone. docs/widget.md says how to embed it.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Backoff } from "./backoff.js";
import { Client } from "./client.js";
import { Conversation } from "./conversation.js";
import { styles } from "./styles.js";
import { saveTranscript } from "./transcript_file.js";
import * as view from "./view.js";
import type { Config, Message } from "./wire.js";

const DOUBLE_PRESS = 1000;
const NEAR_THE_END = 80;
const PHONE = "(max-width: 520px)";

export class FrontdeskChat extends LitElement {
  static override styles = styles;
  static override properties = {
    desk: {}, mode: {}, language: {}, config: { state: true }, isOpen: { state: true }, hasNewBelow: { state: true },
  };

  /** The desk's address; where the script came from when the page does not say. */
  declare desk: string;
  declare mode: string;
  declare language: string | null;
  declare config: Config | null;
  declare isOpen: boolean;
  declare hasNewBelow: boolean;
  private conversation: Conversation | null = null;
  private client!: Client;
  private announced = -1;
  private followed = 0;
  private escapedAt = 0;
  private readonly onKey = (event: KeyboardEvent) => this.escape(event);
  private readonly onSeen = () => this.markRead();

  constructor() {
    super();
    this.desk = new URL(import.meta.url).origin;
    this.mode = "overlay";
    this.language = null;
    this.config = null;
    this.isOpen = false;
    this.hasNewBelow = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onSeen);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("visibilitychange", this.onSeen);
    this.conversation?.close();
    this.conversation = null;
    this.announced = -1;
  }

  private get isInline(): boolean { return this.mode === "inline"; }
  private get isShown(): boolean { return this.isInline || this.isOpen; }

  private async begin(): Promise<void> {
    this.client = new Client(this.desk.replace(/\/+$/, ""));
    const conversation = new Conversation(this.client);
    this.conversation = conversation;
    conversation.addEventListener("change", () => this.changed());
    conversation.addEventListener("ready", () => { this.announced = Math.max(this.announced, this.lastSeq()); });
    const backoff = new Backoff(2000, 60_000);
    const wanted = conversation.session.language ?? this.language ?? (document.documentElement.lang || navigator.language);
    while (this.conversation === conversation) {
      try {
        await this.speak(wanted);
        break;
      } catch {
        await backoff.wait();
      }
    }
    this.isOpen = conversation.session.open && conversation.session.begun;
  }

  private async speak(language: string): Promise<void> {
    this.config = await this.client.config(language.split("-")[0] ?? null);
    this.conversation!.language = this.config.language;
  }

  override render(): TemplateResult {
    const { config, conversation } = this;
    if (!config || !conversation) return html`<slot></slot>`;
    return html`${this.isInline ? nothing : this.launcher(config)}${this.isShown ? this.panel(config, conversation) : nothing}
      <div class="hidden" id="announcer" role="status" aria-live="polite" aria-atomic="false" lang=${config.language}></div>`;
  }

  private launcher(config: Config): TemplateResult {
    const unread = this.conversation!.unread;
    const name = view.say(config, "launcher");
    return html`<button class="launcher" part="launcher" lang=${config.language} ?hidden=${this.isOpen} aria-expanded=${this.isOpen}
      aria-haspopup="dialog" aria-label=${unread ? `${name} (${view.say(config, "unread", { count: String(unread) })})` : name}
      @click=${this.open}>${view.chatIcon}<span>${name}</span>
      ${unread ? html`<span class="badge" aria-hidden="true">${unread}</span>` : nothing}</button>`;
  }

  private panel(config: Config, conversation: Conversation): TemplateResult {
    return html`<section class="panel ${this.isInline ? "inline" : "over"}" role=${this.isInline ? "region" : "dialog"} part="panel"
      aria-labelledby="title" lang=${config.language} @keydown=${this.keepFocusInside}>
      ${this.header(config, conversation)}
      ${view.strip(config)}
      <div class="middle">${this.log(config, conversation)}
        ${this.hasNewBelow ? html`<button class="plain latest" @click=${this.toEnd}>${view.say(config, "latest")}</button>` : nothing}</div>
      <p class="status" role="status">${view.status(config, conversation)}</p>
      ${this.composer(config)}
      <footer>${conversation.standing.owner === "assistant"
        ? html`<button @click=${() => this.order("human")}>${view.say(config, "ask_person")}</button>`
        : html`<button @click=${() => this.order("assistant")}>${view.say(config, "ask_assistant")}</button>`}
        <button @click=${this.save} ?hidden=${!conversation.messages.length}>${view.say(config, "save")}</button></footer>
    </section>`;
  }

  private header(config: Config, conversation: Conversation): TemplateResult {
    return html`<div class="head">
      <div><h2 id="title" tabindex="-1">${config.department}</h2><p class="speaker"><bdi>${view.speaker(config, conversation)}</bdi></p></div>
      ${this.isInline ? nothing : html`<button class="close" aria-label=${view.say(config, "close")} @click=${this.close}>${view.closeIcon}</button>`}
      <div class="tools">
        ${config.languages.length < 2 ? nothing : html`<select aria-label=${view.say(config, "language")} @change=${this.chooseLanguage}>
          ${config.languages.map(({ code, name }) => html`<option value=${code} lang=${code} ?selected=${code === config.language}>${name}</option>`)}
        </select>`}
        <button class="exit" title=${view.say(config, "exit_hint")} @click=${this.quickExit}>${view.say(config, "exit")}</button>
      </div>
    </div>`;
  }

  private log(config: Config, conversation: Conversation): TemplateResult {
    const { messages } = conversation;
    const answered = Math.max(0, ...messages.filter((m) => m.author === "resident").map((m) => m.seq));
    return html`<div class="log" role="log" aria-live="off" aria-label=${view.say(config, "log")} tabindex="0" @scroll=${this.scrolled}><ol>
      ${view.greeting(config, conversation.hasBegun ? nothing : this.starters(config))}
      ${repeat(messages, (m) => m.client_id ?? m.seq, (m, i) => view.shownMessage(
        config, m, m.author === "notice" && Boolean(messages[i - 1]?.emergency), this.quickReplies(config, m, answered)))}
      ${conversation.notice ? view.notice(config, conversation.notice) : nothing}
      ${repeat(conversation.onItsWay, (p) => p.client_id, (p) => view.onItsWay(config, p, (id, edit) => this.takeBack(id, edit)))}
    </ol>${view.typing(config, conversation)}</div>`;
  }

  private starters(config: Config): TemplateResult {
    const texts = ["start_1", "start_2", "start_3"].map((key) => view.say(config, key)).filter(Boolean);
    return html`<div class="quick" role="group" aria-label=${view.say(config, "suggestions")}>
      ${texts.map((text) => html`<button @click=${() => this.press(() => this.conversation!.say(text))}>${text}</button>`)}</div>`;
  }

  /** Only what was offered since the resident last wrote can still be chosen. */
  private quickReplies(config: Config, message: Message, answered: number): TemplateResult | typeof nothing {
    if (!message.buttons.length || message.seq < answered || this.conversation!.onItsWay.length) return nothing;
    return html`<div class="quick" role="group" aria-label=${view.say(config, "suggestions")}>${message.buttons.map(({ id, title }) => html`
      <button @click=${() => this.press(() => this.conversation!.press(id, title))}><bdi>${title}</bdi></button>`)}</div>`;
  }

  private composer(config: Config): TemplateResult {
    const used = this.box?.value.length ?? 0;
    return html`<form @submit=${this.submit}>
      <label class="hidden" for="box">${view.say(config, "write")}</label>
      <textarea id="box" rows="1" dir="auto" maxlength=${config.characters} enterkeyhint="send" autocomplete="off"
        placeholder=${view.say(config, "placeholder")} @keydown=${this.enter} @input=${this.typed}></textarea>
      <button class="send" type="submit">${view.say(config, "send")}</button>
      ${used > config.characters * 0.9 ? html`<p class="count" role="status">${view.say(config, "left", {
        count: String(config.characters - used) })}</p>` : nothing}
    </form>`;
  }

  private get box(): HTMLTextAreaElement | null { return this.renderRoot.querySelector("#box"); }
  private get logBox(): HTMLElement | null { return this.renderRoot.querySelector(".log"); }
  private lastSeq(): number { return Math.max(0, ...(this.conversation?.messages.map((m) => m.seq) ?? [])); }

  // what the resident does

  private readonly open = async (): Promise<void> => {
    this.isOpen = true;
    this.conversation!.session.change({ open: true });
    this.markRead();
    await this.updateComplete;
    if (this.conversation!.hasBegun) this.toEnd();
    // On a phone the composer would call up the keyboard over the greeting.
    (matchMedia(PHONE).matches ? this.renderRoot.querySelector<HTMLElement>("#title") : this.box)?.focus();
  };

  private readonly close = async (): Promise<void> => {
    this.isOpen = false;
    this.conversation!.session.change({ open: false });
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
  };

  private readonly submit = (event: Event): void => {
    event.preventDefault();
    const box = this.box!;
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    this.toEnd();
    this.conversation!.say(text);
    box.focus();
  };

  private readonly enter = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
  };

  private readonly typed = (): void => {
    this.conversation!.isTyping();
    this.requestUpdate();
  };

  /** A button that was pressed is gone a moment later: the focus goes to the composer, not to nowhere. */
  private press(act: () => void): void {
    this.toEnd();
    act();
    this.box?.focus();
  }

  private order(command: string): void {
    const key = command === "human" ? "ask_person" : "ask_assistant";
    this.press(() => this.conversation!.order(command, view.say(this.config!, key)));
  }

  private takeBack(clientId: string, edit: boolean): void {
    const text = this.conversation!.takeBack(clientId);
    const box = this.box!;
    if (edit) box.value = text;
    box.focus();
  }

  private readonly chooseLanguage = async (event: Event): Promise<void> => {
    const { value } = event.target as HTMLSelectElement;
    await this.speak(value).catch(() => undefined);
    this.conversation!.chooseLanguage(this.config!.language);
  };

  private readonly save = (): void => {
    const config = this.config!;
    const heading = `${config.department}\n${view.say(config, "save_heading")}`;
    saveTranscript(this.conversation!.messages, heading, (m) => view.whoSaid(config, m), config.language);
  };

  /** Leave at once for a page that says nothing. The browser's own history is not ours to delete; the documentation says so. */
  private readonly quickExit = (): void => {
    const link = this.config?.quick_exit_link ?? "about:blank";
    document.documentElement.hidden = true;
    document.title = "";
    this.conversation?.wipe();
    if (this.box) this.box.value = "";
    location.replace(link);
  };

  /** Escape closes the panel; pressed again within a second it is the quick exit. */
  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing || !this.config) return;
    const isSecond = Date.now() - this.escapedAt < DOUBLE_PRESS;
    if (!this.isShown && !isSecond) return;
    event.preventDefault();
    if (isSecond) return this.quickExit();
    this.escapedAt = Date.now();
    if (!this.isInline) void this.close();
  }

  /** On a phone the panel covers the page, so the focus must not wander behind it. */
  private readonly keepFocusInside = (event: KeyboardEvent): void => {
    if (event.key !== "Tab" || this.isInline || !matchMedia(PHONE).matches) return;
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".panel :is(a, button, select, textarea, [tabindex='0'])")];
    const stops = all.filter((item) => item.offsetParent !== null);
    const focused = (this.renderRoot as ShadowRoot).activeElement;
    const isEdge = focused === (event.shiftKey ? stops[0] : stops[stops.length - 1]);
    if (!isEdge) return;
    event.preventDefault();
    stops[event.shiftKey ? stops.length - 1 : 0]?.focus();
  };

  // what follows from the conversation

  private changed(): void {
    const isFollowing = this.isAtEnd();
    this.markRead();
    this.announce();
    this.requestUpdate();
    void this.updateComplete.then(() => this.follow(isFollowing));
  }

  /** Keep what is new in view from its first line on; somebody who reads further up is told instead of moved. */
  private follow(isFollowing: boolean): void {
    const last = this.lastSeq() + this.conversation!.onItsWay.length;
    const items = this.logBox?.querySelectorAll<HTMLElement>("ol > li");
    const first = items?.[items.length - Math.max(1, last - this.followed)];
    const hasNew = last > this.followed;
    this.followed = last;
    if (!isFollowing) this.hasNewBelow ||= hasNew && this.isShown;
    else if (first) this.logBox!.scrollTop = Math.min(this.logBox!.scrollHeight, first.offsetTop - 12);
  }

  private markRead(): void {
    if (this.isShown && document.visibilityState === "visible") this.conversation?.markRead();
    this.requestUpdate();
  }

  /** Say what is new, once: not what was there when the page opened, not what the resident wrote. */
  private announce(): void {
    const { config, conversation } = this;
    if (this.announced < 0 || !config || !conversation) {
      if (conversation && !conversation.session.token) this.announced = 0;
      return;
    }
    for (const message of conversation.messages.filter((m) => m.seq > this.announced)) {
      this.announced = message.seq;
      if (message.author === "resident") continue;
      const titles = message.buttons.map((button) => button.title).join(", ");
      this.speakUp(this.isShown ? `${view.whoSaid(config, message)}: ${message.text} ${titles}` : view.say(config, "one_new"));
    }
  }

  private speakUp(text: string): void {
    const line = document.createElement("p");
    line.textContent = text;
    this.renderRoot.querySelector("#announcer")?.append(line);
    setTimeout(() => line.remove(), 8000);
  }

  private isAtEnd(): boolean {
    const box = this.logBox;
    return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END;
  }

  private readonly scrolled = (): void => { if (this.hasNewBelow && this.isAtEnd()) this.hasNewBelow = false; };

  private readonly toEnd = (): void => {
    this.hasNewBelow = false;
    const box = this.logBox;
    if (box) box.scrollTop = box.scrollHeight;
  };
}
