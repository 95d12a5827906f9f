// The transcript as a text file, made in the browser: nothing is asked of the desk.

import type { Message } from "./wire.js";

export function saveTranscript(messages: Message[], heading: string, who: (message: Message) => string, language: string): void {
  const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const lines = messages.map((message) => `[${time.format(new Date(message.at))}] ${who(message)}:\n${message.text}\n`);
  const file = new Blob([`${heading}\n\n${lines.join("\n")}`], { type: "text/plain;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "conversation.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
