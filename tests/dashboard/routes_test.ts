import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { createRouter } from "../../mod.ts";
import { createHttpApp, type HttpAppOptions } from "../../src/http/mod.ts";
import basicJobs from "../fixtures/basic_jobs.ts";

async function withApp(
  use: (
    get: (path: string, headers?: Record<string, string>) => Promise<Response>,
  ) => Promise<void>,
  options: HttpAppOptions = {},
) {
  const router = await createRouter({ jobs: basicJobs });
  const app = new Hono();
  app.route("/", createHttpApp(router, options));
  app.route("/below/helix", createHttpApp(router, options));
  app.get("/assets/own.txt", (c) => c.text("the app's own"));
  try {
    await use(async (path, headers = {}) => await app.request(path, { headers }));
  } finally {
    await router.close();
  }
}

/** Addresses of what a page loads. */
function filesOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url]) => url);
}

test("the page and all it loads are served, wherever the app is mounted", async () => {
  await withApp(async (get) => {
    for (const place of ["/", "/below/helix", "/below/helix/"]) {
      const response = await get(place);
      assert.equal(response.status, 200, place);
      assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
      const files = filesOf(await response.text());
      assert.equal(files.length, 3, "script, style and icon");
      for (const file of files) {
        const { pathname } = new URL(file, `http://localhost${place}`);
        const answer = await get(pathname);
        assert.equal(answer.status, 200, pathname);
        assert.match(
          answer.headers.get("content-type") ?? "",
          /^(text\/(javascript|css)|image\/svg)/,
        );
        assert.match(answer.headers.get("cache-control") ?? "", /immutable/);
        assert.ok((await answer.text()).length > 100);
      }
    }
  });
});

test("the page runs under a policy that lets in its own files only", async () => {
  await withApp(async (get) => {
    const response = await get("/");
    const policy = response.headers.get("content-security-policy") ?? "";
    for (
      const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'none'",
      ]
    ) assert.ok(policy.split("; ").includes(part), part);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    const html = await response.text();
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script[^>]*>[^<]/i, "nothing inline");
    assert.doesNotMatch(html, /https?:/, "nothing from elsewhere");
  });
});

test("what has not changed is not sent again", async () => {
  await withApp(async (get) => {
    const page = await get("/");
    const [script] = filesOf(await page.text()).filter((url) => url.endsWith(".js"));
    for (const path of ["/", `/${script}`]) {
      const etag = (await get(path)).headers.get("etag")!;
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const again = await get(path, { "if-none-match": known });
        assert.equal(again.status, 304, known);
        assert.equal(await again.text(), "");
        assert.equal(again.headers.get("etag"), etag);
      }
      assert.equal((await get(path, { "if-none-match": '"other"' })).status, 200);
    }
    const below = await get("/below/helix", {
      "if-none-match": page.headers.get("etag")!,
    });
    assert.equal(below.status, 200, "it refers to another folder");
  });
});

test("the routes take nothing that is not theirs", async () => {
  await withApp(async (get) => {
    assert.equal(await (await get("/assets/own.txt")).text(), "the app's own");
    for (const path of ["/assets/", "/assets/unknown.js", "/index.html", "/below/helix/x"]) {
      assert.equal((await get(path)).status, 404, path);
    }
  });
});

test("an address cannot put anything into the page", async () => {
  const router = await createRouter({ jobs: basicJobs });
  const app = new Hono();
  app.route("/:any", createHttpApp(router));
  for (const path of ['/"><script>alert(1)</script>', "/%22%3E%3Cscript%3E", "/a&b'c"]) {
    const response = await app.request(path);
    if (response.status !== 200) continue;
    const html = await response.text();
    assert.doesNotMatch(html, /<script>|&b/, path);
    assert.equal(filesOf(html).length, 3, path);
  }
  await router.close();
});

test("without the dashboard there is no page", async () => {
  await withApp(async (get) => {
    for (const path of ["/", "/below/helix", "/below/helix/"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get("/healthz")).status, 200);
  }, { dashboard: false });
});
