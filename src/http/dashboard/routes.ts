import type { Hono } from "hono";
import { answerBody, HEADERS } from "../answers/answer.ts";
import type { HttpSchema, Nothing } from "../api/endpoints.ts";
import type { Asset } from "./asset.ts";

/** The page loads its own script and style, and connects to its own server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  ...HEADERS,
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
};

/** Placeholder in the page for the path to its folder: it depends on where the app is mounted. */
const FOLDER = "%FOLDER%";

/**
 * Adds the dashboard: the page at `/`, what it loads below `/assets/`. Add it after all other
 * routes, as it handles what no other route has matched.
 *
 * The page's files are loaded on the first request. All its URLs are relative, so the app may be
 * mounted below any path with `route()`. Names of assets that are not the page's are left to the
 * routes that follow.
 *
 * @param app The app.
 * @param admit Throws for a request that is not allowed.
 */
export function dashboardRoutes(
  app: Hono<Nothing, HttpSchema>,
  admit: (request: Request) => void,
): void {
  app.get("/assets/:name", async (c, next) => {
    admit(c.req.raw);
    const { ASSETS } = await import("./assets.ts");
    const name = c.req.param("name");
    const asset = ASSETS.find((one) => one.name === name && name !== "");
    if (asset === undefined) return await next();
    return answer(c.req.raw, asset, asset.text, "public, max-age=31536000, immutable");
  });
  app.get("/", (c) => {
    admit(c.req.raw);
    return answerPage(c.req.raw);
  });
  // With a trailing slash, which "/" does not match once the app is mounted below a path.
  app.get("*", async (c, next) => {
    const mountedAt = c.req.routePath.replace(/\*$/, "");
    if (c.req.path !== mountedAt) return await next();
    admit(c.req.raw);
    return answerPage(c.req.raw);
  });
}

async function answerPage(request: Request): Promise<Response> {
  const { ASSETS } = await import("./assets.ts");
  const page = ASSETS.find(({ name }) => name === "")!;
  // Relative to /helix the folder is "helix/", relative to /helix/ it is "./".
  const last = new URL(request.url).pathname.split("/").at(-1)!;
  const folder = last === "" ? "./" : `./${last}/`;
  const etag = last === "" ? page.etag : page.etag.replace(/"$/, `-${last}"`);
  const text = page.text.replaceAll(FOLDER, folder.replace(/["&<>]/g, encodeURIComponent));
  return answer(request, { ...page, etag }, text, "no-cache");
}

function answer(request: Request, asset: Asset, text: string, cacheControl: string): Response {
  const headers = { ...PAGE_HEADERS, "cache-control": cacheControl, etag: asset.etag };
  const known = request.headers.get("if-none-match") ?? "";
  if (known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  return answerBody(text, asset.contentType, headers);
}
