// What travels between the widget and the desk. docs/widget.md describes it; the server side is bot/channels/widget/wire.py.

export type Author = "resident" | "assistant" | "staff" | "notice";
export type Owner = "assistant" | "waiting" | "staff";

export interface Button {
  id: string;
  title: string;
}

export interface Message {
  seq: number;
  author: Author;
  text: string;
  /** ISO time, UTC. */
  at: string;
  staff_name: string | null;
  buttons: Button[];
  divider: boolean;
  client_id: string | null;
  emergency: string | null;
}

export interface Standing {
  owner: Owner;
  staff_name: string | null;
  position: number | null;
}

export interface Typing {
  who: "assistant" | "staff" | null;
  name: string | null;
}

export type Frame =
  | { type: "message"; message: Message }
  | ({ type: "owner" } & Standing)
  | ({ type: "typing" } & Typing)
  | { type: "ready" }
  | { type: "ping" };

/** The body of POST /api/v1/messages, without the session. */
export interface Utterance {
  client_id: string;
  text?: string;
  button?: string;
  command?: string;
}

export interface Accepted {
  seq: number;
  duplicate: boolean;
  token?: string;
  emergency?: Message;
}

export interface Language {
  code: string;
  name: string;
}

export interface Config {
  language: string;
  languages: Language[];
  department: string;
  emergency_number: string;
  crisis_line: string;
  privacy_link: string;
  quick_exit_link: string;
  characters: number;
  texts: Record<string, string>;
}
