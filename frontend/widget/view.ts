// What the widget draws, piece by piece. Texts of others are set as text only: Lit never parses a value as HTML.

import { html, nothing, svg, type TemplateResult } from "lit";
import { partsOf } from "./linkify.js";
import type { Conversation, OnItsWay } from "./conversation.js";
import type { Config, Message } from "./wire.js";

/** A text of the department's, `{name}` filled. */
export function say(config: Config, key: string, values: Record<string, string> = {}): string {
  return (config.texts[key] ?? "").replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}

export function whoSaid(config: Config, message: Pick<Message, "author" | "staff_name">): string {
  if (message.author === "staff") return say(config, "who_staff", { staff: message.staff_name ?? say(config, "staff") });
  return say(config, `who_${message.author}`);
}

/** Who reads what the resident writes now. */
export function speaker(config: Config, conversation: Conversation): string {
  const { owner, staff_name: staff } = conversation.standing;
  if (owner === "staff") return say(config, "with_staff", { staff: staff ?? say(config, "staff") });
  return say(config, owner === "waiting" ? "with_waiting" : "with_assistant");
}

export const chatIcon = svg`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2"
  stroke-linejoin="round"><path d="M4 4h16v12H10l-5 4v-4H4z"/><path d="M8 8.5h8M8 11.5h5" stroke-linecap="round"/></svg>`;
export const closeIcon = svg`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4"
  stroke-linecap="round"><path d="M5 5l14 14M19 5L5 19"/></svg>`;

export function linked(config: Config, text: string): unknown[] {
  return partsOf(text, [config.emergency_number, config.crisis_line]).map((part) => part.href
    ? html`<a href=${part.href} target=${part.href.startsWith("tel:") ? nothing : "_blank"} rel="noopener noreferrer">${part.text}</a>`
    : part.text);
}

export function strip(config: Config): TemplateResult {
  return html`<p class="strip"><a href="tel:${config.emergency_number}">${say(config, "emergency_call")}</a>
    <span>${say(config, "emergency_note")}</span></p>`;
}

export function greeting(config: Config, starters: unknown): TemplateResult {
  return html`<li class="message assistant">
    <p class="who"><bdi>${say(config, "who_assistant")}</bdi></p>
    <div class="text" dir="auto">${linked(config, say(config, "greeting"))}</div>
    <p class="note">${say(config, "privacy")}
      <a href=${config.privacy_link} target="_blank" rel="noopener noreferrer">${say(config, "privacy_more")}</a></p>
    ${starters}
  </li>`;
}

/** `isEmergency`: the notice that answers words of an emergency. */
export function shownMessage(config: Config, message: Message, isEmergency: boolean, buttons: unknown): TemplateResult {
  const time = new Intl.DateTimeFormat(config.language, { timeStyle: "short" }).format(new Date(message.at));
  return html`<li class="message ${message.author} ${isEmergency ? "emergency" : ""}">
    ${message.divider ? divider(config, message) : nothing}
    <p class="who"><bdi>${whoSaid(config, message)}</bdi><time datetime=${message.at}>${time}</time></p>
    <div class="text" dir="auto">${message.author === "resident" ? message.text : linked(config, message.text)}</div>
    ${buttons}
  </li>`;
}

function divider(config: Config, message: Message): TemplateResult {
  const key = { staff: "now_staff", assistant: "now_assistant", notice: "now_changed", resident: "now_changed" }[message.author];
  return html`<p class="divider"><bdi>${say(config, key, { staff: message.staff_name ?? "" })}</bdi></p>`;
}

export function onItsWay(config: Config, pending: OnItsWay, takeBack: (clientId: string, edit: boolean) => void): TemplateResult {
  const state = { sending: "sending", retrying: pending.status === 429 ? "too_fast" : "retrying",
    refused: pending.status === 413 ? "too_long" : "refused" }[pending.state];
  return html`<li class="message resident ${pending.state}">
    <p class="who"><bdi>${say(config, "who_resident")}</bdi></p>
    <div class="text" dir="auto">${pending.shown}</div>
    <p class="state">${say(config, state)}</p>
    ${pending.state === "refused" ? html`<div class="quick">
      ${pending.text ? html`<button @click=${() => takeBack(pending.client_id, true)}>${say(config, "edit")}</button>` : nothing}
      <button @click=${() => takeBack(pending.client_id, false)}>${say(config, "remove")}</button></div>` : nothing}
  </li>`;
}

export function notice(config: Config, text: string): TemplateResult {
  return html`<li class="message notice emergency"><p class="who"><bdi>${say(config, "who_notice")}</bdi></p>
    <div class="text" dir="auto">${linked(config, text)}</div></li>`;
}

export function typing(config: Config, conversation: Conversation): TemplateResult | typeof nothing {
  const { who, name } = conversation.typing;
  if (!who) return nothing;
  const text = say(config, who === "staff" ? "typing_staff" : "typing_assistant", { staff: name ?? say(config, "staff") });
  return html`<p class="typing"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><bdi>${text}</bdi></p>`;
}

/** The line above the composer: what is wrong or what the resident waits for; empty when all is well. */
export function status(config: Config, conversation: Conversation): string {
  const failing = conversation.onItsWay.find((pending) => pending.state === "retrying");
  if (failing) return say(config, failing.status === 429 ? "too_fast" : "retrying");
  if (conversation.link === "lost") return say(config, "no_connection");
  if (conversation.hasEnded) return say(config, "ended");
  const { owner, position } = conversation.standing;
  return owner === "waiting" && position ? say(config, "position", { position: String(position) }) : "";
}
