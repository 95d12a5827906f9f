// Waiting between attempts: longer each time, never in step with other browsers, and cut short when the network is back.

export class Backoff {
  private attempts = 0;
  private wake: (() => void) | null = null;

  constructor(private readonly first = 1000, private readonly most = 30_000) {}

  get hasFailed(): boolean { return this.attempts > 0; }

  reset(): void { this.attempts = 0; }

  /** Resolves after a while; `least` milliseconds at the least. */
  wait(least = 0): Promise<void> {
    const longest = Math.min(this.most, this.first * 2 ** this.attempts++);
    const time = Math.max(least, longest * (0.5 + Math.random() / 2));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  /** End the wait that is going on. */
  now(): void { this.wake?.(); }
}
