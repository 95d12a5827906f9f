// The live queue: the server's rows, swapped in as they change.
import { html, nothing, render } from "lit";
import { alertStaff, isOn, turn } from "./alerts";
import { Live } from "./live";
import { swap } from "./partial";

class ConsoleQueue extends HTMLElement {
  private live?: Live;
  private newest = "";
  private isFollowing = false;
  private wasOffline = false;
  private trouble = "";
  private isEnded = false;
  private said = "";

  connectedCallback(): void {
    this.live = new Live(this.dataset.live!, { received: (parts) => this.received(parts), changed: (c) => this.connection(c) });
    this.live.start();
    this.offerAlerts();
  }

  disconnectedCallback(): void {
    this.live?.stop();
  }

  private received(parts: Record<string, unknown>): void {
    if (typeof parts.rows === "string") swap(this.querySelector("[data-rows]")!, parts.rows);
    if (typeof parts.waiting === "number") document.title = document.title.replace(/^(\(\d+\) )?/, parts.waiting ? `(${parts.waiting}) ` : "");
    if (typeof parts.newest === "string") this.lookAt(parts.newest);
  }

  private lookAt(newest: string): void {
    // What was waiting when the page was opened is not news.
    if (this.isFollowing && newest > this.newest) this.tell();
    if (newest > this.newest) this.newest = newest;
    this.isFollowing = true;
  }

  private tell(): void {
    // A live region speaks when its text changes, also when it is the same sentence again.
    this.show({ said: "" });
    requestAnimationFrame(() => this.show({ said: this.dataset.newRequest! }));
    alertStaff(this.dataset.newRequest!);
  }

  private connection(state: "online" | "offline" | "ended"): void {
    this.isEnded = state === "ended";
    if (state === "online") this.show({ trouble: "", said: this.wasOffline ? this.dataset.online! : "" });
    else this.show({ trouble: state === "offline" ? this.dataset.offline! : this.dataset.ended! });
    this.wasOffline = state !== "online";
  }

  private offerAlerts(): void {
    const box = this.querySelector<HTMLElement>("[data-alerts]");
    if (!box) return;
    box.hidden = false;
    for (const input of box.querySelectorAll<HTMLInputElement>("[data-alert]")) {
      const kind = input.dataset.alert as "sound" | "desktop";
      input.checked = isOn(kind);
      input.addEventListener("change", async () => {
        const wanted = input.checked;
        input.checked = await turn(kind, wanted);
        if (wanted && !input.checked) this.show({ trouble: this.dataset.blocked! });
      });
    }
  }

  private show(news: { trouble?: string; said?: string }): void {
    this.trouble = news.trouble ?? this.trouble;
    this.said = news.said ?? this.said;
    const link = this.isEnded ? html` <a href="/console/sign-in?next=/console/">${this.dataset.signIn}</a>` : nothing;
    const trouble = this.trouble ? html`<p class="trouble">${this.trouble}${link}</p>` : nothing;
    render(html`${trouble}<p class="unseen">${this.said}</p>`, this.querySelector<HTMLElement>("[data-news]")!);
  }
}

customElements.define("console-queue", ConsoleQueue);
