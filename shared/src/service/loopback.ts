/** Whether a URL leads to this machine: then no proxy of the environment may stand between. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
