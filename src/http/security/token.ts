const BYTES = 32;
const MAX_LENGTH = 512;

/** Creates a token: 32 random bytes in base64url, 43 characters. */
export function createToken(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Whether a configured token can be sent in a header: 1 to 512 visible ASCII characters. */
export function isToken(token: unknown): token is string {
  return typeof token === "string" && token.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(token);
}

/** The token in an `Authorization` header; `""` if there is none. */
export function tokenIn(authorization: string | null): string {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1] ?? "";
}

/**
 * Compares what was sent with a secret in a time that depends only on the length of what was sent:
 * it never stops at the first difference, and takes the same steps whatever the secret is.
 */
export function isSame(sent: string, secret: string): boolean {
  let difference = sent.length ^ secret.length;
  for (let i = 0; i < sent.length; i++) {
    difference |= sent.charCodeAt(i) ^ secret.charCodeAt(i % secret.length);
  }
  return difference === 0;
}
