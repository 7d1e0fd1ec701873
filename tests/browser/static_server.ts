import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const POLICY = {
  "content-security-policy":
    "script-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types helix",
};

/** What a server may answer with. Each set has a folder of its own: `/isolated/page.html`. */
export const HEADER_SETS = {
  plain: {},
  isolated: ISOLATION,
  strict: { ...ISOLATION, ...POLICY },
  without_workers: { "content-security-policy": "worker-src 'none'" },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** The name of a set of headers. */
export type HeaderSet = keyof typeof HEADER_SETS;

/** Files whose names begin like this come without any of these headers. */
const BARE = "bare";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Reads a file of the site; gives `undefined` if there is none. */
export type ReadFile = (
  path: string,
) => Uint8Array | string | undefined | Promise<Uint8Array | string | undefined>;

/** A server of static files. */
export interface StaticServer extends AsyncDisposable {
  /** Address of a file, with a set of headers. */
  urlOf(headers: HeaderSet, path: string): string;
}

/** Serves the same files with each set of headers. */
export async function serveFiles(read: ReadFile): Promise<StaticServer> {
  const server = createServer(async (request, response) => {
    const [, set, path] = /^\/(\w+)\/([^?]*)/.exec(request.url ?? "") ?? [];
    const headers = HEADER_SETS[set as HeaderSet];
    const body = headers === undefined ? undefined : await read(path);
    const type = TYPES[extname(path ?? "")] ?? "application/octet-stream";
    const sent = path?.startsWith(BARE) ? {} : headers;
    response.writeHead(body === undefined ? 404 : 200, { "content-type": type, ...sent });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    // By name: only that is a place which browsers trust as they do HTTPS, and they keep such pages.
    urlOf: (headers, path) => `http://localhost:${port}/${headers}/${path}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
