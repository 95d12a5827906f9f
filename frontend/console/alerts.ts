// Sound and desktop notification for a new request: off until somebody turns them on, kept in this browser.
type Kind = "sound" | "desktop";
const KEY = "frontdesk-console-alert-";

export function isOn(kind: Kind): boolean {
  return read(kind) === "on";
}

export async function turn(kind: Kind, on: boolean): Promise<boolean> {
  if (kind === "desktop" && on && (!("Notification" in window) || (await Notification.requestPermission()) !== "granted")) on = false;
  if (kind === "sound" && on) beep();
  try {
    localStorage.setItem(KEY + kind, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing still alerts until the page is closed.
  }
  return on;
}

export function alertStaff(text: string): void {
  if (isOn("sound")) beep();
  // No resident's words: notifications show on locked screens.
  if (isOn("desktop") && Notification.permission === "granted") new Notification(text, { tag: "frontdesk-queue" });
}

function read(kind: Kind): string | null {
  try {
    return localStorage.getItem(KEY + kind);
  } catch {
    return null;
  }
}

function beep(): void {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const volume = context.createGain();
  volume.gain.setValueAtTime(0.2, context.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.4);
  tone.frequency.value = 660;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.4);
  tone.onended = () => void context.close();
}
