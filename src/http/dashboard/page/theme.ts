/// <reference lib="dom" />
import { byId } from "./elements.ts";

const KEY = "helixrouter.theme";
const THEMES = ["system", "light", "dark"] as const;

type Theme = typeof THEMES[number];

/**
 * Lets the reader choose between light, dark and what the system has.
 *
 * @param changed Called when colours have changed: charts are drawn on canvases, which no style sheet
 * reaches.
 */
export function startTheme(changed: () => void): void {
  const select = byId("theme", HTMLSelectElement);
  const apply = (theme: Theme): void => {
    document.documentElement.dataset.theme = theme;
    select.value = theme;
    changed();
  };
  select.addEventListener("change", () => {
    const theme = THEMES.find((one) => one === select.value) ?? "system";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Storage may be forbidden: the choice then lasts until the page is loaded anew.
    }
    apply(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  apply(keptTheme());
}

function keptTheme(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "system";
  } catch {
    return "system";
  }
}

const probe = document.createElement("span");
probe.hidden = true;

/** A colour of the style sheet as a canvas takes it, in the theme of now. */
export function colourOf(name: string): string {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
