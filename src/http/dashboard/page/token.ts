const KEY = "helixrouter.token";

/** Where the token may come from and where it stays: a browser's window, or a part of it in a test. */
export interface TokenPlace {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string };
  readonly history: { replaceState(data: unknown, unused: string, url: string): void };
  readonly sessionStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
  };
}

/**
 * Takes the token out of the address (`#token=…`), where people would copy it along, into the
 * session's storage, where it lasts as long as the tab.
 *
 * @returns The token; `undefined` if none was ever given.
 */
export function takeToken(place: TokenPlace): string | undefined {
  const { location, history } = place;
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("token");
  if (given !== null) {
    fragment.delete("token");
    const rest = String(fragment);
    const hash = rest === "" ? "" : `#${rest}`;
    history.replaceState(null, "", location.pathname + location.search + hash);
    if (given !== "") keepToken(place, given);
  }
  return given || readToken(place);
}

/** Keeps a token for this tab. */
export function keepToken({ sessionStorage }: TokenPlace, token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Storage may be forbidden: the token then lasts until the page is loaded anew.
  }
}

function readToken({ sessionStorage }: TokenPlace): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
