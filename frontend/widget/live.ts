// Messages as they come: a WebSocket, and long polling where one cannot be had. Either way frames arrive in order, after
// the sequence number the widget has already shown.

import { Backoff } from "./backoff.js";
import { Client, Failed, framesOf } from "./client.js";
import type { Frame } from "./wire.js";

export type Link = "none" | "live" | "polling" | "lost";

export interface Listener {
  token(): string | null;
  after(): number;
  frame(frame: Frame): void;
  link(link: Link): void;
  /** The desk does not know the token any more. */
  gone(): void;
}

const READY_WITHIN = 6000;
const SILENT_FOR = 60_000;
const POLL_FOR = 60_000;
const GONE = 4401;

export class Live {
  private run = 0;
  private socket: WebSocket | null = null;
  private abort: AbortController | null = null;
  private heardAt = 0;
  private readonly backoff = new Backoff(500);
  private readonly onWake = () => this.wake();
  private readonly onPageHide = () => this.stop();

  constructor(private readonly client: Client, private readonly listener: Listener) {}

  start(): void {
    if (this.run % 2) return;
    this.run++;
    addEventListener("online", this.onWake);
    addEventListener("pageshow", this.onWake);
    addEventListener("pagehide", this.onPageHide);
    document.addEventListener("visibilitychange", this.onWake);
    void this.loop(this.run);
  }

  stop(): void {
    if (this.run % 2) this.run++;
    removeEventListener("online", this.onWake);
    removeEventListener("pagehide", this.onPageHide);
    document.removeEventListener("visibilitychange", this.onWake);
    this.cut();
  }

  /** For good: also deaf to the page coming back from the browser's cache. */
  end(): void {
    this.stop();
    removeEventListener("pageshow", this.onWake);
  }

  typing(): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"typing"}');
  }

  /** The page is back (from sleep, the cache, no network): a connection that has been silent for long is not believed. */
  private wake(): void {
    if (document.visibilityState === "hidden") return;
    if (!this.listener.token()) return;
    if (this.run % 2 === 0) return this.start();
    if (Date.now() - this.heardAt > SILENT_FOR / 2) this.cut();
    this.backoff.now();
  }

  private cut(): void {
    this.socket?.close();
    this.abort?.abort();
  }

  private async loop(run: number): Promise<void> {
    let failures = 0;
    while (run === this.run && this.listener.token()) {
      const wasReady = failures < 2 && (await this.listen(run));
      failures = wasReady ? 0 : failures + 1;
      if (run !== this.run) return;
      if (failures >= 2) {
        await this.poll(run, Date.now() + POLL_FOR);
        failures = 1;
      } else {
        this.listener.link("lost");
        await this.backoff.wait();
      }
    }
  }

  /** One WebSocket from opening to close; true when the desk had accepted it. */
  private listen(run: number): Promise<boolean> {
    return new Promise((resolve) => {
      let ready = false;
      const socket = new WebSocket(this.client.liveAddress);
      this.socket = socket;
      let watchdog = setTimeout(() => socket.close(), READY_WITHIN);
      socket.onopen = () => socket.send(JSON.stringify({ token: this.listener.token(), after: this.listener.after() }));
      socket.onmessage = (event: MessageEvent<string>) => {
        if (run !== this.run) return socket.close();
        clearTimeout(watchdog);
        watchdog = setTimeout(() => socket.close(), SILENT_FOR);
        this.heardAt = Date.now();
        const frame = JSON.parse(event.data) as Frame;
        if (frame.type === "ready") {
          ready = true;
          this.backoff.reset();
          this.listener.link("live");
        }
        this.listener.frame(frame);
      };
      socket.onclose = (event) => {
        clearTimeout(watchdog);
        if (event.code === GONE && run === this.run) this.listener.gone();
        resolve(ready);
      };
    });
  }

  private async poll(run: number, until: number): Promise<void> {
    let wait = false;
    while (run === this.run && this.listener.token() && Date.now() < until) {
      this.abort = new AbortController();
      try {
        const polled = await this.client.poll(this.listener.token()!, this.listener.after(), wait, this.abort.signal);
        if (run !== this.run) return;
        this.heardAt = Date.now();
        this.backoff.reset();
        this.listener.link("polling");
        framesOf(polled).forEach((frame) => this.listener.frame(frame));
        if (!wait) this.listener.frame({ type: "ready" });
        wait = true;
      } catch (error) {
        if (run !== this.run) return;
        if (error instanceof Failed && error.status === 401) return this.listener.gone();
        this.listener.link("lost");
        await this.backoff.wait(error instanceof Failed ? error.wait * 1000 : 0);
        wait = false;
      }
    }
  }
}
