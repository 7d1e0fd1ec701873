// Pictures of the dashboard for docs/: `node .ci/screenshots.mjs` after `npm run build`. With an address it
// takes them of a server that runs already.
import { join } from "node:path";
import process from "node:process";
import { openWindow, startBrowser } from "../dist/tests/fixtures/chromium.js";
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

let url = process.argv[2];
let cli;
if (url === undefined) {
  cli = startCli(["serve", "--simulate", "--port", "0"]);
  await cli.shows("/#token=");
  url = cli.printed.stdout.match(/http:\S+#token=\S+/)[0];
}
const browser = await startBrowser();
for (const picture of pictures) await take(url, picture);
await browser.close();
cli?.kill("SIGINT");
await cli?.ended;
