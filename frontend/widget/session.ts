// The secret that lets this browser continue its conversation. It lives in sessionStorage, so it is gone when the last
// tab closes: on a shared computer or a partner's phone the next person finds nothing. Other open tabs of the same site
// are handed the token over a BroadcastChannel, which stores nothing.

import type { Utterance } from "./wire.js";

export interface Pending extends Utterance {
  /** What the resident sees while it is on its way. */
  shown: string;
}

interface Kept {
  token: string | null;
  /** Random bits that make the first message safe to repeat; forgotten as soon as the desk has answered. */
  start: string | null;
  pending: Pending[];
  read: number;
  open: boolean;
  language: string | null;
}

type Note = { type: "who" } | { type: "token"; token: string } | { type: "wipe" };

const NOTHING: Kept = { token: null, start: null, pending: [], read: 0, open: false, language: null };

export class Session {
  private kept: Kept;
  private readonly key: string;
  private readonly channel: BroadcastChannel | null;

  /** `onToken` runs when another tab hands its token over; `onWipe` when another tab was left by quick exit. */
  constructor(desk: string, onToken: () => void, onWipe: () => void) {
    this.key = `frontdesk ${desk}`;
    this.kept = this.load();
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(this.key) : null;
    this.channel?.addEventListener("message", (event: MessageEvent<Note>) => this.hear(event.data, onToken, onWipe));
    if (!this.kept.token) this.tell({ type: "who" });
  }

  get token(): string | null { return this.kept.token; }
  get pending(): readonly Pending[] { return this.kept.pending; }
  get read(): number { return this.kept.read; }
  get open(): boolean { return this.kept.open; }
  get language(): string | null { return this.kept.language; }
  /** True once the resident has written: before that, nothing may be stored. */
  get begun(): boolean { return this.kept.token !== null || this.kept.pending.length > 0; }

  /** The random bits of a conversation's first message, drawn once and the same for every repetition. */
  start(): string {
    if (!this.kept.start) {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      this.change({ start: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") });
    }
    return this.kept.start!;
  }

  accept(token: string): void {
    this.change({ token, start: null });
    this.tell({ type: "token", token });
  }

  /** The conversation is over (the desk no longer knows it). What is on its way is kept and begins a new one. */
  drop(): void { this.change({ token: null, start: null, read: 0 }); }

  change(values: Partial<Kept>): void {
    this.kept = { ...this.kept, ...values };
    this.store();
  }

  /** Forget everything here and in every other tab. */
  wipe(tell = true): void {
    this.kept = { ...NOTHING };
    try { sessionStorage.removeItem(this.key); } catch { /* storage is switched off: nothing was kept */ }
    if (tell) this.tell({ type: "wipe" });
  }

  close(): void { this.channel?.close(); }

  private hear(note: Note, onToken: () => void, onWipe: () => void): void {
    if (note.type === "who" && this.kept.token) this.tell({ type: "token", token: this.kept.token });
    if (note.type === "token" && !this.begun) {
      this.change({ token: note.token });
      onToken();
    }
    if (note.type === "wipe") {
      this.wipe(false);
      onWipe();
    }
  }

  private tell(note: Note): void { this.channel?.postMessage(note); }

  private load(): Kept {
    try {
      return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(this.key) ?? "{}") as Partial<Kept>) };
    } catch {
      return { ...NOTHING };
    }
  }

  private store(): void {
    try {
      if (this.begun) sessionStorage.setItem(this.key, JSON.stringify(this.kept));
      else sessionStorage.removeItem(this.key);
    } catch { /* storage is switched off: kept in memory only */ }
  }
}
