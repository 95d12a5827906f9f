// The conversation as this tab knows it: what the desk has, in its order, and what is still on its way there.

import { Backoff } from "./backoff.js";
import { Client, Failed } from "./client.js";
import { Link, Live } from "./live.js";
import { Pending, Session } from "./session.js";
import type { Frame, Message, Standing, Typing } from "./wire.js";

export interface OnItsWay extends Pending {
  state: "sending" | "retrying" | "refused";
  status: number;
  tries: number;
}

const MOST_TRIES = 4;

const NOBODY: Typing = { who: null, name: null };
const ASSISTANT: Standing = { owner: "assistant", staff_name: null, position: null };

/** crypto.randomUUID is missing on pages served over plain http; the bits are there all the same. */
function uuid(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte, i) => (
    (i === 6 ? (byte & 0x0f) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, "0")
  )).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Conversation extends EventTarget {
  readonly session: Session;
  language = "";
  link: Link = "none";
  standing = ASSISTANT;
  typing = NOBODY;
  /** An emergency notice that the desk could give but not store; the stored one takes its place. */
  notice: string | null = null;
  hasEnded = false;
  onItsWay: OnItsWay[];
  private readonly live: Live;
  private readonly backoff = new Backoff();
  private readonly known = new Map<number, Message>();
  /** Everything up to here has been replayed; a message known from elsewhere does not move it, so no gap can open. */
  private replayed = 0;
  private isSending = false;
  private typedAt = 0;
  private readonly onOnline = () => this.backoff.now();

  constructor(private readonly client: Client) {
    super();
    this.session = new Session(client.desk, () => this.listen(), () => this.forget());
    this.onItsWay = this.session.pending.map((pending) => ({ ...pending, state: "sending", status: 0, tries: 0 }));
    this.live = new Live(client, {
      token: () => this.session.token,
      after: () => this.replayed,
      frame: (frame) => this.take(frame),
      link: (link) => { this.link = link; this.changed(); },
      gone: () => this.ended(),
    });
    addEventListener("online", this.onOnline);
    this.listen();
    void this.drain();
  }

  get messages(): Message[] { return [...this.known.values()].sort((a, b) => a.seq - b.seq); }
  get unread(): number { return this.messages.filter((m) => m.author !== "resident" && m.seq > this.session.read).length; }
  get hasBegun(): boolean { return this.known.size > 0 || this.onItsWay.length > 0 || this.notice !== null; }

  say(text: string): void { this.add({ client_id: uuid(), text, shown: text }); }
  press(button: string, title: string): void { this.add({ client_id: uuid(), button, shown: title }); }
  order(command: string, title: string): void { this.add({ client_id: uuid(), command, shown: title }); }

  chooseLanguage(language: string): void {
    this.language = language;
    this.session.change({ language });
    if (this.session.token) void this.client.chooseLanguage(this.session.token, language).catch(() => undefined);
  }

  /** The desk is told at most every 3 seconds that the resident is writing. */
  isTyping(): void {
    if (this.standing.owner === "assistant" || Date.now() - this.typedAt < 3000) return;
    this.typedAt = Date.now();
    this.live.typing();
  }

  markRead(): void {
    const last = Math.max(0, ...this.known.keys());
    if (last > this.session.read) this.session.change({ read: last });
  }

  /** Take back a message that the desk refused, to write it anew. */
  takeBack(clientId: string): string {
    const taken = this.onItsWay.find((pending) => pending.client_id === clientId);
    this.onItsWay = this.onItsWay.filter((pending) => pending !== taken);
    this.keep();
    this.changed();
    void this.drain();
    return taken?.text ?? "";
  }

  /** Quick exit: nothing of the conversation stays in this browser's tabs. */
  wipe(): void {
    this.session.wipe();
    this.forget();
  }

  close(): void {
    this.live.end();
    removeEventListener("online", this.onOnline);
    this.session.close();
  }

  private add(pending: Pending): void {
    this.hasEnded = false;
    this.onItsWay = [...this.onItsWay, { ...pending, state: "sending", status: 0, tries: 0 }];
    this.keep();
    this.changed();
    this.backoff.now();
    void this.drain();
  }

  /** Send what is on its way, one at a time and in order. */
  private async drain(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    try {
      for (let next = this.next(); next; next = this.next()) await this.attempt(next);
    } finally {
      this.isSending = false;
    }
  }

  private next(): OnItsWay | undefined {
    return this.onItsWay.find((pending) => pending.state !== "refused");
  }

  private async attempt(pending: OnItsWay): Promise<void> {
    const { state: _state, status: _status, tries: _tries, shown: _shown, ...utterance } = pending;
    const { token } = this.session;
    try {
      const accepted = await this.client.send(utterance, token, token ? null : this.session.start(), this.language);
      if (!this.onItsWay.includes(pending)) return;
      this.backoff.reset();
      if (accepted.token && !this.session.token) this.begin(accepted.token);
      this.arrived(pending, accepted.seq, accepted.emergency);
    } catch (error) {
      await this.failed(pending, error instanceof Failed ? error : new Failed(0));
    }
  }

  private begin(token: string): void {
    this.session.accept(token);
    if (this.session.language) this.chooseLanguage(this.session.language);
    this.listen();
  }

  private arrived(pending: OnItsWay, seq: number, emergency?: Message): void {
    if (!this.known.has(seq)) {
      const at = new Date().toISOString();
      this.know({
        seq, author: "resident", text: pending.shown, at, staff_name: null, buttons: [], divider: false,
        client_id: pending.client_id, emergency: null,
      });
    }
    if (emergency) this.know(emergency);
    this.settle(pending.client_id);
    this.changed();
  }

  private async failed(pending: OnItsWay, failure: Failed): Promise<void> {
    if (failure.emergency) this.notice = failure.emergency;
    if (failure.status === 401 && this.session.token) return this.ended();
    pending.tries++;
    // A desk that stumbles over one message must not keep the next ones, perhaps "I want a person", waiting behind it.
    const isHopeless = !failure.isWorthRepeating || (failure.status === 500 && pending.tries >= MOST_TRIES);
    pending.state = isHopeless ? "refused" : "retrying";
    pending.status = failure.status;
    this.changed();
    if (!isHopeless) await this.backoff.wait(failure.wait * 1000);
  }

  private take(frame: Frame): void {
    if (frame.type === "message") {
      this.know(frame.message);
      this.replayed = Math.max(this.replayed, frame.message.seq);
      if (frame.message.client_id) this.settle(frame.message.client_id);
    } else if (frame.type === "owner") {
      this.standing = { owner: frame.owner, staff_name: frame.staff_name, position: frame.position };
    } else if (frame.type === "typing") {
      this.typing = { who: frame.who, name: frame.name };
    } else if (frame.type === "ready") {
      this.dispatchEvent(new Event("ready"));
    }
    if (frame.type !== "ping") this.changed();
  }

  private know(message: Message): void {
    this.known.set(message.seq, message);
    if (message.emergency || message.author === "notice") this.notice = null;
  }

  private settle(clientId: string): void {
    const left = this.onItsWay.filter((pending) => pending.client_id !== clientId);
    if (left.length === this.onItsWay.length) return;
    this.onItsWay = left;
    this.keep();
  }

  private keep(): void {
    this.session.change({ pending: this.onItsWay.map(({ state: _state, status: _status, tries: _tries, ...pending }) => pending) });
  }

  private listen(): void {
    if (this.session.token) this.live.start();
  }

  /** The desk has forgotten this conversation (its keeping time is over): what is on its way begins a new one. */
  private ended(): void {
    this.live.stop();
    this.session.drop();
    this.reset();
    this.hasEnded = true;
    this.changed();
    void this.drain();
  }

  private forget(): void {
    this.live.stop();
    this.onItsWay = [];
    this.reset();
    this.hasEnded = false;
    this.changed();
  }

  private reset(): void {
    this.known.clear();
    this.replayed = 0;
    this.standing = ASSISTANT;
    this.typing = NOBODY;
    this.notice = null;
    this.link = "none";
  }

  private changed(): void { this.dispatchEvent(new Event("change")); }
}
