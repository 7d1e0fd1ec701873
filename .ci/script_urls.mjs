// tsc rewrites ".ts" in imports only; a URL beside a module needs it, too.
const URL_OF_SOURCE = /(new URL\("\.{1,2}\/[^"]+)\.ts(", import\.meta\.url\))/g;

/** The text of a script whose URLs of sources name the scripts that are made of them. */
export function withScriptUrls(text) {
  return text.replace(URL_OF_SOURCE, "$1.js$2");
}
