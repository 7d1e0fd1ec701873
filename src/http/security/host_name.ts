/** Host and port of a `Host` header or an origin; an IPv6 address is in brackets. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s:@/?#\\,[\]]+?)\.?(?::\d{1,5})?$/i;

/** The bare, lower-case name in a `Host` header, without its port; `undefined` if it has none. */
export function nameInHost(header: string): string | undefined {
  return HOST.exec(header)?.[1].toLowerCase();
}

/** Normalizes a name: brackets around IPv6, the canonical form of addresses. */
export function normalizeHostname(hostname: string): string {
  const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  if (/[/?#@\\]/.test(host)) return host; // not a name, however a URL would parse it
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, "");
  } catch {
    return hostname.toLowerCase();
  }
}

/** Whether a normalized name refers to this machine only. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a normalized name is an address. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether to listen on a normalized name is to listen on every address of the machine. */
export function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "[::]";
}
