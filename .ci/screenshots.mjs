// Pictures for docs/, after `npm run build`: `node .ci/screenshots.mjs` takes those of the dashboard, with an address
// those of a server that runs already; with the word `pictures`, that of the example with pictures.
import { join } from "node:path";
import process from "node:process";
import { openWindow, startBrowser } from "../dist/tests/fixtures/chromium.js";
import { servePictures } from "../dist/tests/browser/served_page.js";
import { startCli } from "../dist/tests/cli/run_cli.js";
import { root } from "./steps.mjs";

const folder = process.env.SCREENSHOTS ?? join(root, "docs");
const pictures = [
  { name: "dashboard_light", colorScheme: "light", overload: true },
  { name: "dashboard_dark", colorScheme: "dark", overload: true },
  { name: "dashboard_phone", colorScheme: "light", width: 360, height: 800 },
];

async function take(url, { name, overload = false, ...window }) {
  const context = await openWindow(browser, window);
  const page = await context.newPage();
  await page.goto(url);
  const press = async (button) => {
    const found = page.getByRole("button", { name: button });
    if (await found.isVisible()) await found.click();
  };
  await page.locator("#connection[data-state=live]").waitFor();
  await page.selectOption("#span", "60");
  await page.locator("#feed").scrollIntoViewIfNeeded();
  await page.waitForTimeout(24_000);
  if (overload) {
    await press("Overload");
    await page.waitForTimeout(6_000);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1_100);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  if (overload) await press("Simulation");
  await context.close();
  console.log(`docs/${name}.png`);
}

/** The example, after both ways were tried. */
async function takePictures() {
  const server = await servePictures();
  const context = await openWindow(browser, { width: 1_080, height: 720, colorScheme: "light" });
  const page = await context.newPage();
  await page.goto(server.urlOf("plain", "index.html"));
  for (const id of ["direct", "router"]) {
    await page.locator(`#${id} button`).click();
    await page.locator(`#${id} button:not(:disabled)`).waitFor({ timeout: 120_000 });
  }
  await page.screenshot({ path: join(folder, "pictures.png") });
  await context.close();
  await server[Symbol.asyncDispose]();
  console.log("docs/pictures.png");
}

const browser = await startBrowser();
if (process.argv[2] === "pictures") {
  await takePictures();
  await browser.close();
  process.exit();
}

let url = process.argv[2];
let cli;
if (url === undefined) {
  cli = startCli(["serve", "--simulate", "--port", "0"]);
  await cli.shows("/#token=");
  url = cli.printed.stdout.match(/http:\S+#token=\S+/)[0];
}
for (const picture of pictures) await take(url, picture);
await browser.close();
cli?.kill("SIGINT");
await cli?.ended;
