// The live queue: the server's rows, swapped in as they change.
import { LitElement, css, html, nothing } from "lit";
import { alertStaff, isOn, turn } from "./alerts";
import { Live } from "./live";
import { swap } from "./partial";

class ConsoleQueue extends LitElement {
  static override properties = { status: { state: true }, news: { state: true } };
  static override styles = css`
    :host { display: block; }
    p { margin: 0 0 0.75rem; padding: 0.5rem 0.75rem; border-inline-start: 4px solid; }
    p:empty, .news { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); padding: 0; border: 0; }
    a { color: inherit; }
  `;

  declare status: string;
  declare news: string;
  private live?: Live;
  private newest = "";
  private isFollowing = false;
  private wasOffline = false;

  constructor() {
    super();
    this.status = "";
    this.news = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.live = new Live(this.dataset.live!, { received: (parts) => this.received(parts), changed: (c) => this.connection(c) });
    this.live.start();
    this.offerAlerts();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
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
    this.news = "";
    // A live region speaks when its text changes, also when it is the same sentence again.
    requestAnimationFrame(() => (this.news = this.dataset.newRequest!));
    alertStaff(this.dataset.newRequest!);
  }

  private connection(state: "online" | "offline" | "ended"): void {
    if (state === "online") this.status = this.wasOffline ? this.dataset.online! : "";
    else this.status = state === "offline" ? this.dataset.offline! : this.dataset.ended!;
    this.wasOffline = state !== "online";
    this.toggleAttribute("ended", state === "ended");
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
        if (wanted && !input.checked) this.status = this.dataset.blocked!;
      });
    }
  }

  override render() {
    const ended = this.hasAttribute("ended");
    return html`<p role="status" part="status">${this.status}${ended ? html` <a href="/console/sign-in?next=/console/">${this.dataset.signIn}</a>` : nothing}</p>
      <span class="news" role="status">${this.news}</span><slot></slot>`;
  }
}

customElements.define("console-queue", ConsoleQueue);
