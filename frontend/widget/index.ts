// One script tag: defines <frontdesk-chat> and, on a page that has none, adds one.

import { FrontdeskChat } from "./element.js";

if (!customElements.get("frontdesk-chat")) customElements.define("frontdesk-chat", FrontdeskChat);
if (!document.querySelector("frontdesk-chat")) document.body.append(document.createElement("frontdesk-chat"));
