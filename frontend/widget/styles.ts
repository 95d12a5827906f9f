// The widget's look. Lit adopts it as a constructed style sheet, so a page that forbids inline styles can embed the widget.

import { css } from "lit";

export const styles = css`
:host {
  all: initial;
  --bg: #fff; --ink: #10202f; --muted: #475766; --soft: #eef2f6; --line: #c3ced8; --edge: #6b7a88;
  --accent: #0b4a7d; --accent-ink: #fff; --accent-soft: #e3eef8; --own: #d9e9f6;
  --head: #0b2f4f; --head-ink: #fff; --danger: #9b1c14; --danger-ink: #fff; --warn: #fff3dc; --warn-edge: #8a5a00;
  --focus: #0b4a7d;
  color: var(--ink); color-scheme: light dark;
  font: 400 max(1rem, 16px) / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :host {
    --bg: #10161d; --ink: #edf2f6; --muted: #b4c1cc; --soft: #1c2630; --line: #3a4855; --edge: #8796a4;
    --accent: #8fc7f7; --accent-ink: #06213a; --accent-soft: #17314a; --own: #1c4264;
    --head: #0a2238; --warn: #352a12; --warn-edge: #e0b25a; --focus: #8fc7f7;
  }
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
h2, p, ol, li { margin: 0; padding: 0; font: inherit; }
ol { list-style: none; }
button, select, textarea { font: inherit; color: inherit; }
button, a, select { touch-action: manipulation; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher {
  position: fixed; z-index: 2147483000; inset-block-end: 20px; inset-inline-end: 20px;
  display: flex; align-items: center; gap: 10px; min-height: 56px; padding: 0 22px;
  border: 2px solid #fff; border-radius: 28px; background: #0b4a7d; color: #fff; font-weight: 600;
  box-shadow: 0 4px 16px rgb(0 0 0 / 28%); cursor: pointer;
}
.launcher:hover { background: #093c66; }
.launcher svg { width: 24px; height: 24px; flex: none; }
.badge {
  min-width: 26px; padding: 0 7px; border-radius: 13px; background: #fff; color: #9b1c14; font-size: .875em; line-height: 26px;
  text-align: center;
}

.panel {
  display: flex; flex-direction: column; background: var(--bg); color: var(--ink); overflow: hidden;
  border: 1px solid var(--edge); border-radius: 14px;
}
.over {
  position: fixed; z-index: 2147483001; inset-block-end: 20px; inset-inline-end: 20px;
  width: min(420px, calc(100vw - 40px)); height: min(720px, calc(100dvh - 40px));
  box-shadow: 0 12px 40px rgb(0 0 0 / 32%);
}
.inline { width: 100%; height: 100%; min-height: 480px; }

.head { display: grid; grid-template-columns: 1fr auto; align-items: start; gap: 4px 8px; padding: 12px 10px 10px 18px;
  background: var(--head); color: var(--head-ink); --focus: #fff; }
h2 { font-size: 1.0625em; font-weight: 650; line-height: 1.3; padding-block-start: 4px; overflow-wrap: anywhere; }
h2:focus { outline: none; }
.speaker { font-size: .875em; line-height: 1.35; color: #d5e3ef; }
.tools { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px; }
.tools select, .exit { min-height: 44px; padding: 0 12px; border-radius: 8px; cursor: pointer; }
.tools select { border: 1px solid #9fb6c9; background: #0b2f4f; color: #fff; max-width: 100%; }
.exit { border: 1px solid #fff; background: #fff; color: #7d130c; font-weight: 650; }
.exit:hover { background: #fde8e6; }
.close { width: 44px; height: 44px; border: 0; border-radius: 8px; background: transparent; color: #fff; cursor: pointer; }
.close:hover { background: rgb(255 255 255 / 14%); }
.close svg { width: 22px; height: 22px; display: block; margin: auto; }

.strip { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 12px; padding: 4px 18px; background: var(--danger);
  color: var(--danger-ink); font-size: .875em; line-height: 1.35; --focus: #fff; }
.strip a { display: inline-flex; align-items: center; min-height: 44px; color: inherit; font-size: 1.0625rem; font-weight: 700; text-underline-offset: 3px; }
.strip span { flex: 1 1 8em; padding-block: 6px; }

.log { position: relative; flex: 1; min-height: 120px; overflow-y: auto; overscroll-behavior: contain; padding: 16px 18px 8px; }
.log:focus-visible { outline-offset: -3px; }
.log > ol { display: flex; flex-direction: column; gap: 16px; }
.message { display: flex; flex-direction: column; align-items: flex-start; max-width: 100%; }
.who { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; margin-block-end: 4px; font-size: .875em; font-weight: 600; }
.who time { color: var(--muted); font-weight: 400; }
.text { max-width: min(100%, 34em); padding: 10px 14px; border-radius: 4px 14px 14px; background: var(--soft); white-space: pre-wrap;
  overflow-wrap: anywhere; unicode-bidi: isolate; }
.text a, .note a { color: var(--accent); text-underline-offset: 2px; font-weight: 600; }
.resident { align-items: flex-end; }
.resident .text { border-radius: 14px 4px 14px 14px; background: var(--own); }
.staff .text { background: var(--bg); border: 2px solid var(--accent); }
.notice .text { background: var(--warn); border: 1px solid var(--warn-edge); }
.emergency .text { background: var(--bg); border: 3px solid #c4281e; font-weight: 600; }
.divider { align-self: stretch; display: flex; align-items: center; gap: 12px; margin-block: 4px 12px; color: var(--muted);
  font-size: .875em; font-weight: 600; text-align: center; }
.divider::before, .divider::after { content: ""; flex: 1 0 12px; border-block-start: 1px solid var(--edge); }
.quick { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px; }
.quick button, .plain { min-height: 44px; padding: 8px 16px; border: 1.5px solid var(--accent); border-radius: 22px; background: var(--bg);
  color: var(--accent); font-weight: 600; line-height: 1.3; text-align: start; cursor: pointer; }
.quick button:hover, .plain:hover { background: var(--accent-soft); }
.state { margin-block-start: 4px; font-size: .875em; color: var(--muted); }
.refused .text { border: 1px dashed var(--edge); }
.refused .state { color: inherit; font-weight: 600; }
.note { font-size: .875em; color: var(--muted); margin-block-start: 10px; max-width: 38em; }
.typing { display: flex; align-items: center; gap: 8px; min-height: 1.5em; margin-block-start: 12px; font-size: .875em; color: var(--muted); }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: currentcolor; animation: dot 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; }
.dots i:nth-child(3) { animation-delay: .4s; }
@keyframes dot { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }

.status { padding: 8px 18px; background: var(--accent-soft); font-size: .875em; }
.status:empty { display: none; }
form { display: grid; grid-template-columns: 1fr auto; gap: 10px; align-items: end; padding: 12px 18px 6px; border-block-start: 1px solid var(--line); }
textarea { width: 100%; min-height: 48px; max-height: 132px; padding: 11px 14px; border: 1.5px solid var(--edge); border-radius: 10px;
  background: var(--bg); resize: none; field-sizing: content; overflow-y: auto; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.send { min-height: 48px; padding: 0 20px; border: 0; border-radius: 10px; background: var(--accent); color: var(--accent-ink); font-weight: 650; cursor: pointer; }
.send:hover { filter: brightness(.92); }
.count { grid-column: 1 / -1; font-size: .875em; color: var(--muted); }
footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 12px; padding: 0 10px 8px; }
footer button { min-height: 44px; padding: 0 8px; font-size: .9375em; border: 0; border-radius: 8px; background: none; color: var(--accent); font-weight: 600;
  text-decoration: underline; text-underline-offset: 3px; cursor: pointer; }
footer button:hover { background: var(--accent-soft); }
.latest { position: absolute; inset-block-end: 8px; inset-inline: 0; margin-inline: auto; width: fit-content; }
.middle { position: relative; display: flex; flex-direction: column; flex: 1; min-height: 0; }

@media (max-width: 520px) {
  .over { inset: 0; width: 100vw; height: 100dvh; border: 0; border-radius: 0; }
  .launcher { inset-block-end: 14px; inset-inline-end: 14px; }
}
@media (max-height: 560px) {
  .over { inset-block: 0; height: 100dvh; border-radius: 0; }
  .strip span { display: none; }
  .strip a { min-height: 34px; }
  .tools { grid-column: auto; grid-row: 1; }
  .head { grid-template-columns: 1fr auto auto; padding-block: 6px; }
  .speaker { display: none; }
  .log { min-height: 80px; }
}
@media (prefers-reduced-motion: reduce) {
  .dots i { animation: none; opacity: .7; }
}
@media (forced-colors: active) {
  .text, .strip, .head, .send, .badge { border: 1px solid; }
}
`;
