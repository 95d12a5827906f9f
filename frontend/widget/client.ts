// HTTP to the desk: one function a route, and one error that says whether trying again can help.

import type { Accepted, Config, Frame, Message, Standing, Typing, Utterance } from "./wire.js";

const ANSWER_WITHIN = 20_000;

export class Failed extends Error {
  /** `status` 0: no answer at all. `wait`: seconds the desk asked for. `emergency`: a notice that must be shown all the same. */
  constructor(readonly status: number, readonly wait = 0, readonly emergency: string | null = null) {
    super(`HTTP ${status}`);
  }

  get isWorthRepeating(): boolean { return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500; }
}

export interface Polled extends Standing {
  messages: Message[];
  typing: Typing;
}

export class Client {
  constructor(readonly desk: string) {}

  config(language: string | null): Promise<Config> {
    return this.call("GET", `/api/v1/config${language ? `?language=${encodeURIComponent(language)}` : ""}`, null);
  }

  send(utterance: Utterance, token: string | null, start: string | null, language: string): Promise<Accepted> {
    return this.call("POST", "/api/v1/messages", token, { ...utterance, language, ...(start ? { start } : {}) });
  }

  chooseLanguage(token: string, language: string): Promise<unknown> {
    return this.call("POST", "/api/v1/language", token, { language });
  }

  poll(token: string, after: number, wait: boolean, signal: AbortSignal): Promise<Polled> {
    return this.call("GET", `/api/v1/messages?after=${after}${wait ? "&wait=1" : ""}`, token, undefined, signal);
  }

  get liveAddress(): string { return `${this.desk.replace(/^http/, "ws")}/api/v1/live`; }

  private async call<T>(method: string, path: string, token: string | null, body?: object, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = {};
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(this.desk + path, {
        method, headers, body: body ? JSON.stringify(body) : null, credentials: "omit", cache: "no-store",
        signal: signal ?? AbortSignal.timeout(ANSWER_WITHIN),
      });
    } catch {
      throw new Failed(0);
    }
    if (!response.ok) throw await refusal(response);
    try {
      return (await response.json()) as T;
    } catch {
      throw new Failed(0);
    }
  }
}

async function refusal(response: Response): Promise<Failed> {
  const wait = Number(response.headers.get("Retry-After")) || 0;
  try {
    const body = (await response.json()) as { emergency?: string };
    return new Failed(response.status, wait, body.emergency ?? null);
  } catch {
    return new Failed(response.status, wait);
  }
}

/** A poll's answer as the frames that a live connection would have sent. */
export function framesOf(polled: Polled): Frame[] {
  return [
    ...polled.messages.map((message): Frame => ({ type: "message", message })),
    { type: "owner", owner: polled.owner, staff_name: polled.staff_name, position: polled.position },
    { type: "typing", ...polled.typing },
  ];
}
