// The simulator's page: chat with the desk as one of several Telegram users.

interface Key { text: string; callback_data?: string }
interface Message {
  message_id: number;
  from: { id: number; is_bot: boolean; first_name: string };
  text?: string;
  caption?: string;
  edit_date?: number;
  forward_origin?: unknown;
  reply_markup?: { inline_keyboard: Key[][] };
  [kind: string]: unknown;
}
interface Chat { changes: number; messages: Message[]; typing: boolean; blocked: boolean; commands: { command: string; description: string }[] }
interface State { users: { id: number; first_name: string; language_code: string }[]; webhook: string; pending: number; last_error: string }

const KINDS = ["photo", "voice", "video_note", "sticker", "document", "contact", "venue", "location", "dice", "poll"];
const GROUP = -1001234567890;

function find<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

const users = find<HTMLSelectElement>("user");
const text = find<HTMLTextAreaElement>("text");
const problem = find("problem");
let watched = 0; // which watch is the newest: an older one stops when it comes back

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const found = (await answer.json()) as Record<string, unknown>;
  problem.textContent = typeof found["error"] === "string" ? found["error"] : "";
  return found;
}

function act(what: string, given: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return post("/control/act", { user: Number(users.value), do: what, ...given });
}

function element(tag: string, className: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

function words(message: Message): string {
  const kind = KINDS.find((name) => name in message);
  const said = message.text ?? message.caption ?? "";
  return kind ? `[${kind.replace("_", " ")}] ${said}`.trim() : said;
}

function editButton(message: Message): HTMLElement {
  const edit = element("button", "", "Edit");
  edit.addEventListener("click", () => {
    const changed = window.prompt("The new text", message.text);
    if (changed) void act("edit", { message_id: message.message_id, text: changed });
  });
  return edit;
}

function drawn(message: Message): HTMLElement {
  const box = element("div", message.from.is_bot ? "message" : "message mine", "");
  const marks = (message.forward_origin ? ", forwarded" : "") + (message.edit_date ? ", edited" : "");
  box.append(element("span", "who", message.from.first_name + marks));
  const body = element("bdi", "text", words(message));
  body.dir = "auto";
  box.append(body);
  for (const key of (message.reply_markup?.inline_keyboard ?? []).flat()) {
    const button = element("button", "", key.text);
    button.addEventListener("click", () => void act("press", { message_id: message.message_id, data: key.callback_data }));
    box.append(button);
  }
  if (!message.from.is_bot && message.text !== undefined) box.append(editButton(message));
  return box;
}

function show(chat: Chat): void {
  const log = find("chat");
  log.replaceChildren(...chat.messages.map(drawn));
  log.scrollTop = log.scrollHeight;
  find("typing").textContent = chat.typing ? "The desk is writing …" : "";
  const block = find("block");
  block.setAttribute("aria-pressed", String(chat.blocked));
  block.textContent = chat.blocked ? "Unblock the bot" : "Block the bot";
  find("commands").replaceChildren(...chat.commands.map((command) => {
    const button = element("button", "", `/${command.command}`);
    button.title = command.description;
    button.addEventListener("click", () => void act("text", { text: `/${command.command}` }));
    return button;
  }));
}

async function watch(): Promise<void> {
  const mine = ++watched;
  let after = -1;
  while (mine === watched) {
    try {
      const answer = await fetch(`/control/chat?chat=${users.value}&after=${after}`);
      const chat = (await answer.json()) as Chat;
      if (mine !== watched) return;
      if (chat.changes !== after) show(chat);
      after = chat.changes;
      await showState();
    } catch {
      find("connection").textContent = "The simulator has stopped.";
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

async function showState(): Promise<State> {
  const state = (await (await fetch("/control/state")).json()) as State;
  const how = state.webhook ? `The desk has a webhook at ${state.webhook}.` : "The desk asks for updates, or is not running.";
  find("connection").textContent = `${how} ${state.pending} waiting. ${state.pending ? state.last_error : ""}`;
  return state;
}

async function listUsers(chosen?: number): Promise<void> {
  const state = await showState();
  users.replaceChildren(...state.users.map((user) => new Option(`${user.first_name} (${user.language_code})`, String(user.id))));
  if (chosen) users.value = String(chosen);
  void watch();
}

find("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const written = text.value;
  if (!written) return;
  text.value = "";
  void act("text", { text: written });
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    find<HTMLFormElement>("write").requestSubmit();
  }
});
find("other").addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = find<HTMLSelectElement>("kind").value;
  void act(kind, { text: text.value || "hello", caption: text.value }).then(async () => {
    if (kind === "group") problem.textContent = await lastInGroup();
  });
  text.value = "";
});
find("block").addEventListener("click", (event) => {
  const blocked = (event.currentTarget as HTMLElement).getAttribute("aria-pressed") === "true";
  void act(blocked ? "unblock" : "block");
});
find("add-user").addEventListener("click", () => {
  const name = window.prompt("Their first name", "Dana");
  const language = name && window.prompt("The language of their phone", "en");
  if (!language) return;
  void post("/control/users", { first_name: name, language_code: language }).then((made) => listUsers(Number(made["id"])));
});
find("faults").addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = find<HTMLSelectElement>("fault").value;
  void post("/control/faults", {
    calls: kind ? [{ kind }] : [],
    duplicate: find<HTMLInputElement>("duplicate").checked ? 1 : 0,
    reorder: find<HTMLInputElement>("reorder").checked ? 0.2 : 0,
  });
});
users.addEventListener("change", () => void watch());

async function lastInGroup(): Promise<string> {
  await new Promise((done) => setTimeout(done, 1500));
  const chat = (await (await fetch(`/control/chat?chat=${GROUP}`)).json()) as Chat;
  const last = chat.messages[chat.messages.length - 1];
  return last?.from.is_bot ? `In the group the desk says: ${last.text ?? ""}` : "";
}

void listUsers();
