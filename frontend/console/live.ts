// A WebSocket that comes back by itself. Every new connection is sent everything, so nothing is missed in between.
export interface LiveEvents {
  received(parts: Record<string, unknown>): void;
  changed(connection: "online" | "offline" | "ended"): void;
}

const SIGNED_OUT = 4401;
const SLOWEST = 15_000;

export class Live {
  private socket?: WebSocket;
  private tries = 0;
  private timer = 0;
  private stopped = false;
  private opened = false;

  constructor(private readonly path: string, private readonly events: LiveEvents) {}

  start(): void {
    this.stopped = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.socket = new WebSocket(`${scheme}//${location.host}${this.path}`));
    socket.onopen = () => {
      this.tries = 0;
      this.opened = true;
      this.events.changed("online");
    };
    socket.onmessage = (event) => this.events.received(JSON.parse(String(event.data)) as Record<string, unknown>);
    socket.onclose = (event) => this.closed(socket, event.code);
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.socket?.close();
  }

  say(word: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(word);
  }

  private closed(socket: WebSocket, code: number): void {
    if (this.stopped || socket !== this.socket) return;
    if (code === SIGNED_OUT) return this.ended();
    this.events.changed("offline");
    // Full jitter, so that every console does not come back in the same second after a restart.
    const wait = Math.random() * Math.min(SLOWEST, 500 * 2 ** this.tries++);
    this.timer = window.setTimeout(() => void this.again(), wait);
  }

  private async again(): Promise<void> {
    // A refused handshake does not say why; the page itself does: it leads to the sign-in page.
    if (!this.opened || this.tries > 1) {
      const page = await fetch(location.pathname, { method: "GET", redirect: "manual" }).catch(() => null);
      if (page?.type === "opaqueredirect") return this.ended();
    }
    if (!this.stopped) this.start();
  }

  private ended(): void {
    this.stop();
    this.events.changed("ended");
  }

  private readonly hurry = (): void => {
    if (document.visibilityState === "visible" && this.socket?.readyState === WebSocket.CLOSED && !this.stopped) {
      clearTimeout(this.timer);
      this.start();
    }
  };
}

