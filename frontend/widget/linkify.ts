// Addresses and telephone numbers in a message become links; everything else stays text. Nothing is ever parsed as HTML:
// the parts returned here are set as text, and an address counts only when it is plain https.

export interface Part {
  text: string;
  href?: string;
}

const FOUND = /https:\/\/[^\s<>"'()[\]{}]+|(?<![\w-])(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])?\d{3}[.-]\d{4}(?![\w-])/g;

/** `numbers` are short numbers that are worth a tap: 911, 988. */
export function partsOf(text: string, numbers: readonly string[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern(numbers))) {
    const found = match[0].startsWith("https:") ? match[0].replace(/[.,;:!?…]+$/, "") : match[0];
    const href = found.startsWith("https:") ? safeAddress(found) : `tel:${found.replace(/[^\d+]/g, "")}`;
    if (!href) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: found, href });
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

function pattern(numbers: readonly string[]): RegExp {
  const short = numbers.filter((number) => /^\d{2,6}$/.test(number));
  return short.length ? new RegExp(`${FOUND.source}|(?<![\\w.,$-])(?:${short.join("|")})(?![\\w-]|[.,]\\d)`, "g") : FOUND;
}

/** No name before an @ and no look-alike letters in the host: both serve to make one site look like another. */
function safeAddress(text: string): string | null {
  const authority = /^https:\/\/([^/?#]*)/.exec(text)?.[1] ?? "";
  if (!/^[a-z0-9.-]+(:\d+)?$/i.test(authority) || /(^|\.)xn--/i.test(authority)) return null;
  try { new URL(text); return text; } catch { return null; }
}
